namespace Tenancy.Core.Tests.Execution;

/// <summary>Login roles with names of their own. They own objects in the test's database, so they stay until the server goes.</summary>
internal sealed class TestRoles
{
    private readonly Dictionary<string, string> names;

    private TestRoles(Dictionary<string, string> names) => this.names = names;

    /// <summary>The real name of a role.</summary>
    internal string this[string name] => names[name];

    internal static async Task<TestRoles> CreateAsync(params string[] names)
    {
        var roles = new TestRoles(names.ToDictionary(static name => name, static name => $"{name}_{Guid.NewGuid():N}"));
        foreach (var role in roles.names.Values)
        {
            await PostgresFixture.ExecuteAsync($"CREATE ROLE {role} LOGIN");
        }

        return roles;
    }
}
