using System.Collections.Concurrent;
using Tenancy.Core.Execution;
using Tenancy.Core.Execution.Servers;
using Tenancy.Core.Execution.Waiting;
using Xunit;

namespace Tenancy.Core.Tests.Execution;

/// <summary>Work on many items at once, some of which wait.</summary>
public sealed class ParallelWorkTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public async Task Who_waits_comes_back_behind_all_others(int limit)
    {
        var results = await ParallelWork.RunAsync(
            Enumerable.Range(0, 200),
            limit,
            static async (item, turn, token) =>
            {
                if (item % 50 == 0)
                {
                    await turn.PauseAsync(TimeSpan.Zero, token);
                }

                return item;
            },
            CancellationToken.None).ToListAsync();

        Assert.Equal(Enumerable.Range(0, 200), results.Order());
        Assert.Equal([0, 50, 100, 150], (limit == 1 ? results[^4..] : [.. results[^7..].Where(static item => item % 50 == 0)]).Order());
        if (limit == 1)
        {
            Assert.Equal(Enumerable.Range(0, 200).Where(static item => item % 50 != 0), results[..^4]);
        }
    }

    [Fact]
    public async Task What_has_a_result_when_the_others_are_cancelled_gives_it()
    {
        using var stop = new CancellationTokenSource();
        var cancelled = new TaskCompletionSource();
        List<int> results = [];

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var result in ParallelWork.RunAsync([1, 2], 2, WorkAsync, stop.Token))
            {
                results.Add(result);
            }
        });

        Assert.Equal([1, 2], results.Order());

        async Task<int> WorkAsync(int item, Turn turn, CancellationToken token)
        {
            if (item == 1)
            {
                await stop.CancelAsync();
                cancelled.SetResult();
            }

            // As a COMMIT, which nothing cancels.
            await cancelled.Task;
            return item;
        }
    }

    [Fact]
    public async Task Who_stops_taking_results_is_not_waited_for_by_those_that_give_them()
    {
        await foreach (var _ in ParallelWork.RunAsync(Enumerable.Range(0, 100), 4, static (item, _, _) => Task.FromResult(item), CancellationToken.None))
        {
            break;
        }
    }

    [Fact]
    public async Task Never_more_than_the_limit_are_at_work()
    {
        var (now, most, left) = (0, 0, new ConcurrentBag<int>());
        await ParallelWork.RunAsync(
            Enumerable.Range(0, 5000),
            4,
            async (item, turn, token) =>
            {
                for (var again = 0; again < 3; again++)
                {
                    Interlocked.Increment(ref now);
                    var seen = now;
                    InterlockedMax(ref most, seen);
                    await Task.Yield();
                    Interlocked.Decrement(ref now);
                    await turn.PauseAsync(TimeSpan.Zero, token);
                }

                left.Add(item);
                return item;
            },
            CancellationToken.None).ToListAsync();

        Assert.Equal(5000, left.Count);
        Assert.InRange(most, 1, 4);
    }

    [Fact]
    public async Task Those_that_wait_are_cancelled_too()
    {
        using var stop = new CancellationTokenSource();
        var waiting = 0;
        var run = ParallelWork.RunAsync(
            Enumerable.Range(0, 50),
            2,
            async (item, turn, token) =>
            {
                if (Interlocked.Increment(ref waiting) == 50)
                {
                    await stop.CancelAsync();
                }

                await turn.PauseAsync(TimeSpan.FromHours(1), token);
                return item;
            },
            stop.Token).ToListAsync(CancellationToken.None);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await run);
        Assert.Equal(50, waiting);
    }

    [Fact]
    public async Task An_error_ends_the_others_and_is_thrown()
    {
        var run = ParallelWork.RunAsync(
            Enumerable.Range(0, 50),
            2,
            static async (item, turn, token) =>
            {
                if (item == 10)
                {
                    throw new InvalidDataException("of item 10");
                }

                await turn.PauseAsync(TimeSpan.FromMilliseconds(item < 10 ? 3600_000 : 0), token);
                return item;
            },
            CancellationToken.None).ToListAsync();

        await Assert.ThrowsAsync<InvalidDataException>(async () => await run);
    }

    private static void InterlockedMax(ref int most, int seen)
    {
        for (var known = Volatile.Read(ref most); seen > known; known = Volatile.Read(ref most))
        {
            Interlocked.CompareExchange(ref most, seen, known);
        }
    }
}
