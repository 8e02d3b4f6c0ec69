using Npgsql;

namespace Tenancy.Core.History;

/// <summary>A history schema of which somebody dropped or changed a part by hand. What fails then is neither a manifest's nor the database's fault, and nothing mends it by itself.</summary>
internal static class DamagedHistory
{
    /// <summary>What to do about it.</summary>
    public const string Action =
        "Something in that schema was dropped or changed by hand. Put it back, from a backup where rows are gone, before anything runs again: without them every tenant would begin at base. What was not done was rolled back.";

    /// <summary>True where a command of the engine's own misses a part of the history schema, or finds rows there that it cannot have left.</summary>
    /// <param name="error">What the command failed with.</param>
    /// <param name="history">The history schema.</param>
    public static bool Is(PostgresException error, HistorySql history)
    {
        if (error.SqlState == "TN005")
        {
            return true;
        }

        if (error.SqlState is not (PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.UndefinedColumn or PostgresErrorCodes.UndefinedFunction or PostgresErrorCodes.InvalidSchemaName))
        {
            return false;
        }

        // schema "tenancy" does not exist; relation "tenancy.head" does not exist; PL/pgSQL function tenancy.enter(…) line 5 at IF.
        var told = $"{error.MessageText}\n{error.Where?.Split('\n')[0]}";
        return new[] { history.Quoted, $"\"{history.Schema}.", $" {history.Schema}." }.Any(name => told.Contains(name, StringComparison.Ordinal));
    }
}
