using System.Collections.Immutable;
using Tenancy.Core.Manifests.Forms;
using Tenancy.Core.Manifests.Yaml;
using Tenancy.Core.Operations;
using Tenancy.Core.Policies;
using Tenancy.Core.Rollouts;
using Tenancy.Core.Tenants;
using Tenancy.Model;

namespace Tenancy.Core.Manifests;

/// <summary>Reads a rollout file.</summary>
public static class RolloutReader
{
    /// <summary>Reads a rollout file.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="ManifestException">It is not there or cannot be read: carries all its errors.</exception>
    public static Rollout Read(string path) => Read(path, "There is no rollout file here.");

    /// <summary>Reads the rollout file that a project names.</summary>
    /// <param name="project">The project.</param>
    /// <returns>Null where it names none.</returns>
    /// <exception cref="ManifestException">As above.</exception>
    public static Rollout? ReadOf(TenancyProject project)
    {
        ArgumentNullException.ThrowIfNull(project);
        return project.RolloutFile is { } path
            ? Read(path, $"There is no rollout file here, where 'rollout' in {project.Path} says that it is. Correct that, or run with -Rollout or -NoRollout.")
            : null;
    }

    private static Rollout Read(string path, string missing)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        var errors = new ErrorList();
        var nowhere = new SourcePosition(path, 0, 0);
        if (!File.Exists(path))
        {
            errors.Report(nowhere, missing);
        }

        var text = errors.Count > 0 ? null : TextFile.Read(path, nowhere, errors);
        ManifestReader.ThrowIfAny(errors);
        return Parse(text!, path);
    }

    /// <summary>Reads a rollout.</summary>
    /// <param name="text">The file's text.</param>
    /// <param name="path">The file, for errors.</param>
    /// <exception cref="ManifestException">It cannot be read: carries all its errors.</exception>
    internal static Rollout Parse(string text, string path)
    {
        var errors = new ErrorList();
        var root = YamlReader.Read(text, path, errors);
        if (root is null or YamlScalar { IsNull: true } && errors.Count == 0)
        {
            errors.Report(new SourcePosition(path, 1, 1), "The rollout file is empty. Write 'rings:' and at least one ring.");
        }

        if (errors.Count == 0)
        {
            RolloutForm.Form.Check(root!, "The rollout file", new FormCheck(errors));
        }

        var rollout = errors.Count == 0 ? Build(Fields.Of(root!), errors) with { Text = text, Path = path } : null;
        ManifestReader.ThrowIfAny(errors);
        return rollout!;
    }

    private static Rollout Build(Fields fields, ErrorList errors)
    {
        var nodes = fields.Objects("rings").ToList();
        List<Ring> rings = [];
        foreach (var node in nodes)
        {
            var ring = BuildRing(node);
            if (rings.Exists(other => other.Name == ring.Name))
            {
                errors.Report(node.Node("name")!.Position, $"There are two rings named '{ring.Name}'. Give each a name of its own.");
            }
            else if (ring.Match is null && node != nodes[^1])
            {
                errors.Report(node.Position, $"Ring '{ring.Name}' has no 'match', so it takes every tenant and leaves none for the rings after it. Put it last, or say whom it takes.");
            }
            else if (ring.Match is not null && ring.Name == Rollout.Rest)
            {
                errors.Report(node.Node("match")!.Position, $"'{Rollout.Rest}' is the ring of all tenants that no other ring takes, so it has no 'match'. Leave that out, or give the ring another name.");
            }

            rings.Add(ring);
        }

        if (rings[^1].Match is not null)
        {
            rings.Add(new Ring(Rollout.Rest));
        }

        var shared = fields.OptionalText("shared");
        if (shared is not null && !rings.Exists(ring => ring.Name == shared))
        {
            var names = rings.ConvertAll(static ring => ring.Name);
            errors.Report(fields.Node("shared")!.Position, $"There is no ring '{shared}'. There are: {string.Join(", ", names)}.", Spelling.Nearest(shared, names));
        }

        return new([.. rings], shared);
    }

    private static Ring BuildRing(Fields ring) => new(ring.Text("name"))
    {
        // What asks for nothing takes all.
        Match = ring.Object("match") is { } match && (match.Has("names") || match.Has("labels"))
            ? new RingMatch(Patterns(match.Texts("names")), [.. match.Entries("labels").Select(static entry => (entry.Key.Value, Patterns(Values(entry.Value))))])
            : null,
        Parallel = ring.OptionalText("parallel") is { } number ? int.CreateSaturating(long.Parse(number, System.Globalization.CultureInfo.InvariantCulture)) : null,
        MaxFailures = ring.OptionalText("max_failures") is { } limit ? FailureLimit.Parse(limit) : null,
        Soak = ring.Duration("soak"),
        Verify = ring.OptionalText("verify"),
    };

    private static IEnumerable<string> Values(YamlNode node) => (node is YamlSequence list ? list.Items : [node]).Select(static item => ((YamlScalar)item).Value);

    private static ImmutableArray<NamePattern> Patterns(IEnumerable<string> texts) => [.. texts.Select(static text => new NamePattern(text, ignoreCase: true))];
}
