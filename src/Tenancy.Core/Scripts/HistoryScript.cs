using Tenancy.Core.Execution;
using Tenancy.Core.Execution.Servers;
using Tenancy.Core.History;
using Tenancy.Core.Manifests;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Scripts;

/// <summary>Writes what a run does to the history schema before it begins: <see cref="HistoryInstallation"/>, the texts of revisions, and the row of the run. Doing it twice changes nothing.</summary>
/// <param name="context">The run.</param>
/// <param name="text">Takes the script.</param>
internal sealed class HistoryScript(RunContext context, ScriptBuilder text)
{
    private readonly HistorySql sql = context.History;
    private readonly HistoryInstallation installation = new(context.History);

    /// <summary>Writes it, as one transaction.</summary>
    /// <param name="manifests">The manifests that are to run.</param>
    /// <param name="arguments">The values of the run's arguments but for the secret ones.</param>
    public void Write(IReadOnlyList<Manifest> manifests, IEnumerable<KeyValuePair<string, string>> arguments)
    {
        text.Title($"history schema {SqlLiteral.Quote(sql.Schema)}, revisions and run");
        Begin();
        Install();
        text.Statement("COMMIT");
        Begin();
        // In one order, so that two runs cannot wait for each other.
        foreach (var manifest in manifests.OrderBy(static manifest => manifest.Checksum, StringComparer.Ordinal))
        {
            text.Statement($"INSERT INTO {sql.Quoted}.revision_text (checksum, revision, manifest) VALUES ({SqlLiteral.Quote(manifest.Checksum)}, {SqlLiteral.Quote(manifest.Revision)}, {SqlLiteral.Quote(manifest.CanonicalText)}) ON CONFLICT DO NOTHING");
        }

        CommandList run = [];
        DatabaseSession.AddRun(run, sql, context.Project, context.Request, arguments);
        Add(run);
        text.Statement("COMMIT");
    }

    private void Begin()
    {
        text.Statement(HistoryTransaction.BeginWriting);
        CommandList settings = [];
        settings.AddSettings(context, context.Project.Timeouts.Lock, context.Project.Timeouts.Statement, "tenancy script", isLocal: true);
        Add(settings);
    }

    private void Install()
    {
        text.RaiseIf($"NOT ({ScriptLiteral.Fill(new(HistoryInstallation.TryLock, [installation.LockName]))})", "TN001", SqlLiteral.Quote($"another run is installing the history schema {sql.Quoted}"));
        text.Ask(ScriptLiteral.Fill(new(HistoryInstallation.Exists + " AS tenancy_is_installed", [sql.Schema])));
        text.Line("\\set tenancy_version 0");
        text.Line("\\set tenancy_is_moved false");
        text.Line("\\set tenancy_is_restored false");
        text.Line("\\set tenancy_functions ''");
        text.If("tenancy_is_installed", () => text.Line(sql.File("read_installation") + "\\gset tenancy_"), RefuseElsewhere);
        text.If("tenancy_is_moved", () => text.Line(sql.File("read_restored") + "\\gset tenancy_"));
        text.Ask($"SELECT :tenancy_version < {HistoryInstallation.Version} OR :'tenancy_functions' = ANY ({SqlLiteral.Array(FunctionBuilds.Older)}) AS tenancy_is_old, :tenancy_version > {HistoryInstallation.Version} AS tenancy_is_newer");
        text.If("tenancy_is_newer", () => text.Raise("TN012", $"the history schema {sql.Quoted} was made by a newer tool; this script knows version {HistoryInstallation.Version}"));
        text.If("tenancy_is_restored", () => text.Line(sql.File("refresh_oids")));
        text.If("tenancy_is_moved", () => text.Line(sql.File("note_place")));
        text.If("tenancy_is_old", Upgrade);
    }

    private void RefuseElsewhere() => text.Statement("DO " + PsqlText.DollarQuote(sql.File("refuse_elsewhere")
        .Replace("@others@", sql.File("other_histories").TrimEnd(), StringComparison.Ordinal)
        .Replace("@fleet@", SqlLiteral.Quote(context.Project.Fleet), StringComparison.Ordinal)));

    private void Upgrade()
    {
        text.Statement($"CREATE SCHEMA IF NOT EXISTS {sql.Quoted}");
        for (var version = 0; version < HistoryInstallation.Tables.Length; version++)
        {
            text.Ask($"SELECT :tenancy_version <= {version} AS tenancy_is_before");
            text.If("tenancy_is_before", () => text.Line(sql.File(HistoryInstallation.Tables[version])));
        }

        foreach (var file in HistoryInstallation.Functions)
        {
            text.Line(sql.File(file));
        }

        CommandList note = [];
        note.Add(sql.File("note_version"), HistoryInstallation.Version, ToolVersion.Text, FunctionBuilds.Own);
        Add(note);
    }

    private void Add(CommandList commands) => text.Add(new CommandScript(new SqlValues { SharedSchema = context.Project.SharedSchema }, new HashSet<string>()), commands);
}
