using System.Collections.Immutable;
using CsvHelper;
using Tenancy.Core.Manifests;
using Tenancy.Core.Manifests.Yaml;
using Tenancy.Core.Revisions;
using Tenancy.Model;

namespace Tenancy.Core.Adoption;

/// <summary>Reads a mapping file, and reports all its errors together.</summary>
internal sealed class MappingReader
{
    private const string Form = "a line 'version: revision' for each version of the other tool, 'version: [revision, revision]' where branches make it several, 'version: base' where it is none";

    private readonly string path;
    private readonly RevisionGraph graph;
    private readonly MigrationScope scope;
    private readonly Dictionary<string, ImmutableArray<string>> revisions;
    private readonly ErrorList errors = [];

    /// <summary>A reader of one file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="graph">The revisions.</param>
    /// <param name="scope">The scope.</param>
    /// <param name="revisions">Takes what it says; compares versions as the other tool does.</param>
    public MappingReader(string path, RevisionGraph graph, MigrationScope scope, Dictionary<string, ImmutableArray<string>> revisions)
    {
        this.path = path;
        this.graph = graph;
        this.scope = scope;
        this.revisions = revisions;
    }

    private SourcePosition Nowhere => new(path, 0, 0);

    /// <summary>Reads it.</summary>
    /// <exception cref="TenancyException"><c>InvalidMapping</c>.</exception>
    public void Read()
    {
        if (TextFile.Read(path, Nowhere, errors) is { } text)
        {
            if (Path.GetExtension(path).Equals(".csv", StringComparison.OrdinalIgnoreCase))
            {
                ReadCsv(text);
            }
            else
            {
                ReadYaml(text);
            }
        }

        if (errors.Count > 0)
        {
            throw new TenancyException("InvalidMapping", $"The mapping '{path}' cannot be used:{errors.Describe()}", "Mend the lines named and run again. Nothing was read or written.");
        }
    }

    private void ReadYaml(string text)
    {
        var root = YamlReader.Read(text, path, errors);
        if (root is not YamlMapping mapping)
        {
            if (errors.Count == 0)
            {
                errors.Report(root?.Position ?? Nowhere, $"The file is a mapping: {Form}.");
            }

            return;
        }

        foreach (var (key, value) in mapping.Entries)
        {
            ImmutableArray<YamlNode> items = value is YamlSequence list ? list.Items : [value];
            List<(string, SourcePosition)> identifiers = [];
            foreach (var item in items)
            {
                if (item is YamlScalar { IsNull: false } scalar)
                {
                    identifiers.Add((scalar.Value, scalar.Position));
                }
                else
                {
                    errors.Report(item.Position, $"A revision is expected here: {Form}.");
                }
            }

            if (items.IsEmpty)
            {
                errors.Report(value.Position, "The list is empty. Write base where the version is none of the revisions.");
            }

            Add(key.Value, key.Position, identifiers);
        }
    }

    private void ReadCsv(string text)
    {
        try
        {
            using var reader = CsvReader.FromText(text, new CsvReaderOptions { TrimWhitespace = true, TrackLineNumbers = true, MalformedData = CsvMalformedDataHandling.Throw });
            var header = reader.Headers.ToList();
            var (version, revision) = (Column(header, "version"), Column(header, "revision"));
            if (version < 0 || revision < 0)
            {
                errors.Report(Nowhere with { Line = 1 }, "The first line names the columns: version,revision.");
                return;
            }

            while (reader.Read())
            {
                var at = Nowhere with { Line = (int)reader.LineNumber };
                if (reader.FieldCount != header.Count)
                {
                    errors.Report(at, $"The row has {reader.FieldCount} values for {header.Count} columns.");
                    continue;
                }

                var identifiers = reader.GetString(revision).Split(' ', StringSplitOptions.RemoveEmptyEntries);
                if (identifiers.Length == 0 || reader.GetString(version).Length == 0)
                {
                    errors.Report(at, "The row lacks version or revision. Revisions of several branches stand in one value, with spaces between; base is none.");
                }
                else
                {
                    Add(reader.GetString(version), at, [.. identifiers.Select(identifier => (identifier, at))]);
                }
            }
        }
        catch (CsvFormatException error)
        {
            errors.Report(Nowhere with { Line = (int)error.LineNumber }, "A quote stands where none belongs. Quote the whole value and double the quotes in it.");
        }
    }

    private static int Column(List<string> header, string name) => header.FindIndex(column => column.Equals(name, StringComparison.OrdinalIgnoreCase));

    private void Add(string version, SourcePosition at, List<(string Identifier, SourcePosition At)> identifiers)
    {
        var nodes = new List<RevisionNode>();
        foreach (var (identifier, place) in identifiers)
        {
            foreach (var node in Resolve(identifier, place))
            {
                if (nodes.Contains(node))
                {
                    errors.Report(place, $"Revision {node.Id} stands here twice.");
                }

                nodes.Add(node);
            }
        }

        if (!revisions.TryAdd(version, [.. nodes.Select(static node => node.Id)]))
        {
            errors.Report(at, $"The version '{version}' is there twice.");
        }
    }

    private ImmutableArray<RevisionNode> Resolve(string identifier, SourcePosition at)
    {
        if (identifier.StartsWith('+') || identifier.StartsWith('-') || identifier.Contains("@+", StringComparison.Ordinal) || identifier.Contains("@-", StringComparison.Ordinal))
        {
            errors.Report(at, $"'{identifier}' counts from where a tenant is, which is what is to be found out. Write a revision.");
            return [];
        }

        try
        {
            return graph.Resolve(identifier, scope, [], RevisionDirection.Up).Revisions;
        }
        catch (TenancyException error)
        {
            errors.Report(at, error.Message);
            return [];
        }
    }
}
