using Npgsql;
using Tenancy.Core.Execution.Waiting;
using Tenancy.Core.History;
using Tenancy.Core.Manifests;
using Tenancy.Core.Revisions;
using Tenancy.Core.Tenants;
using Tenancy.Model;

namespace Tenancy.Core.Execution.Servers;

/// <content>What a run begins with.</content>
internal sealed partial class DatabaseSession
{
    /// <summary>
    /// As <see cref="PrepareAsync"/> and <see cref="ReadAsync(RevisionDirection, MigrationScope?, string[], CancellationToken)"/>, in one round trip: that nothing is to be installed is taken for granted,
    /// and only where the answer is another does it go the long way, which says why.
    /// </summary>
    /// <param name="direction">Which way the run goes.</param>
    /// <param name="scope">The scope that it works on; null for what the direction implies.</param>
    /// <param name="schemas">The tenants' schemas.</param>
    /// <param name="registering">As <see cref="ReadRegisteredAsync"/> takes them; null where nobody asks.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="TenancyException">As <see cref="PrepareAsync"/>.</exception>
    /// <exception cref="ManifestException">A text in history cannot be read, or does not fit the graph.</exception>
    public Task<Opening> OpenAsync(RevisionDirection direction, MigrationScope? scope, string[] schemas, string[]? registering, CancellationToken cancellation) => OpenAsync(
        async token =>
        {
            if (direction == RevisionDirection.Up && await TryOpenAsync(schemas, registering, token) is { } opening)
            {
                return opening;
            }

            var facts = await PrepareOnceAsync(token);
            return await ReadAsync(facts, direction, scope, schemas, registering, token);
        },
        cancellation);

    /// <summary>The same once more, after what may have taken long.</summary>
    /// <inheritdoc cref="OpenAsync(RevisionDirection, MigrationScope?, string[], string[], CancellationToken)"/>
    public Task<Opening> ReopenAsync(RevisionDirection direction, MigrationScope? scope, string[] schemas, string[]? registering, CancellationToken cancellation) =>
        OpenAsync(token => ReadAsync(prepared!, direction, scope, schemas, registering, token), cancellation);

    private async Task<Opening> ReadAsync(ServerFacts facts, RevisionDirection direction, MigrationScope? scope, string[] schemas, string[]? registering, CancellationToken cancellation) =>
        new(facts, await ReadAsync(direction, scope, schemas, cancellation), registering is null ? null : await ReadRegisteredAsync(registering, cancellation));

    private async Task<Opening?> TryOpenAsync(string[] schemas, string[]? registering, CancellationToken cancellation)
    {
        var history = new HistoryReader(History, project, Graph, schemas, InstalledHistory.Current);
        Opening? opening;
        try
        {
            opening = await HistoryTransaction.SendAsync(connector, Address, project, Add, ReadAsync, cancellation);
            if (opening is not null && history.HasSuspects)
            {
                await RunAsync<object?>(
                    async connection =>
                    {
                        await history.ReadMismatchedAsync(connection, cancellation);
                        return null;
                    },
                    cancellation);
            }
        }
        catch (TenancyException error) when (error.ErrorId == "ConnectionLost")
        {
            // A connection that was left in the pool may have ended meanwhile, and then most likely all have.
            connector.GetDataSource(Address).Clear();
            return null;
        }
        catch (TenancyException error) when (error.ErrorId is "HistoryDenied" or "HistoryFailed" && !TransientErrors.Is(error))
        {
            return null;
        }

        prepared = opening?.Facts;
        return opening;

        void Add(NpgsqlBatch batch)
        {
            AddFacts(batch);
            installation.Add(batch);
            history.Add(batch);
            if (registering is not null)
            {
                RegisteredTenants.Add(batch, History, project, registering);
            }
        }

        async Task<Opening?> ReadAsync(NpgsqlConnection connection, NpgsqlDataReader reader)
        {
            var facts = await ReadFactsAsync(connection, reader, cancellation);
            await reader.NextResultAsync(cancellation);
            if (facts.VersionNumber < ServerFacts.OldestVersion || facts.IsInRecovery || await installation.ReadAsync(reader, cancellation) is not { IsCurrent: true })
            {
                return null;
            }

            await reader.NextResultAsync(cancellation);
            await history.ReadAsync(reader, cancellation);
            if (registering is null)
            {
                return new(facts, history.Fleet, null);
            }

            await reader.NextResultAsync(cancellation);
            return new(facts, history.Fleet, await RegisteredTenants.ReadAsync(reader, Graph, cancellation));
        }
    }
}
