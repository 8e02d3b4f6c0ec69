using System.Collections.Immutable;
using Tenancy.Core.History;
using Tenancy.Core.Manifests;
using Tenancy.Core.Revisions;
using Tenancy.Core.Tenants;

namespace Tenancy.Core.Scripts;

/// <summary>How each file of a script begins: what it is, how to run it, and what keeps psql from going on after an error.</summary>
/// <param name="project">The project.</param>
/// <param name="request">What the script holds.</param>
/// <param name="runId">The run's id.</param>
/// <param name="secrets">Secret arguments that psql must be given.</param>
internal sealed class ScriptHeader(TenancyProject project, ScriptRequest request, Guid runId, ImmutableArray<string> secrets)
{
    /// <summary>The header.</summary>
    /// <param name="address">The database.</param>
    public string Write(DatabaseAddress address)
    {
        var text = new ScriptBuilder();
        var migration = request.Migration;
        text.Line($"-- {ToolVersion.Text}");
        text.Line($"-- Fleet {Plain(project.Fleet)}: {(migration.Direction == RevisionDirection.Up ? "up" : "down")} from {(request.From.IsEmpty ? $"where {Plain(address.Database)} was when this was written" : Plain(string.Join(", ", request.From)))} to {Plain(migration.Target)}, {migration.Transaction}, run {runId}");
        text.Line($"-- Run it once: psql -X -v ON_ERROR_STOP=1{string.Concat(secrets.Select(static secret => $" -v {CommandScript.Variable(secret)}=…"))} -d DATABASE -f THIS_FILE");
        text.Line("\\encoding UTF8");
        text.Line("\\set ON_ERROR_STOP on");
        text.Line("\\set ON_ERROR_ROLLBACK off");
        text.Line("\\set AUTOCOMMIT on");
        text.Line("\\set SINGLELINE off");
        text.RaiseIf("pg_catalog.now() <> pg_catalog.statement_timestamp()", "TN012", "'the script has transactions of its own: run psql without --single-transaction'");
        foreach (var secret in secrets)
        {
            text.Line($"\\if :{{?{CommandScript.Variable(secret)}}}");
            text.Line("\\else");
            text.Raise("TN012", $"the secret argument '{secret}' is missing: give psql -v {CommandScript.Variable(secret)}=…");
            text.Line("\\endif");
        }

        return text.ToString();
    }

    private static string Plain(string text) => string.Concat(text.Select(static character => char.IsControl(character) ? ' ' : character));
}
