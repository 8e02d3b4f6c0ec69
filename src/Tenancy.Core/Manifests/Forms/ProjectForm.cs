using System.Collections.Immutable;
using Tenancy.Core.Authoring;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Manifests.Forms;

/// <summary>What the project file may hold.</summary>
internal static class ProjectForm
{
    /// <summary>The privileges of each kind of object (PostgreSQL manual, 5.8).</summary>
    public static readonly ImmutableDictionary<string, ImmutableArray<string>> Privileges = ImmutableDictionary.CreateRange<string, ImmutableArray<string>>(
    [
        new("schema", ["USAGE", "CREATE"]),
        new("tables", ["SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER", "MAINTAIN"]),
        new("sequences", ["USAGE", "SELECT", "UPDATE"]),
        new("functions", ["EXECUTE"]),
        new("types", ["USAGE"]),
    ]);

    private static readonly TextForm SchemaName = new("a schema's name", CheckSchema, "^(?!pg_|information_schema$).*\\S") { MaximumLength = SqlIdentifier.MaxBytes };

    private static readonly ObjectForm Tokens = new("a mapping such as {tenant: tenant_schema, shared: shared}",
        new FormKey("tenant", CommonForms.Name, "Stands for the tenant's schema; tenant_schema unless set."),
        new FormKey("shared", CommonForms.Name, "Stands for the shared schema; shared unless set."));

    private static readonly ObjectForm Grant = new("a mapping with 'to', 'on' and 'privileges'",
        new FormKey("to", CommonForms.Name, "The role, or public.", IsRequired: true),
        new FormKey("on", new ChoiceForm("schema", "tables", "sequences", "functions", "types"), "The kind of object; tables include views.", IsRequired: true),
        new FormKey("privileges", new ListForm(CommonForms.Text, "a list of privileges such as [select, insert]", allowsSingle: true), "The privileges, as GRANT names them.", IsRequired: true));

    private static readonly ObjectForm Timeouts = new("a mapping such as {lock: 5s}",
        new FormKey("lock", CommonForms.Duration, "How long a statement may wait for a lock; 5s unless set."),
        new FormKey("statement", CommonForms.Duration, "How long a statement may run; 10min unless set."),
        new FormKey("idle", CommonForms.Duration, "How long a transaction may sit idle; 60s unless set."),
        new FormKey("concurrent_lock", CommonForms.Duration, "The lock limit of steps outside a transaction; 30min unless set."),
        new FormKey("concurrent_statement", CommonForms.Duration, "The time limit of steps outside a transaction; 4h unless set."),
        new FormKey("tenant_lock", CommonForms.Duration, "How long a run goes on trying for a tenant that another run holds; 30s unless set."));

    private static readonly ObjectForm Retries = new("a mapping such as {max: 5, pause: 1s}",
        new FormKey("max", new IntegerForm(0), "How often a tenant's transaction is tried again without progress, 0 for never; 5 unless set."),
        new FormKey("pause", CommonForms.Duration, "The pause before the first, about; each is about twice as long as the one before; 1s unless set."),
        new FormKey("longest_pause", CommonForms.Duration, "The longest pause; 30s unless set."));

    private static readonly ObjectForm Tenants = new("a mapping with one of registry, schema_pattern, query and file",
        new FormKey("registry", CommonForms.Flag, "True: the registry in the history schema (the default)."),
        new FormKey("schema_pattern", CommonForms.Text, "Schemas whose name matches, with * and ?."),
        new FormKey("query", CommonForms.Text, "A query with the columns name and schema; further columns become labels."),
        new FormKey("file", CommonForms.Text, "A YAML or CSV file, from the project file's folder."))
    {
        Groups = [new KeyGroup(true, "registry", "schema_pattern", "query", "file")],
    };

    private static readonly EitherForm Hook = new(CommonForms.Sql, new ObjectForm("a mapping with 'sql'",
        new FormKey("sql", CommonForms.Sql, "The statements.", IsRequired: true),
        new FormKey("touches", ManifestForm.Touches, "Objects outside its schema that it changes or locks on purpose.")));

    private static readonly ObjectForm Hooks = new("a mapping such as {after_tenant: SQL text}",
        new FormKey("before_run", Hook, "Runs in the shared schema once a database, before the first change."),
        new FormKey("after_run", Hook, "Runs in the shared schema once a database, when every tenant has its result, whatever it is."),
        new FormKey("before_tenant", Hook, "Runs in the tenant's schema before its first change; if it fails, nothing else is run there."),
        new FormKey("after_tenant", Hook, "Runs in the tenant's schema when the tenant is where it was to be."));

    /// <summary>The project file.</summary>
    public static readonly ObjectForm Form = new("a mapping with 'fleet'",
        new FormKey("fleet", CommonForms.Name, "The fleet's name: part of every lock and history row, so that two fleets fit in one database.", IsRequired: true),
        new FormKey("mode", new ChoiceForm("search_path", "token"), "How a tenant's schema is reached: search_path (the default) allows bare names, token wants every name qualified."),
        new FormKey("tokens", Tokens, "The schema names that manifests write where the real schemas go."),
        new FormKey("shared_schema", SchemaName, "The schema beside the tenants with what all of them use; shared unless set."),
        new FormKey("extension_schemas", new ListForm(CommonForms.Name, "a list of schemas", minimum: 0), "Schemas with extensions, for operators and functions; where the database's extensions are unless set."),
        new FormKey("history_schema", SchemaName, "The schema of the history tables; tenancy unless set."),
        new FormKey("owner", CommonForms.Name, "The role that owns new objects; the role that logs in unless set."),
        new FormKey("grants", new ListForm(Grant, "a list of grants"), "Privileges on new objects."),
        new FormKey("manifests", CommonForms.Text, "The folder of the manifests, from the project file's folder; 'manifests' if there is one, else the project file's folder."),
        new FormKey("file_template", new TextForm("a file name such as {revision}_{slug}", CheckTemplate), "How New-TenantMigration names files, from {revision}, {slug}, {scope}, {year}, {month}, {day}, {hour}, {minute} and {second}; {revision}_{slug} unless set."),
        new FormKey("specimen", CommonForms.Text, "The name of the tenant whose schema stands for all when New-TenantMigration -Autogenerate compares; the only one unless set."),
        new FormKey("rollout", CommonForms.Text, "The rollout file, from the project file's folder, of Invoke-TenantMigration where none of -Rollout, -RingLabel, -Resume and -NoRollout is given."),
        new FormKey("ddl_log", ManifestForm.Tables, "Tables that an event trigger of the database writes with every DDL statement: no manifest need declare them under 'touches', and no tenant waits for another for them."),
        new FormKey("timeouts", Timeouts, "Limits of time."),
        new FormKey("retries", Retries, "How often a tenant's transaction is tried again after a lock timeout, a deadlock, a serialization failure, too many connections or a lost connection."),
        new FormKey("hooks", Hooks, "SQL before and after each run and each tenant that has something to do."),
        new FormKey("tenants", Tenants, "Where tenants come from when a cmdlet does not say."));

    private static TextFault? CheckTemplate(string text) => FileTemplate.Check(text) is { } fault ? new TextFault(fault) : null;

    private static TextFault? CheckSchema(string name) =>
        CommonForms.CheckName(name)
        ?? (name.StartsWith("pg_", StringComparison.Ordinal) || name == "information_schema"
            ? new TextFault($"must not be '{name}': PostgreSQL keeps such schemas for itself. Choose another name.")
            : null);
}
