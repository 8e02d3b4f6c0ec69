using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Reflection;

namespace Tenancy.Model;

/// <summary>
/// What a run tells to OpenTelemetry, or to any listener of <see cref="ActivitySource"/> and <see cref="Meter"/>: a span for the run, for each tenant and revision, and how many ended how.
/// <c>docs/telemetry.md</c> has the names. Nothing is made, or even looked at, while nobody listens. Here and not in the engine, whose load context may have a diagnostics library of its own
/// that no listener of the process knows. What a listener throws is its own affair: no tenant fails for it.
/// </summary>
internal static class Telemetry
{
    /// <summary>The name of the source of spans, and of the meter.</summary>
    public const string Name = "TenancyMigrate";

    private static readonly string? Version = typeof(Telemetry).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion;
    private static readonly ActivitySource Source = new(Name, Version);
    private static readonly Meter Meter = new(Name, Version);
    private static readonly Counter<long> Tenants = Meter.CreateCounter<long>("tenancy.tenants", "{tenant}", "Tenants, and shared schemas, that a run has ended with.");
    private static readonly Histogram<double> TenantDuration = Meter.CreateHistogram<double>("tenancy.tenant.duration", "s", "How long the work on one tenant took.");
    private static readonly Histogram<double> RevisionDuration = Meter.CreateHistogram<double>("tenancy.revision.duration", "s", "How long the transaction of a revision took, or of one stage of it.");
    private static readonly Counter<long> Retries = Meter.CreateCounter<long>("tenancy.retries", "{retry}", "Times that work on a tenant was tried again.");

    /// <summary>True where somebody listens to spans.</summary>
    public static bool IsTraced => Source.HasListeners();

    /// <summary>Starts the span of a run; what the run starts from here on is under it.</summary>
    /// <param name="id">The run.</param>
    /// <param name="direction"><c>up</c> or <c>down</c>.</param>
    /// <param name="target">Where to, as the user said it.</param>
    /// <param name="count">How many tenants.</param>
    public static TelemetrySpan StartRun(Guid id, string direction, string target, int count)
    {
        if (Start("tenancy.run", ActivityKind.Internal) is not { } activity)
        {
            return default;
        }

        activity.SetTag("tenancy.run.id", id.ToString()).SetTag("tenancy.direction", direction).SetTag("tenancy.target", target).SetTag("tenancy.tenant.count", count);
        return new(activity);
    }

    /// <summary>Starts the span of a tenant, or of a shared schema.</summary>
    /// <param name="target">The tenant.</param>
    public static TelemetrySpan StartTenant(in TelemetryTarget target) => Start("tenancy.tenant", ActivityKind.Client) is { } activity ? new(Describe(activity, target)) : default;

    /// <summary>Tells of a tenant whose work is over: one of a transaction of many.</summary>
    /// <param name="run">The run.</param>
    /// <param name="target">The tenant.</param>
    /// <param name="result">How it ended.</param>
    public static void TellTenant(in TelemetrySpan run, in TelemetryTarget target, MigrationResult result)
    {
        if (Start("tenancy.tenant", ActivityKind.Client, run.Context, result.Started) is { } activity)
        {
            activity.SetEndTime(result.Started.AddSeconds(result.Seconds));
            using var span = new TelemetrySpan(Describe(activity, target));
            span.End(result);
        }
    }

    /// <summary>Tells of a revision whose transaction is over, or of one stage of it.</summary>
    /// <param name="target">The tenant.</param>
    /// <param name="revision">The revision.</param>
    /// <param name="direction"><c>up</c>, <c>down</c>, or <c>hook</c>.</param>
    /// <param name="stage">The stage, from 1; null where it has only one.</param>
    /// <param name="seconds">How long it took.</param>
    /// <param name="ended">When it ended, UTC.</param>
    /// <param name="isFailed">True where it failed.</param>
    public static void TellRevision(in TelemetryTarget target, string revision, string direction, int? stage, double seconds, DateTime ended, bool isFailed)
    {
        if (RevisionDuration.Enabled)
        {
            Record(RevisionDuration, seconds, new TagList { { "tenancy.revision", revision }, { "tenancy.direction", direction }, { "tenancy.outcome", isFailed ? "failed" : "done" } });
        }

        if (!IsTraced)
        {
            return;
        }

        if (Start("tenancy.revision", ActivityKind.Client, Activity.Current?.Context ?? default, ended.AddSeconds(-seconds)) is { } activity)
        {
            Describe(activity, target).SetTag("tenancy.revision", revision).SetTag("tenancy.direction", direction).SetTag("tenancy.stage", stage).SetEndTime(ended);
            activity.SetStatus(isFailed ? ActivityStatusCode.Error : ActivityStatusCode.Unset);
            new TelemetrySpan(activity).Dispose();
        }
    }

    /// <summary>Counts a result.</summary>
    /// <param name="result">The result.</param>
    public static void Count(MigrationResult result)
    {
        if (!Tenants.Enabled && !TenantDuration.Enabled)
        {
            return;
        }

        TagList tags = new() { { "tenancy.status", result.Status }, { "tenancy.direction", result.Direction }, { "tenancy.scope", result.Scope } };
        Record(TenantDuration, result.Seconds, tags);
        if (result.Failure is { } failure)
        {
            tags.Add("error.type", failure.ErrorId);
        }

        Add(Tenants, tags);
    }

    /// <summary>Counts that work on a tenant is tried again.</summary>
    /// <param name="reason">Why: a SQLSTATE, or an error id.</param>
    public static void CountRetry(string reason)
    {
        if (Retries.Enabled)
        {
            Add(Retries, new TagList { { "error.type", reason } });
        }
    }

    private static Activity? Start(string name, ActivityKind kind, ActivityContext parent = default, DateTimeOffset start = default)
    {
        var before = Activity.Current;
        try
        {
            return Source.StartActivity(name, kind, parent, startTime: start);
        }
        catch (Exception)
        {
            Activity.Current = before;
            return null;
        }
    }

    private static void Record(Histogram<double> histogram, double value, in TagList tags)
    {
        try
        {
            histogram.Record(value, tags);
        }
        catch (Exception)
        {
            // The listener's.
        }
    }

    private static void Add(Counter<long> counter, in TagList tags)
    {
        try
        {
            counter.Add(1, tags);
        }
        catch (Exception)
        {
            // The listener's.
        }
    }

    // Attributes of OpenTelemetry's conventions for PostgreSQL where there are some; the namespace there is database and schema.
    private static Activity Describe(Activity activity, in TelemetryTarget target) => activity
        .SetTag("db.system.name", "postgresql")
        .SetTag("db.namespace", $"{target.Database}.{target.Schema}")
        .SetTag("server.address", target.Host)
        .SetTag("server.port", target.Port)
        .SetTag("tenancy.scope", target.Scope)
        .SetTag("tenancy.tenant", target.Name);
}

/// <summary>The schema that a span is about.</summary>
/// <param name="Name">The tenant's name.</param>
/// <param name="Schema">Its schema.</param>
/// <param name="Scope"><c>tenant</c> or <c>shared</c>.</param>
/// <param name="Database">Its database.</param>
/// <param name="Host">The server's host, or the folder of its socket.</param>
/// <param name="Port">The server's port.</param>
internal readonly record struct TelemetryTarget(string Name, string Schema, string Scope, string Database, string Host, int Port);
