using System.Reflection;

namespace Tenancy.Core.History;

/// <summary>The version of this tool, as history records it.</summary>
internal static class ToolVersion
{
    /// <summary>Name and version, such as <c>TenancyMigrate 0.1.0</c>.</summary>
    public static string Text { get; } =
        "TenancyMigrate " + (Assembly.GetExecutingAssembly().GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0");
}
