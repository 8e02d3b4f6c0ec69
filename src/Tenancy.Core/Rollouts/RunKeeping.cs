using Tenancy.Core.Execution;
using Tenancy.Core.Policies;
using Tenancy.Core.Tenants;
using Tenancy.Model;

namespace Tenancy.Core.Rollouts;

/// <summary>Lets everything start, but keeps the run before its first work does, in the database of that work: so a run that has nothing to do leaves nothing behind.</summary>
/// <param name="store">Where to keep it.</param>
/// <param name="document">What to keep.</param>
/// <param name="log">Told where it cannot be kept.</param>
internal sealed class RunKeeping(Func<DatabaseAddress, RunStore> store, Func<DatabaseAddress, RunDocument> document, IRunLog log) : IStartCondition
{
    private readonly object access = new();
    private Task? kept;

    /// <inheritdoc/>
    public async ValueTask<StartRefusal?> AskAsync(StartQuestion work, CancellationToken cancellation)
    {
        if (work.Plan is not null)
        {
            Task task;
            lock (access)
            {
                task = kept ??= KeepAsync(work.Target.Address);
            }

            await task.WaitAsync(cancellation);
        }

        return null;
    }

    // Shared by all who ask, so nobody's cancellation ends it.
    private async Task KeepAsync(DatabaseAddress home)
    {
        try
        {
            await store(home).KeepAsync(document(home), CancellationToken.None);
        }
        catch (TenancyException error)
        {
            log.Warn($"The run is not kept, so -Resume will not find it: {error.Message}");
        }
    }
}
