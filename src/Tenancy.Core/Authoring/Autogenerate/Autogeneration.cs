using System.Collections.Immutable;
using System.Diagnostics;
using Tenancy.Core.Catalog;
using Tenancy.Core.Catalog.Diffs;
using Tenancy.Core.Catalog.Scratch;
using Tenancy.Core.Execution;
using Tenancy.Core.Execution.Servers;
using Tenancy.Core.Manifests;
using Tenancy.Core.Planning;
using Tenancy.Core.Revisions;
using Tenancy.Core.Tenants;
using Tenancy.Model;

namespace Tenancy.Core.Authoring.Autogenerate;

/// <summary>Makes a manifest of the difference between a specimen and a desired schema, and proves it. Writes no file, and leaves nothing in the database.</summary>
/// <param name="project">The project.</param>
/// <param name="graph">Its revisions.</param>
/// <param name="connector">Opens connections.</param>
/// <param name="request">What is asked.</param>
/// <param name="log">Takes what is said.</param>
internal sealed class Autogeneration(TenancyProject project, RevisionGraph graph, DatabaseConnector connector, AutogenerateRequest request, IRunLog log)
{
    private readonly ShapeFilter filter = new(request.Excluded);
    private readonly ImmutableArray<ObjectRename> renames = [.. request.Renames.Select(ObjectRename.Parse)];
    private readonly SchemaTarget specimen = SchemaTarget.Of(request.Specimen, connector.Locate(request.Specimen));

    /// <summary>Makes and proves it.</summary>
    /// <param name="cancellation">Cancels the running statement and rolls back.</param>
    /// <returns>What came of it, and the manifest, which is not written; null where there is none.</returns>
    /// <exception cref="TenancyException">What <c>docs/autogenerate.md</c> has.</exception>
    public async Task<(GeneratedMigration Result, NewManifest? Manifest)> RunAsync(CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        var session = new DatabaseSession(project, graph, connector, specimen.Address);
        await session.EnsureWritableAsync(cancellation);
        await EnsureAtHeadAsync(session, cancellation);
        var context = await ScratchContext.ReadAsync(project, connector, session, new MigrationRequest(), log, cancellation);
        await using var scratch = await ScratchTransaction.BeginAsync(context, specimen.Address, cancellation);
        var actual = await SnapshotReader.ReadAsync(scratch.Connection, specimen.Schema, cancellation);
        var desired = await DesiredShape.ReadAsync(request.Desired, context, session, scratch, specimen, filter, cancellation);
        var notes = desired.Notes.ToBuilder();
        Limit(desired, notes);
        List<ObjectIdentity> uncopied = [];
        var (before, after) = (filter.Apply(actual), filter.Apply(desired.Shape));
        var options = new DiffOptions { Tokens = project.Tokens, Renames = renames, UsesPlainForms = request.UsesPlainForms };
        var isSame = before.Fingerprint == after.Fingerprint;
        if (request.OnlyChecks || isSame)
        {
            // What is there already has its new names; the order of columns is told even so.
            return (Describe(desired, SchemaDiff.Compare(before, after, isSame ? options with { Renames = [] } : options), null, notes, clock), null);
        }

        var copy = new ScratchCopy(context, scratch.Connection, await scratch.CreateAsync(specimen, "copy", cancellation));
        foreach (var left in await copy.CreateAsync(before, specimen.ToString(), cancellation))
        {
            uncopied.Add(left.Identity);
            notes.Add($"Not part of the proof, because it cannot be copied: {left}");
        }

        var (from, to) = await ReadForTextAsync(context, scratch, copy, desired, before, after, cancellation);
        var up = SchemaDiff.Compare(from, to, options);
        if (up.Changes.IsEmpty)
        {
            return (Describe(desired, up, null, notes, clock), null);
        }

        var isRepair = !request.Repaired.IsEmpty;
        var manifest = MigrationFiles.Open(project.Path).Generate(
            request.Revision with { Message = request.Revision.Message ?? (isRepair ? "Repair: " : "") + GeneratedText.Describe(up) },
            isRepair
                ? GeneratedText.WriteRepair(project, desired.Name, request.Repaired, up, before, after)
                : GeneratedText.Write(project, desired.Name, up, SchemaDiff.Compare(to, from, SchemaDiff.Inverse(options)), before, after));
        log.Verbose(manifest.Text);
        await ProveAsync(context, copy, manifest.Node.Manifest, before, after, [.. up.Inexpressible.Select(static left => left.Identity), .. uncopied], cancellation);
        return (Describe(desired, up, manifest, notes, clock), manifest);
    }

    private async Task ProveAsync(RunContext context, ScratchCopy copy, Manifest manifest, SchemaSnapshot before, SchemaSnapshot after, ImmutableArray<ObjectIdentity> stays, CancellationToken cancellation)
    {
        var proof = new MigrationProof(context, manifest, before, after, filter, stays, isOneWay: !request.Repaired.IsEmpty);
        try
        {
            await proof.RunAsync(copy, cancellation);
        }
        catch (CommitNeededException)
        {
            log.Verbose($"{specimen}: proved in a scratch schema that is committed, and dropped afterwards, because what one statement makes must be committed before the next can use it.");
            await proof.RunCommittedAsync(specimen, cancellation);
        }
    }

    private async Task EnsureAtHeadAsync(DatabaseSession session, CancellationToken cancellation)
    {
        var state = await session.ReadAsync(specimen, cancellation);
        StateChecks.EnsureUsable(state);
        var unknown = state.UnknownRevisions(graph);
        var pending = unknown.IsEmpty ? graph.UpgradePath(MigrationScope.Tenant, state.Heads, [.. graph.RealHeads(MigrationScope.Tenant).Select(static head => head.Id)]) : [];
        var where = !state.Stages.IsEmpty ? $"in the middle of {state.Stages[^1].Step}"
            : !unknown.IsEmpty ? $"at {string.Join(", ", unknown)}, which no manifest has"
            : pending.IsEmpty ? null
            : $"at {(state.Heads.IsEmpty ? "base" : string.Join(", ", state.Heads))}, with {pending.Length} revision{(pending.Length == 1 ? "" : "s")} pending";
        if (where is not null)
        {
            throw new TenancyException(
                "SpecimenNotAtHead",
                $"{specimen} is {where}: what is pending would be generated once more.",
                "Bring it to head with Invoke-TenantMigration, or name one that is there with -Specimen. Where its schema is at head and history does not know it, say so with Set-TenantRevision.");
        }
    }

    private void Limit(DesiredShape desired, ImmutableArray<string>.Builder notes)
    {
        if (!desired.SaysGrants && !filter.IgnoresGrants)
        {
            filter.IgnoreGrants();
            notes.Add("Privileges are not compared: the desired schema says nothing of them.");
        }

        if (!desired.SaysOwners && !filter.IgnoresOwners)
        {
            filter.IgnoreOwners();
            notes.Add("Owners are not compared: the desired schema says nothing of them.");
        }
    }

    // Where no bare name may be written, both are read once more, out of schemas whose names occur nowhere else.
    private async Task<(SchemaSnapshot From, SchemaSnapshot To)> ReadForTextAsync(
        RunContext context, ScratchTransaction scratch, ScratchCopy copy, DesiredShape desired, SchemaSnapshot before, SchemaSnapshot after, CancellationToken cancellation)
    {
        if (project.Mode == SchemaMode.SearchPath)
        {
            return (before, after);
        }

        var schema = desired.Scratch;
        var wanted = new ScratchCopy(context, scratch.Connection, schema ?? await scratch.CreateAsync(specimen, "desired", cancellation));
        if (schema is null)
        {
            await wanted.CreateAsync(after, desired.Name, cancellation);
        }

        return (filter.Apply(await copy.ReadQualifiedAsync(cancellation)), filter.Apply(DesiredShape.Counted(await wanted.ReadQualifiedAsync(cancellation), request.Desired is DesiredSource.Dump)));
    }

    private GeneratedMigration Describe(DesiredShape desired, SchemaDiff? diff, NewManifest? manifest, ImmutableArray<string>.Builder notes, Stopwatch clock) => new()
    {
        Status = manifest is not null ? GeneratedMigrationStatus.Proved
            : diff is null || diff.IsEmpty ? GeneratedMigrationStatus.Same
            : diff.Changes.IsEmpty ? GeneratedMigrationStatus.Inexpressible
            : GeneratedMigrationStatus.Different,
        Specimen = request.Specimen.Name,
        Schema = specimen.Schema,
        Database = specimen.Address.Database,
        Desired = desired.Name,
        HasChanges = diff is { IsEmpty: false },
        IsProved = manifest is not null,
        Revision = manifest?.Node.Id,
        Path = manifest?.Path,
        Text = manifest?.Text,
        Changes = [.. (diff?.Changes ?? []).Select(static change => new GeneratedChange
        {
            Action = change.Kind.ToString(),
            Name = change.Identity.ToString(),
            IsRebuild = change.IsRebuild,
            Hazards = [.. change.Hazards.Select(static hazard => hazard.Message)],
        })],
        Inexpressible = [.. (diff?.Inexpressible ?? []).Select(static left => left.ToString())],
        RenameSuggestions = [.. (diff?.Suggestions ?? []).Select(static suggestion => suggestion.ToString())],
        ColumnOrders = [.. diff?.ColumnOrders ?? []],
        Notes = [.. notes],
        Seconds = clock.Elapsed.TotalSeconds,
    };
}
