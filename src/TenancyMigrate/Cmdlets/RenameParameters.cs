using System.Collections.Immutable;
using System.Management.Automation;
using Tenancy.Model;

namespace TenancyMigrate.Cmdlets;

/// <summary>What -Rename and -RenameFile say.</summary>
internal static class RenameParameters
{
    /// <summary>The renames as texts, those of the file last.</summary>
    /// <param name="cmdlet">The cmdlet.</param>
    /// <param name="renames">What -Rename has.</param>
    /// <param name="file">What -RenameFile has; null where it is not given.</param>
    /// <exception cref="TenancyException"><c>RenameFileNotFound</c>; <c>InvalidRename</c> in the file.</exception>
    public static ImmutableArray<string> Read(PSCmdlet cmdlet, string[] renames, string? file) =>
        [.. renames, .. file is null ? [] : Tenancy.Core.Catalog.Diffs.RenameFile.Read(cmdlet.SessionState.Path.GetUnresolvedProviderPathFromPSPath(file))];
}
