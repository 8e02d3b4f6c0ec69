using Tenancy.Core.Catalog.Scratch;
using Tenancy.Core.Execution;
using Tenancy.Core.Execution.Servers;
using Tenancy.Core.Manifests;
using Tenancy.Core.Planning;
using Tenancy.Core.Revisions;
using Tenancy.Core.Safety;
using Tenancy.Model;

namespace Tenancy.Core;

/// <content>Judging statements before they run.</content>
public sealed partial class Fleet
{
    /// <summary>Judges what <see cref="MigrateAsync"/> would do. Reads only: where tenants are, and how large their tables are, a few queries a database.</summary>
    /// <param name="tenants">The tenants.</param>
    /// <param name="request">What the run would be asked.</param>
    /// <param name="log">Takes what is said.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="TenancyException">The only database cannot be read, or the target means nothing.</exception>
    public async Task<SafetyReport> JudgeAsync(IReadOnlyList<Tenant> tenants, MigrationRequest request, IRunLog log, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        var (databases, invalid) = Group(tenants, request);
        List<(Tenant?, TenancyException)> faults = [.. invalid.Select(static fault => ((Tenant?)fault.Tenant, fault.Error!))];
        var findings = new SafetyFindings(Project.Tokens);
        await foreach (var (address, members) in InTurnAsync(databases))
        {
            await GuardAsync(databases.Count, faults, () => new DatabaseJudgement(Project, Revisions, connector, request, log, address).JudgeAsync(members, findings, faults, cancellation));
        }

        return new(findings.Complete(), faults);
    }

    /// <summary>Judges revisions by themselves, whether they are pending or not, as a reviewer does.</summary>
    /// <param name="revisions">The revisions.</param>
    /// <param name="tenants">The tenants whose tables' sizes decide; null to ask no database.</param>
    /// <param name="log">Takes what is said.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="TenancyException">The only database cannot be read.</exception>
    public async Task<SafetyReport> JudgeAsync(IReadOnlyCollection<RevisionNode> revisions, IReadOnlyList<Tenant>? tenants, IRunLog log, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(revisions);
        var (databases, invalid) = tenants is null ? ([], []) : Group(tenants, new());
        List<(Tenant?, TenancyException)> faults = [.. invalid.Select(static fault => ((Tenant?)fault.Tenant, fault.Error!))];
        var findings = new SafetyFindings(Project.Tokens);
        var target = new JudgedTarget([.. databases.SelectMany(static database => database.Tenants).Select(static tenant => (tenant.Name, tenant.Schema))], null, JudgedTarget.Unknown.Arguments);
        List<JudgedFault> found = [];
        foreach (var node in Revisions.All.Where(revisions.Contains))
        {
            var own = RevisionJudgement.Judge(Project, Revisions, node, target);
            findings.AddSuppressions(node.Manifest, own);
            found.AddRange(own);
        }

        if (databases.Count == 0)
        {
            findings.Add(found, null, 0);
        }

        await foreach (var (address, members) in InTurnAsync(databases))
        {
            await GuardAsync(databases.Count, faults, () => new DatabaseJudgement(Project, Revisions, connector, new(), log, address).AddAsync(found, members, findings, cancellation));
        }

        return new(findings.Complete(), faults);
    }

    /// <summary>Runs what <see cref="MigrateAsync"/> would run on one tenant, rolls it back, and tells what each statement locked, wrote anew and read. Takes these locks meanwhile.</summary>
    /// <param name="specimen">The tenant.</param>
    /// <param name="request">What the run would be asked.</param>
    /// <param name="log">Takes what is said.</param>
    /// <param name="cancellation">Cancels the running statement and rolls back.</param>
    /// <returns>The statements in order; the failure with which it ended, or null; what was not tried.</returns>
    /// <exception cref="TenancyException">Nothing can run.</exception>
    public async Task<(IReadOnlyList<StatementTrace> Statements, MigrationFailure? Failure, IReadOnlyList<RehearsalNote> NotRun)> TraceAsync(Tenant specimen, MigrationRequest request, IRunLog log, CancellationToken cancellation = default)
    {
        List<StatementTrace> statements = [];
        List<RehearsalNote> left = [];
        MigrationFailure? failure = null;
        await foreach (var rehearsal in RehearseAsync([specimen], request, sample: null, log, cancellation))
        {
            failure ??= rehearsal.Failure;
            left.AddRange(rehearsal.NotRehearsed);
            statements.AddRange(rehearsal.Statements.Select(statement => new StatementTrace
            {
                Name = rehearsal.Name,
                Revision = statement.Revision,
                Manifest = statement.Manifest,
                Line = statement.Line,
                Operation = statement.Operation,
                Statement = statement.Statement,
                Seconds = statement.Seconds,
                Locks = [.. statement.Locks.Select(held => $"{held.Mode} {Show(held.Schema, held.Relation)}")],
                Rewritten = [.. statement.Rewritten.Select(Bare)],
                Scanned = [.. statement.Scanned.Select(Bare)],
                RanAs = rehearsal.RanOtherwise.FirstOrDefault(note => note.Manifest == statement.Manifest && note.Line == statement.Line)?.Message,
            }));

            string Show(string schema, string relation) => schema == rehearsal.Schema ? relation : $"{schema}.{relation}";
            string Bare(string relation) => relation.StartsWith(rehearsal.Schema + ".", StringComparison.Ordinal) ? relation[(rehearsal.Schema.Length + 1)..] : relation;
        }

        return (statements, failure, left);
    }

    /// <summary>Proves revisions of the tenants' scope on a scratch schema: up, down and up again, with the schema read after each step. Leaves nothing.</summary>
    /// <param name="revisions">The revisions.</param>
    /// <param name="specimen">The tenant that the scratch schema stands for, in its database; null for a made-up one in the default database.</param>
    /// <param name="arguments">Arguments of the run.</param>
    /// <param name="log">Takes what is said.</param>
    /// <param name="cancellation">Cancels the running statement.</param>
    /// <returns>One result a revision, in the order in which they run.</returns>
    /// <exception cref="TenancyException">An argument is missing, or no scratch schema can be made.</exception>
    public async Task<IReadOnlyList<ProvedRevision>> ProveAsync(
        IReadOnlyCollection<RevisionNode> revisions, Tenant? specimen, IReadOnlyDictionary<string, string> arguments, IRunLog log, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(revisions);
        var (address, members) = specimen is null ? (connector.Default, [new Tenant { Name = "specimen", Schema = "specimen" }]) : GroupValid([specimen])[0];
        var session = new DatabaseSession(Project, Revisions, connector, address);
        var extensions = (await session.ReadAsync([], cancellation)).ExtensionSchemas;
        var context = ReplayContext.Make(Project, connector, session, ReplayNode.OfAll(Revisions), new(Project.Owner, null), new() { Arguments = arguments }, extensions, log);
        var steps = Revisions.UpgradePath(MigrationScope.Tenant, [], [.. Revisions.RealHeads(MigrationScope.Tenant).Select(static head => head.Id)]);
        var shared = revisions.Where(static node => node.Scope == MigrationScope.Shared)
            .Select(static node => new ProvedRevision { Revision = node.Id, Manifest = node.Manifest.Path, Description = node.Manifest.Description, Status = ProofStatus.NotProved, Message = "of the shared schema: the scratch schema stands for a tenant's." });
        var asked = revisions.Select(static node => node.Id).ToHashSet(StringComparer.Ordinal);
        return [.. shared, .. await new RevisionProof(context, SchemaTarget.Of(members[0], address), steps, asked).RunAsync(cancellation)];
    }

    // Of several databases one that cannot be read stops no other.
    private static async Task GuardAsync(int databases, List<(Tenant?, TenancyException)> faults, Func<Task> judge)
    {
        try
        {
            await judge();
        }
        catch (TenancyException error) when (databases > 1)
        {
            faults.Add((null, error));
        }
    }
}
