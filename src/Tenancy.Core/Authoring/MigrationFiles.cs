using System.Collections.Immutable;
using Tenancy.Core.Manifests;
using Tenancy.Core.Revisions;
using Tenancy.Model;

namespace Tenancy.Core.Authoring;

/// <summary>The revisions of a project, to look at and to add to. Connects to nothing, and takes drafts, which nothing that runs does.</summary>
public sealed class MigrationFiles
{
    private readonly ImmutableArray<Manifest> manifests;

    private MigrationFiles(TenancyProject project, ImmutableArray<Manifest> manifests)
    {
        Project = project;
        this.manifests = manifests;
        Revisions = RevisionGraph.Build(manifests);
    }

    /// <summary>The project.</summary>
    public TenancyProject Project { get; }

    /// <summary>Its revisions, drafts among them.</summary>
    public RevisionGraph Revisions { get; }

    /// <summary>Reads a project and its manifests.</summary>
    /// <param name="projectPath">The project file, or its folder.</param>
    /// <exception cref="ManifestException">Every error of every file.</exception>
    public static MigrationFiles Open(string projectPath)
    {
        var project = ProjectReader.Read(projectPath);
        return new(project, ManifestReader.ReadAll(project, allowsDrafts: true));
    }

    /// <summary>Makes a revision that follows the one head of its scope, or what is asked for. Writes nothing.</summary>
    /// <param name="request">What is asked.</param>
    /// <exception cref="TenancyException">It does not fit the graph: <c>MultipleHeads</c>, <c>NotAHead</c>, <c>OverlappingParents</c>, or what an identifier lacks.</exception>
    /// <exception cref="ManifestException">An id or a label that cannot be.</exception>
    public NewManifest Create(NewRevision request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return Compose(request, new ParentChoice(Revisions, request).Choose(), request.Message ?? "");
    }

    /// <summary>The same with what it does.</summary>
    /// <param name="request">What is asked.</param>
    /// <param name="body">The manifest from <c>touches</c> or <c>up</c> on, with line feeds only.</param>
    internal NewManifest Generate(NewRevision request, string body)
    {
        ArgumentNullException.ThrowIfNull(request);
        return Compose(request, new ParentChoice(Revisions, request).Choose(), request.Message ?? "", body);
    }

    /// <summary>Makes a revision without operations that follows several: those asked for, or all heads of the scope. Writes nothing.</summary>
    /// <param name="request">What is asked.</param>
    /// <exception cref="TenancyException"><c>NothingToMerge</c>: there are fewer than two; or as <see cref="Create"/>.</exception>
    /// <exception cref="ManifestException">An id or a label that cannot be.</exception>
    public NewManifest Merge(NewRevision request)
    {
        ArgumentNullException.ThrowIfNull(request);
        var parents = new ParentChoice(Revisions, request).ChooseSeveral();
        return Compose(request, parents, request.Message ?? $"Merge {string.Join(", ", parents.SkipLast(1))} and {parents[^1]}");
    }

    private NewManifest Compose(NewRevision request, ImmutableArray<RevisionNode> parents, string message, string? body = null)
    {
        var id = request.Revision ?? NewId.For(Revisions);
        var path = FilePath(request, parents, (request.FileTemplate ?? Project.FileTemplate).Render(id, message, request.Scope, request.Time));
        if (File.Exists(path))
        {
            throw NewManifest.Exists(path);
        }

        var needs = request.DependsOn.SelectMany(name => Need(name, request.Scope)).Distinct().ToList();
        var text = ManifestText.Write(id, message, [.. parents.Select(static parent => parent.Id)], needs, request.Labels, request.Scope, body);
        // By the same reader and the same graph as everything else: what is written can be read.
        var manifest = ManifestReader.ReadText(text, path, Project, allowsDrafts: true);
        return new(RevisionGraph.Build(manifests.Add(manifest))[id], text);
    }

    // Beside what it follows, as Alembic does with several version locations; a template with folders says it itself.
    private string FilePath(NewRevision request, ImmutableArray<RevisionNode> parents, string name)
    {
        var beside = (request.FileTemplate ?? Project.FileTemplate).HasFolder ? null : parents.Concat(Revisions.Bases(request.Scope)).FirstOrDefault();
        return Path.Combine(beside is null ? ManifestReader.ShownFolder(Project) : Path.GetDirectoryName(beside.Manifest.Path)!, name);
    }

    // A label stays a label, as in Alembic: the branch may grow.
    private IEnumerable<string> Need(string name, MigrationScope scope)
    {
        if (Revisions.FindLabel(name) is not null)
        {
            return [name];
        }

        var other = scope == MigrationScope.Tenant ? MigrationScope.Shared : MigrationScope.Tenant;
        ResolvedTarget target;
        try
        {
            target = Revisions.Resolve(name, scope, [], RevisionDirection.Up);
        }
        catch (TenancyException error) when (error.ErrorId == "WrongScope")
        {
            target = Revisions.Resolve(name, other, [], RevisionDirection.Up);
        }

        return target.Revisions.Select(static node => node.Id);
    }
}
