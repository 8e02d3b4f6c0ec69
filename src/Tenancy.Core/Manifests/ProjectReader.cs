using System.Collections.Immutable;
using System.Globalization;
using Tenancy.Core.Authoring;
using Tenancy.Core.Manifests.Forms;
using Tenancy.Core.Manifests.Yaml;
using Tenancy.Core.Operations;
using Tenancy.Core.Sql;
using Tenancy.Model;

namespace Tenancy.Core.Manifests;

/// <summary>Reads the project file.</summary>
public static class ProjectReader
{
    /// <summary>The name of a project file.</summary>
    public const string FileName = "tenancy.yaml";

    /// <summary>Reads a project file.</summary>
    /// <param name="path">The file, or the folder that holds <c>tenancy.yaml</c>.</param>
    /// <exception cref="ManifestException">It is not there or cannot be read: carries all its errors.</exception>
    public static TenancyProject Read(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        var file = Directory.Exists(path) ? Path.Combine(path, FileName) : path;
        var errors = new ErrorList();
        var nowhere = new SourcePosition(file, 0, 0);
        if (!File.Exists(file))
        {
            errors.Report(nowhere, $"There is no project file here. Create it with one line, 'fleet: name', or give the path of the folder that holds {FileName}.");
        }

        var text = errors.Count > 0 ? null : TextFile.Read(file, nowhere, errors);
        var project = text is null ? null : Read(text, file, errors);
        ManifestReader.ThrowIfAny(errors);
        return project!;
    }

    private static TenancyProject? Read(string text, string file, ErrorList errors)
    {
        var root = YamlReader.Read(text, file, errors);
        if (root is null or YamlScalar { IsNull: true })
        {
            if (errors.Count == 0)
            {
                errors.Report(new SourcePosition(file, 1, 1), "The project file is empty. Write at least 'fleet: name'.");
            }

            return null;
        }

        ProjectForm.Form.Check(root, "The project file", new FormCheck(errors));
        return errors.Count == 0 ? Build(Fields.Of(root), file, errors) : null;
    }

    private static TenancyProject Build(Fields fields, string file, ErrorList errors)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(file))!;
        var standard = new SqlTokens();
        var written = fields.Object("tokens");
        var tokens = new SqlTokens(written?.OptionalText("tenant") ?? standard.Tenant, written?.OptionalText("shared") ?? standard.Shared);
        var project = new TenancyProject
        {
            Fleet = fields.Text("fleet"),
            Mode = fields.OptionalText("mode") == "token" ? SchemaMode.Token : SchemaMode.SearchPath,
            Tokens = tokens,
            SharedSchema = fields.OptionalText("shared_schema") ?? "shared",
            ExtensionSchemas = fields.Has("extension_schemas") ? fields.Texts("extension_schemas") : null,
            HistorySchema = fields.OptionalText("history_schema") ?? "tenancy",
            Owner = fields.OptionalText("owner"),
            Grants = [.. fields.Objects("grants").Select(grant => BuildGrant(grant, errors))],
            Timeouts = BuildTimeouts(fields.Object("timeouts")),
            Retries = BuildRetries(fields.Object("retries")),
            Hooks = fields.Object("hooks") is { } hooks ? HookReader.Read(hooks, tokens, file, errors) : new(null, null, null, null),
            Tenants = fields.Object("tenants") is { } tenants ? BuildTenants(tenants, folder, errors) : null,
            ManifestFolder = FindManifests(fields.OptionalText("manifests"), folder),
            FileTemplate = fields.OptionalText("file_template") is { } template ? new FileTemplate(template) : FileTemplate.Standard,
            DdlLog = [.. fields.Texts("ddl_log").Select(ManifestForm.Touch)],
            Specimen = fields.OptionalText("specimen"),
            RolloutFile = fields.OptionalText("rollout") is { } rollout ? Path.GetFullPath(rollout, folder) : null,
            Path = file,
        };

        if (project.Tokens.Tenant == project.Tokens.Shared)
        {
            errors.Report((written?.Node("tenant") ?? written!.Node("shared")!).Position, $"Both tokens are '{project.Tokens.Tenant}', so a manifest could not say which schema it means. Give them different names.");
        }

        if (project.SharedSchema == project.HistorySchema)
        {
            errors.Report((fields.Node("history_schema") ?? fields.Node("shared_schema")!).Position, $"The shared schema and the history schema are both '{project.SharedSchema}'. Give the history a schema of its own.");
        }

        return project;
    }

    private static string FindManifests(string? written, string folder)
    {
        var standard = Path.Combine(folder, "manifests");
        return written is not null ? Path.GetFullPath(written, folder) : Directory.Exists(standard) ? standard : folder;
    }

    private static ObjectGrant BuildGrant(Fields grant, ErrorList errors)
    {
        var kind = grant.Text("on");
        var known = ProjectForm.Privileges[kind];
        foreach (var node in grant.Items("privileges"))
        {
            var privilege = ((YamlScalar)node).Value.ToUpperInvariant();
            if (privilege != "ALL" && !known.Contains(privilege))
            {
                errors.Report(node.Position, $"'{privilege}' is no privilege on {kind}. There are: {string.Join(", ", known)}, ALL.", Spelling.Nearest(privilege, known));
            }
        }

        return new ObjectGrant(grant.Text("to"), kind, [.. grant.Texts("privileges").Select(static privilege => privilege.ToUpperInvariant())]);
    }

    private static MigrationTimeouts BuildTimeouts(Fields? timeouts)
    {
        var standard = new MigrationTimeouts();
        return timeouts is null ? standard : new MigrationTimeouts
        {
            Lock = timeouts.Duration("lock") ?? standard.Lock,
            Statement = timeouts.Duration("statement") ?? standard.Statement,
            Idle = timeouts.Duration("idle") ?? standard.Idle,
            ConcurrentLock = timeouts.Duration("concurrent_lock") ?? standard.ConcurrentLock,
            ConcurrentStatement = timeouts.Duration("concurrent_statement") ?? standard.ConcurrentStatement,
            TenantLock = timeouts.Duration("tenant_lock") ?? standard.TenantLock,
        };
    }

    private static MigrationRetries BuildRetries(Fields? retries)
    {
        var standard = new MigrationRetries();
        return retries is null ? standard : new MigrationRetries
        {
            Max = retries.OptionalText("max") is { } max ? (int)Math.Min(int.MaxValue, long.Parse(max, CultureInfo.InvariantCulture)) : standard.Max,
            Pause = retries.Duration("pause") ?? standard.Pause,
            LongestPause = retries.Duration("longest_pause") ?? standard.LongestPause,
        };
    }

    private static TenantSourceSettings BuildTenants(Fields tenants, string folder, ErrorList errors)
    {
        if (tenants.OptionalFlag("registry") == false)
        {
            errors.Report(tenants.Node("registry")!.Position, "'registry: false' leaves no source of tenants. Write one of schema_pattern, query and file instead.");
        }

        return new TenantSourceSettings(
            tenants.Flag("registry"),
            tenants.OptionalText("schema_pattern"),
            tenants.OptionalText("query"),
            tenants.OptionalText("file") is { } file ? Path.GetFullPath(file, folder) : null);
    }
}
