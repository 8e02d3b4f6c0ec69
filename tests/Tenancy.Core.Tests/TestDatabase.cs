using Npgsql;
using Tenancy.LocalPostgres;

namespace Tenancy.Core.Tests;

/// <summary>A test's own database, dropped with whatever is still connected to it when disposed.</summary>
internal sealed class TestDatabase : IAsyncDisposable
{
    internal TestDatabase(LocalPostgresServer server, string name)
    {
        Server = server;
        Name = name;
        ConnectionString = server.ConnectionString(name);
        DataSource = NpgsqlDataSource.Create(ConnectionString);
    }

    internal LocalPostgresServer Server { get; }

    internal string Name { get; }

    /// <summary>For Npgsql, as superuser.</summary>
    internal string ConnectionString { get; }

    /// <summary>The test's own connections; the code under test should open its own from <see cref="ConnectionString"/>.</summary>
    internal NpgsqlDataSource DataSource { get; }

    /// <summary>Runs statements, separated by semicolons, in one transaction.</summary>
    internal async Task ExecuteAsync(string sql)
    {
        await using var command = DataSource.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>The first column of the first row; default where there is no row or it is null.</summary>
    internal async Task<T?> ScalarAsync<T>(string sql)
    {
        await using var command = DataSource.CreateCommand(sql);
        return await command.ExecuteScalarAsync() is T value ? value : default;
    }

    /// <summary>All rows; a null in the database is a null here.</summary>
    internal async Task<IReadOnlyList<IReadOnlyList<object?>>> QueryAsync(string sql)
    {
        await using var command = DataSource.CreateCommand(sql);
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<IReadOnlyList<object?>>();
        while (await reader.ReadAsync())
        {
            rows.Add([.. Enumerable.Range(0, reader.FieldCount).Select(i => reader.IsDBNull(i) ? null : reader.GetValue(i))]);
        }

        return rows;
    }

    /// <summary>All definitions, grants and rows of the database, or of one schema, as text to compare: see <see cref="DatabaseDump"/>.</summary>
    /// <param name="schema">A schema's name, unquoted, or null for all.</param>
    /// <param name="except">A schema to leave out, unquoted, or null for none.</param>
    internal Task<string> DumpAsync(string? schema = null, string? except = null) => DatabaseDump.ReadAsync(this, schema, except);

    public async ValueTask DisposeAsync()
    {
        await DataSource.DisposeAsync();
        await PostgresFixture.ExecuteAsync($"DROP DATABASE IF EXISTS {Name} WITH (FORCE)");
    }
}
