using Tenancy.Core.Planning;
using Tenancy.Core.Tests.Execution;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Scripts;

/// <summary>A script leaves what the run leaves.</summary>
public sealed class ScriptTests
{
    private const string Odd = "Ünï \"quoted\" 'x'";

    private const string Schemas = """CREATE SCHEMA shared; CREATE SCHEMA t1; CREATE SCHEMA "back\slash $tenancy$"; CREATE SCHEMA "Ünï ""quoted"" 'x'";""";

    private static readonly Tenant[] Tenants = [.. new[] { Odd, "t1", "back\\slash $tenancy$" }.Select(RichProject.Tenant)];

    [SkippableTheory]
    [InlineData("search_path", TransactionMode.PerRevision, false)]
    [InlineData("search_path", TransactionMode.PerTenant, true)]
    [InlineData("token", TransactionMode.PerRevision, true)]
    [InlineData("token", TransactionMode.PerTenant, false)]
    public async Task Up_and_down_leave_what_the_run_leaves(string mode, TransactionMode transaction, bool asFiles)
    {
        await using var twins = await Twins.CreateAsync(database => RichProject.Create(database, mode, extensions: false), Schemas);

        await twins.MigrateAsync(Tenants, new() { Transaction = transaction }, ["base"], asFiles);
        await twins.MigrateAsync(Tenants, Twins.Down("rich0003", transaction), ["head"], asFiles);
        await twins.MigrateAsync(Tenants, new() { Transaction = transaction }, from: null, asFiles);
        await twins.MigrateAsync(Tenants, Twins.Down("base", transaction), from: null, asFiles);
    }

    [SkippableTheory]
    [InlineData("search_path")]
    [InlineData("token")]
    public async Task The_schemas_of_extensions_are_found_where_the_script_runs(string mode)
    {
        await using var twins = await Twins.CreateAsync(database => RichProject.Create(database, mode, extensions: true), Schemas, extensions: true);

        await twins.MigrateAsync(Tenants, new(), ["base"]);
        await twins.MigrateAsync(Tenants, Twins.Down("base"), ["head"]);
    }
}
