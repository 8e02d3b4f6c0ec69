using Tenancy.Core.Execution;
using Tenancy.Core.History;
using Tenancy.Core.Sql;
using Tenancy.Model;

namespace Tenancy.Core.Provisioning;

/// <summary>Names for people: no two tenants of a fleet in one database have the same.</summary>
internal static class TakenNames
{
    /// <summary>What the server raises (<c>claim_name</c>) for a name that another tenant has.</summary>
    public const string SqlState = "TN015";

    /// <summary>Adds what locks a name, and raises where another tenant has it.</summary>
    /// <param name="commands">The commands, in a transaction that has the lock of the tenant's schema.</param>
    /// <param name="context">The run.</param>
    /// <param name="name">The name.</param>
    /// <param name="schema">The schema that the tenant has, or is to have.</param>
    public static void AddClaim(CommandList commands, RunContext context, string name, string schema) =>
        commands.Add($"SELECT {context.History.Quoted}.claim_name($1, $2, $3)", context.Project.Fleet, name, schema);

    /// <summary>Finds, before anything is touched, which new tenants cannot have their names: another has it, or one before it in the list is to have it.</summary>
    /// <param name="database">The database.</param>
    /// <param name="tenants">The tenants.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>The failures, by the schemas of the tenants.</returns>
    public static async Task<IReadOnlyDictionary<string, MigrationFailure>> FindAsync(ProvisionedDatabase database, IReadOnlyList<Tenant> tenants, CancellationToken cancellation)
    {
        var context = database.Context;
        var taken = await HistoryTransaction.RunAsync(
            context.Connector,
            database.Session.Address,
            context.Project,
            async connection =>
            {
                Dictionary<string, MigrationFailure> found = new(StringComparer.Ordinal);
                await using var batch = new Npgsql.NpgsqlBatch(connection);
                batch.Add(context.History.File("taken_names"), context.Project.Fleet, tenants.Select(static tenant => tenant.Schema).ToArray(), tenants.Select(static tenant => tenant.Name).ToArray());
                await using var reader = await batch.ExecuteReaderAsync(cancellation);
                while (await reader.ReadAsync(cancellation))
                {
                    found.Add(reader.GetString(0), Taken($"schema {reader.GetString(0)}: another tenant, in schema {reader.GetString(1)}, has its name already."));
                }

                return found;
            },
            cancellation);
        foreach (var doubles in tenants.GroupBy(static tenant => tenant.Name, StringComparer.Ordinal))
        {
            foreach (var tenant in doubles.Skip(1))
            {
                taken.TryAdd(tenant.Schema, Taken($"schema {tenant.Schema}: another of the new tenants, in schema {doubles.First().Schema}, is named {SqlLiteral.Quote(tenant.Name)} too."));
            }
        }

        return taken;
    }

    private static MigrationFailure Taken(string message) => new() { ErrorId = "NameTaken", Message = message, RecommendedAction = "Choose another name." };
}
