using System.Reflection;
using System.Runtime.Loader;
using Tenancy.Model;

namespace TenancyMigrate.Isolation;

/// <summary>
/// Where the engine, Npgsql and YamlDotNet live: another module's copies of them in the same session neither break ours nor are broken.
/// </summary>
internal sealed class EngineLoadContext : AssemblyLoadContext
{
    /// <summary>The only assembly that is asked for from outside.</summary>
    public const string EngineName = "Tenancy.Core";

    private static readonly Lazy<EngineLoadContext> Instance = new(static () => new EngineLoadContext());

    private readonly string folder;
    private readonly AssemblyDependencyResolver resolver;

    private EngineLoadContext() : base("TenancyMigrate")
    {
        folder = Path.Combine(Path.GetDirectoryName(typeof(EngineLoadContext).Assembly.Location)!, "deps");
        resolver = new AssemblyDependencyResolver(Path.Combine(folder, EngineName + ".dll"));
    }

    /// <summary>Makes the engine reachable from PowerShell's own load context. Once a process, never undone: import runs in every runspace.</summary>
    public static void Register() => _ = Registration.Done;

    /// <inheritdoc/>
    protected override Assembly? Load(AssemblyName assemblyName)
    {
        ArgumentNullException.ThrowIfNull(assemblyName);
        if (assemblyName.Name == typeof(Tenant).Assembly.GetName().Name)
        {
            // What travels down the pipeline has one identity, or users meet "Tenant cannot be cast to Tenant".
            return typeof(Tenant).Assembly;
        }

        return resolver.ResolveAssemblyToPath(assemblyName) is { } path ? LoadFromAssemblyPath(path) : null;
    }

    private static Assembly? Resolve(AssemblyLoadContext context, AssemblyName name) =>
        name.Name == EngineName ? Instance.Value.LoadFromAssemblyName(name) : null;

    private static class Registration
    {
        public static readonly bool Done = Register();

        private static bool Register()
        {
            Default.Resolving += Resolve;
            return true;
        }
    }
}
