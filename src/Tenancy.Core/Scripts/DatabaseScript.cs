using System.Collections.Immutable;
using System.Globalization;
using Tenancy.Core.Execution;
using Tenancy.Core.History;
using Tenancy.Core.Manifests;
using Tenancy.Core.Planning;
using Tenancy.Core.Revisions;
using Tenancy.Core.Sql;
using Tenancy.Core.Tenants;
using Tenancy.Model;

namespace Tenancy.Core.Scripts;

/// <summary>Writes the script for one database: what a run would do there, from the run's own plans and commands.</summary>
internal sealed class DatabaseScript
{
    private readonly TenancyProject project;
    private readonly RevisionGraph graph;
    private readonly ScriptRequest request;
    private readonly StartingStates start;
    private readonly DatabaseConnector connector;
    private readonly Dictionary<string, string> standIns = new(StringComparer.Ordinal);

    /// <summary>A writer for one database.</summary>
    public DatabaseScript(TenancyProject project, RevisionGraph graph, DatabaseConnector connector, ScriptRequest request, StartingStates start)
    {
        this.project = project;
        this.graph = graph;
        this.connector = connector;
        this.request = request;
        this.start = start;
    }

    /// <summary>The text that stands in for each tenant of a loop. Random, so that it is found nowhere else.</summary>
    public static SchemaTarget MakeStandIn(DatabaseAddress address)
    {
        var name = $"tenant_{Guid.NewGuid():N}";
        return new(MigrationScope.Tenant, name, name, address, []);
    }

    /// <summary>Writes the script.</summary>
    /// <exception cref="TenancyException">It cannot be planned, an argument is missing, or a script cannot hold it (<c>NotForScript</c>, <c>NotForLoop</c>).</exception>
    public MigrationScript Write()
    {
        if (request.Migration.Transaction == TransactionMode.AllTenants)
        {
            throw new TenancyException(
                "NotForScript",
                "A script cannot have all tenants in one transaction: it cannot measure the locks before, nor tell one tenant's changes from another's.",
                "Write it for PerRevision or PerTenant, or migrate with Invoke-TenantMigration -Transaction AllTenants.");
        }

        var rounds = new ScriptRounds(project, graph, request.Migration, start);
        rounds.Plan();
        if (request.SchemaPattern is not null && rounds.Errors is [var (_, error), ..])
        {
            throw error;
        }

        if (rounds.Parts.SelectMany(static part => part.Plan.Transactions).SelectMany(static transaction => transaction.Stages).FirstOrDefault(static stage => stage.Batch is not null) is { } batched)
        {
            throw new TenancyException(
                "NotForScript",
                $"Revision {batched.Revision.Manifest.Revision} ({batched.Revision.Manifest.Path}) commits in batches as it goes ({batched.Description}), which a script cannot.",
                "Write the script up to the revision before it (-To), and migrate with Invoke-TenantMigration.");
        }

        var manifests = rounds.Parts.SelectMany(static part => part.Plan.Revisions).Select(static step => step.Manifest).Distinct().ToList();
        var secrets = ArgumentBinder.SecretNames(manifests);
        var context = MakeContext(manifests, secrets);
        List<(string Name, string Text)> bodies = [];
        if (manifests.Count > 0)
        {
            var text = new ScriptBuilder();
            new HistoryScript(context, text).Write(manifests, context.Arguments.Where(argument => !secrets.Contains(argument.Key)));
            bodies.Add(("history", text.ToString()));
        }

        AddHook("00-run-before", project.Hooks.BeforeRun, start.Shared.State);
        bodies.AddRange(rounds.Parts.Select(part => (string.Create(CultureInfo.InvariantCulture, $"{part.Round:00}-{part.Target.Name}"), Write(context, part))));
        AddHook("99-run-after", project.Hooks.AfterRun, start.Shared.State);
        var header = new ScriptHeader(project, request, context.Request.RunId, [.. standIns.Keys.Order(StringComparer.Ordinal)]);
        var names = new ScriptFileNames();
        return new(
            start.Shared.Target.Address,
            Check(header.Write(start.Shared.Target.Address) + string.Concat(bodies.Select(static body => body.Text))),
            [.. bodies.Select(body => new ScriptFile(names.Make(body.Name == "history" ? "00-history" : body.Name), header.Write(start.Shared.Target.Address) + body.Text))],
            [.. rounds.Errors.Select(static failed => new TenantFinding(new() { Name = failed.Target.Name, Schema = failed.Target.Schema }, failed.Error))]);

        // Around a run that has something to do.
        void AddHook(string name, Manifest? hook, SchemaState state)
        {
            if (hook is not null && manifests.Count > 0)
            {
                var text = new ScriptBuilder();
                new SchemaScript(context, start.Shared.Target, planner: null, text, MakeCommands(context, start.Shared.Target)).WriteHook(Hooks.Plan(hook, project.Timeouts), state, locks: false);
                bodies.Add((name, text.ToString()));
            }
        }
    }

    private RunContext MakeContext(List<Manifest> manifests, HashSet<string> secrets)
    {
        var given = request.Migration.Arguments;
        var bound = manifests;
        if (!request.IncludesSecrets)
        {
            // psql has their values; what is given here is not needed.
            bound = [.. manifests.Select(static manifest => manifest with { Arguments = [.. manifest.Arguments.Where(static argument => !argument.IsSecret)] })];
            given = given.Where(argument => !secrets.Contains(argument.Key)).ToDictionary(StringComparer.Ordinal);
        }

        var arguments = ArgumentBinder.Bind(bound, graph.All.Select(static node => node.Manifest), given);
        foreach (var secret in request.IncludesSecrets ? [] : secrets)
        {
            standIns[secret] = arguments[secret] = $"secret_{Guid.NewGuid():N}";
        }

        return new()
        {
            Project = project,
            Request = request.Migration,
            Arguments = arguments,
            Secrets = [],
            History = new(project.HistorySchema),
            Connector = connector,
            Log = new SilentLog(),
            ExtensionSchemas = start.ExtensionSchemas,
        };
    }

    private string Write(RunContext context, ScriptPart part)
    {
        var text = new ScriptBuilder();
        if (request.SchemaPattern is not null && part.Target.Scope == MigrationScope.Tenant)
        {
            var pattern = new NamePattern(request.SchemaPattern, ignoreCase: false);
            new LoopScript(context, part.Target, pattern, text, MakeCommands(context, part.Target, part.Target.Schema)).Write(part, pattern.Text);
        }
        else
        {
            new SchemaScript(context, part.Target, part.Planner, text, MakeCommands(context, part.Target)).Write(part.Plan, part.State);
        }

        return text.ToString();
    }

    private CommandScript MakeCommands(RunContext context, SchemaTarget target, string? standIn = null) =>
        new(target.Values(project, context.Arguments), standIns.Keys.ToHashSet(StringComparer.Ordinal), standIn);

    // Where a value is not written by the template of a statement, nothing puts it there when the script runs.
    private string Check(string text) => standIns.FirstOrDefault(standIn => text.Contains(standIn.Value, StringComparison.Ordinal)).Key is { } secret
        ? throw new TenancyException("NotForScript", $"The script cannot have the secret argument '{secret}' where a manifest uses it: outside a plain statement.", "Give -IncludeSecret to write the value down, or migrate with Invoke-TenantMigration.")
        : text;
}
