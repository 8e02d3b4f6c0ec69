using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Tenancy.Core.Planning;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Execution;

/// <summary>What a run tells listeners, under the names of <c>docs/telemetry.md</c>.</summary>
public sealed class TelemetryTests
{
    private const string Secret = "s3cr3t-of-the-telemetry-tests";

    // One of two tenants fails, with a secret in its statement.
    private const string Manifest = """
        revision: aaaa0001
        arguments: {key: {type: text, secret: true}}
        up:
          - create_table: {name: thing, columns: [{name: id, type: text}]}
          - sql: INSERT INTO thing VALUES (${x.key})
            undo: DELETE FROM thing
          - sql: SELECT (id || current_schema())::integer FROM thing WHERE current_schema() LIKE '%bad'
            undo: SELECT 1
        """;

    [Theory]
    [InlineData(TransactionMode.PerRevision)]
    [InlineData(TransactionMode.AllTenants)]
    public async Task A_run_its_tenants_and_their_revisions_are_spans(TransactionMode mode)
    {
        var request = Request() with { Transaction = mode };
        using var spans = new Spans(request.RunId);
        var results = await RunAsync(request);

        var run = Assert.Single(spans.Of("tenancy.run"));
        Assert.Equal((ActivityStatusCode.Error, mode == TransactionMode.AllTenants ? 2 : 1), (run.Status, run.GetTagItem("tenancy.failed.count")));
        var tenants = spans.Of("tenancy.tenant").ToDictionary(static span => (string)span.GetTagItem("tenancy.tenant")!);
        Assert.All(tenants.Values, span => Assert.Equal(run.SpanId, span.ParentSpanId));
        Assert.Equal(results.Select(static result => result.Name).Order(), tenants.Keys.Order());
        foreach (var result in results)
        {
            var span = tenants[result.Name];
            Assert.Equal(result.Status, span.GetTagItem("tenancy.status"));
            Assert.Equal(result.Failure?.ErrorId, span.GetTagItem("error.type"));
            Assert.Equal(result.Failure?.SqlState, span.GetTagItem("db.response.status_code"));
            Assert.Equal(result.Failure is null ? ActivityStatusCode.Unset : ActivityStatusCode.Error, span.Status);
            Assert.Equal("postgresql", span.GetTagItem("db.system.name"));
            Assert.Equal($"{result.Database}.{result.Schema}", span.GetTagItem("db.namespace"));
            Assert.Equal(result.Server, $"{span.GetTagItem("server.address")}:{span.GetTagItem("server.port")}");
        }

        Assert.Contains(spans.Of("tenancy.revision"), static span => (string?)span.GetTagItem("tenancy.revision") == "aaaa0001" && span.Status == ActivityStatusCode.Error);
        if (mode == TransactionMode.PerRevision)
        {
            var revision = Assert.Single(spans.Of("tenancy.revision"), static span => span.Status != ActivityStatusCode.Error);
            Assert.Equal(tenants["good"].SpanId, revision.ParentSpanId);
        }

        var told = string.Join('\n', spans.All.SelectMany(static span => span.TagObjects.Select(static tag => $"{tag.Key}={tag.Value}").Append(span.StatusDescription)));
        Assert.DoesNotContain(Secret, told, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Results_and_durations_are_metrics()
    {
        ConcurrentQueue<(string Name, string Tags)> measured = [];
        using var listener = new MeterListener
        {
            InstrumentPublished = static (instrument, listener) =>
            {
                if (instrument.Meter.Name == "TenancyMigrate")
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, _, tags, _) => measured.Enqueue((instrument.Name, Write(tags))));
        listener.SetMeasurementEventCallback<double>((instrument, _, tags, _) => measured.Enqueue((instrument.Name, Write(tags))));
        listener.Start();

        await RunAsync(Request());

        Assert.Contains(("tenancy.tenants", "tenancy.status=Migrated tenancy.direction=up tenancy.scope=tenant"), measured);
        Assert.Contains(measured, static one => one.Name == "tenancy.tenants" && one.Tags.Contains("tenancy.status=Failed", StringComparison.Ordinal) && one.Tags.Contains("error.type=", StringComparison.Ordinal));
        Assert.Contains(("tenancy.tenant.duration", "tenancy.status=Migrated tenancy.direction=up tenancy.scope=tenant"), measured);
        Assert.Contains(("tenancy.revision.duration", "tenancy.revision=aaaa0001 tenancy.direction=up tenancy.outcome=done"), measured);
        Assert.Contains(("tenancy.revision.duration", "tenancy.revision=aaaa0001 tenancy.direction=up tenancy.outcome=failed"), measured);
        Assert.DoesNotContain(measured, static one => one.Tags.Contains(Secret, StringComparison.Ordinal));
    }

    [Fact]
    public void Nothing_is_made_while_nobody_listens()
    {
        // The only listeners of this process are those of the tests above, which do not run meanwhile.
        var result = new MigrationResult { Status = MigrationStatus.Migrated };
        var target = new TelemetryTarget("t1", "t1", "tenant", "app", "localhost", 5432);
        Tell();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var number = 0; number < 1000; number++)
        {
            Tell();
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Tell()
        {
            using var run = Telemetry.StartRun(Guid.Empty, "up", "head", 1);
            using var span = Telemetry.StartTenant(target);
            Telemetry.TellRevision(target, "aaaa0001", "up", null, 0.1, DateTime.UtcNow, isFailed: false);
            Telemetry.CountRetry("55P03");
            Telemetry.Count(result);
            span.End(result);
            run.End(0);
        }
    }

    [Fact]
    public async Task A_listener_that_throws_ends_nothing()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE SCHEMA t1; CREATE SCHEMA t2");
        using var project = new FleetProject(database).With("1", "revision: eeee0001\nup: [{create_table: {name: thing, columns: [{name: id, type: text}]}}]");
        using var own = new Activity("a test").Start();
        var heard = 0;
        using var listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == "TenancyMigrate",
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = Throw,
        };
        ActivitySource.AddActivityListener(listener);
        using var meters = new MeterListener { InstrumentPublished = static (instrument, listener) => Listen(instrument, listener) };
        meters.SetMeasurementEventCallback<double>((_, _, tags, _) =>
        {
            // Other tests run at the same time.
            if (tags.ToArray().Any(static tag => (string?)tag.Value == "eeee0001"))
            {
                Interlocked.Increment(ref heard);
                throw new InvalidOperationException("a listener's own affair");
            }
        });
        meters.Start();

        Outcome.AssertMigrated(await project.MigrateAsync(FleetProject.Tenants("t1", "t2")));

        Assert.Equal(7, heard);
        Assert.Same(own, Activity.Current);

        void Throw(Activity span)
        {
            if (span.TraceId == own.TraceId && span != own)
            {
                Interlocked.Increment(ref heard);
                throw new InvalidOperationException("a listener's own affair");
            }
        }

        static void Listen(Instrument instrument, MeterListener listener)
        {
            if (instrument.Meter.Name == "TenancyMigrate")
            {
                listener.EnableMeasurementEvents(instrument);
            }
        }
    }

    private static MigrationRequest Request() => new() { Arguments = new Dictionary<string, string> { ["key"] = Secret } };

    private static async Task<List<MigrationResult>> RunAsync(MigrationRequest request)
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE SCHEMA good; CREATE SCHEMA bad");
        using var project = new FleetProject(database).With("1", Manifest);
        var results = await project.MigrateAsync(FleetProject.Tenants("good", "bad"), request);
        Assert.Contains(results, static result => result.Failure is not null);
        return results;
    }

    private static string Write(ReadOnlySpan<KeyValuePair<string, object?>> tags) => string.Join(' ', tags.ToArray().Select(static tag => $"{tag.Key}={tag.Value}"));

    // Other tests run at the same time: only the spans of one run.
    private sealed class Spans : IDisposable
    {
        private readonly ConcurrentQueue<Activity> stopped = [];
        private readonly ActivityListener listener;
        private readonly string run;

        public Spans(Guid run)
        {
            this.run = run.ToString();
            listener = new ActivityListener
            {
                ShouldListenTo = static source => source.Name == "TenancyMigrate",
                Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
                ActivityStopped = stopped.Enqueue,
            };
            ActivitySource.AddActivityListener(listener);
        }

        public List<Activity> All
        {
            get
            {
                var trace = stopped.First(span => (string?)span.GetTagItem("tenancy.run.id") == run).TraceId;
                return [.. stopped.Where(span => span.TraceId == trace)];
            }
        }

        public List<Activity> Of(string name) => All.FindAll(span => span.OperationName == name);

        public void Dispose() => listener.Dispose();
    }
}
