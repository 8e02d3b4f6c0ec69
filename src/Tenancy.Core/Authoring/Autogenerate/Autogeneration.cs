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
    /// <exception cref="TenancyException"><c>RenameUndecided</c>, unless only asked whether they differ; and what else <c>docs/autogenerate.md</c> has.</exception>
    public async Task<(GeneratedMigration Result, NewManifest? Manifest)> RunAsync(CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        var session = new DatabaseSession(project, graph, connector, specimen.Address);
        await session.EnsureWritableAsync(cancellation);
        await EnsureAtHeadAsync(session, cancellation);
        var context = await ScratchContext.ReadAsync(project, connector, session, new MigrationRequest(), log, cancellation);
        await using var scratch = await ScratchTransaction.BeginAsync(context, specimen.Address, cancellation);
        var desired = await DesiredShape.ReadAsync(request.Desired, context, session, scratch, specimen, filter, cancellation);
        desired = desired.Scratch is { } written ? desired with { Shape = OwnName.Of(desired.Shape, written.Name) } : desired;
        var actual = OwnName.Align(await scratch.Snapshots.ReadAsync(specimen.Schema, cancellation), specimen.Schema, desired.Shape);
        var notes = desired.Notes.ToBuilder();
        Limit(desired, notes);
        var (before, after) = (filter.Apply(actual), filter.Apply(desired.Shape));
        EnsureMeant(desired, before);
        var options = new DiffOptions { Tokens = project.Tokens, Renames = renames, UsesPlainForms = request.UsesPlainForms };
        var isSame = before.Fingerprint == after.Fingerprint;
        if (request.OnlyChecks || isSame)
        {
            // What is there already has its new names; the order of columns is told even so.
            return (Describe(desired, SchemaDiff.Compare(before, after, isSame ? options with { Renames = [] } : options), null, notes, clock), null);
        }

        var copy = new ScratchCopy(context, scratch.Connection, await scratch.CreateAsync(specimen, "copy", cancellation), scratch.Snapshots);
        // Bare names can be written before there is a copy: while the server makes it. Where that fails, this ends by itself.
        (SchemaDiff Up, NewManifest? Manifest) WriteOf(SchemaSnapshot from, SchemaSnapshot to) => Write(desired, from, to, before, after, actual, options);
        Task<(SchemaDiff Up, NewManifest? Manifest)>? writing = null;
        Action? begun = project.Mode == SchemaMode.SearchPath ? () => writing ??= Task.Run(() => WriteOf(before, after), CancellationToken.None) : null;
        var (shape, copied) = await CopyAsync(scratch, copy, actual, notes, begun, cancellation);
        notes.AddRange(copied.Left.Select(static left => $"Not part of the proof, because it cannot be copied: {left}"));
        if (writing is null)
        {
            var (from, to) = await ReadForTextAsync(context, scratch, copy, copied, desired, before, after, cancellation);
            writing = Task.FromResult(WriteOf(from, to));
        }

        var (up, manifest) = await writing;
        if (manifest is null)
        {
            return (Describe(desired, up, null, notes, clock), null);
        }

        log.Verbose(manifest.Text);
        var proof = new MigrationProof(context, manifest.Node.Manifest, before, after, filter, renames, up.Inexpressible, isOneWay: !request.Repaired.IsEmpty);
        await ProveAsync(proof, scratch, copy, copied, shape, cancellation);
        return (Describe(desired, up, manifest, notes, clock), manifest);
    }

    // No manifest where nothing of the difference can be expressed.
    private (SchemaDiff Up, NewManifest? Manifest) Write(
        DesiredShape desired, SchemaSnapshot from, SchemaSnapshot to, SchemaSnapshot before, SchemaSnapshot after, SchemaSnapshot actual, DiffOptions options)
    {
        (from, to) = KeptProperties.Carry(from, to, actual, filter.IgnoredProperties, options);
        var up = SchemaDiff.Compare(from, to, options);
        if (up.Changes.IsEmpty)
        {
            return (up, null);
        }

        EnsureDecided(up);
        var isRepair = !request.Repaired.IsEmpty;
        return (up, MigrationFiles.Open(project.Path).Generate(
            request.Revision with { Message = request.Revision.Message ?? (isRepair ? "Repair: " : "") + GeneratedText.Describe(up) },
            OwnName.Show(isRepair
                ? GeneratedText.WriteRepair(project, desired.Name, request.Repaired, up, before, after)
                : GeneratedText.Write(project, desired.Name, up, SchemaDiff.Compare(to, from, SchemaDiff.Inverse(options)), before, after))));
    }

    private async Task ProveAsync(MigrationProof proof, ScratchTransaction scratch, ScratchCopy copy, CopiedShape copied, SchemaSnapshot shape, CancellationToken cancellation)
    {
        try
        {
            await proof.RunAsync(copy, copied, cancellation);
        }
        catch (CommitNeededException)
        {
            log.Verbose($"{specimen}: proved in a scratch schema that is committed, and dropped afterwards, because what one statement makes must be committed before the next can use it.");

            // It is of no use any more, and a pooler may have no second connection.
            await scratch.DisposeAsync();
            await proof.RunCommittedAsync(specimen, shape, filter.WithoutRoles, cancellation);
        }
    }

    // The copy has what does not count too: it may stand in the way. Where it cannot be copied, though, to leave it out is what one is told to do.
    private async Task<(SchemaSnapshot Shape, CopiedShape Copied)> CopyAsync(
        ScratchTransaction scratch, ScratchCopy copy, SchemaSnapshot actual, ImmutableArray<string>.Builder notes, Action? begun, CancellationToken cancellation)
    {
        async Task<(SchemaSnapshot, CopiedShape)> MakeAsync(Func<SchemaSnapshot, SchemaSnapshot> counted)
        {
            var shape = counted(actual);
            return (shape, await copy.CreateAsync(shape, specimen.ToString(), counted, begun, cancellation));
        }

        return !filter.LeavesObjectsOut ? await MakeAsync(filter.WithoutRoles) : await scratch.TryAsync(
            () => MakeAsync(filter.WithoutRoles),
            static error => error.ErrorId == "CopyFailed",
            error =>
            {
                notes.Add($"What -Exclude leaves out is not in the copy either, so whether it stands in the way of a change is not proved: {error.Message}");
                log.Warn(notes[^1]);
                return MakeAsync(filter.Apply);
            },
            cancellation);
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

    // A file that nothing was written to (a command that failed before the >) is no wish to drop everything. Of a dump the reader says it.
    private void EnsureMeant(DesiredShape desired, SchemaSnapshot before)
    {
        // The schema itself, and default privileges, which may be the project's own, are in a scratch schema too.
        static int Count(SchemaSnapshot shape) => shape.Objects.Keys.Count(static identity => identity.Table is null && identity.Kind is not ("schema" or "default_privileges"));
        if (request.Desired is DesiredSource.Files && Count(desired.Shape) == 0 && Count(before) is > 0 and var count)
        {
            throw new TenancyException(
                "EmptyDesiredSql",
                $"{desired.Name} defines nothing in the tenant's schema, and {specimen} has {count} object{(count == 1 ? "" : "s")}: all of it would be dropped.",
                "Check whether the file was written, and whether -DesiredSchema names the schema in it that stands for the tenant's. To drop everything, write the manifest by hand.");
        }
    }

    // What a person has not decided is not written: dropped and made anew, a table or column is without what it held.
    private void EnsureDecided(SchemaDiff up)
    {
        if (up.Suggestions.IsEmpty)
        {
            return;
        }

        string Quoted(ObjectRename rename) => $"'{rename.ToString().Replace("'", "''", StringComparison.Ordinal)}'";
        throw new TenancyException(
            "RenameUndecided",
            $"{specimen}: one goes and an alike one comes, and nobody has said whether that is a rename, so nothing is written: dropped and made anew it would lose what it holds. "
            + string.Join("; ", up.Suggestions.Select(static suggestion => $"{new ObjectIdentity(suggestion.Rename.Kind, suggestion.Rename.From, suggestion.Rename.Table)} and {suggestion.Rename.To}")) + ".",
            $"Where it is one, say -Rename {string.Join(", ", up.Suggestions.Select(static suggestion => suggestion.Rename).Select(Quoted))}; where it is none, with nothing behind the arrow: "
            + $"-Rename {string.Join(", ", up.Suggestions.Select(static suggestion => suggestion.Rename with { To = "" }).Select(Quoted))}. The same lines may stand in a file: -RenameFile.");
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
        RunContext context, ScratchTransaction scratch, ScratchCopy copy, CopiedShape copied, DesiredShape desired, SchemaSnapshot before, SchemaSnapshot after, CancellationToken cancellation)
    {
        if (project.Mode == SchemaMode.SearchPath)
        {
            return (before, after);
        }

        var lacking = (copied with { Shape = filter.Apply(copied.Shape) }).Uncopied(before);
        var schema = desired.Scratch;
        var wanted = new ScratchCopy(context, scratch.Connection, schema ?? await scratch.CreateAsync(specimen, "desired", cancellation), scratch.Snapshots);
        if (schema is null)
        {
            lacking = lacking.Union((await wanted.CreateAsync(after, desired.Name, filter.Apply, begun: null, cancellation)).Uncopied(after));
        }

        SchemaSnapshot Complete(SchemaSnapshot read, SchemaSnapshot bare) => CopiedShape.Complete(filter.Apply(read), bare, lacking, project.Tokens.Tenant);
        return (Complete(await copy.ReadQualifiedAsync(cancellation), before), Complete(DesiredShape.Counted(await wanted.ReadQualifiedAsync(cancellation), request.Desired is DesiredSource.Dump), after));
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
        DataLosses = [.. (diff?.Changes ?? []).SelectMany(static change => change.Hazards).Where(static hazard => hazard.Kind == HazardKind.DeletesData).Select(static hazard => hazard.Message).Distinct()],
        Inexpressible = [.. (diff?.Inexpressible ?? []).Select(static left => left.ToString())],
        RenameSuggestions = [.. (diff?.Suggestions ?? []).Select(static suggestion => suggestion.ToString())],
        ColumnOrders = [.. diff?.ColumnOrders ?? []],
        Notes = [.. notes],
        Seconds = clock.Elapsed.TotalSeconds,
    };
}
