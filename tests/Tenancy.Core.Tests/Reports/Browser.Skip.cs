using Xunit;

namespace Tenancy.Core.Tests.Reports;

/// <summary>A test that needs a browser is skipped where there is none.</summary>
internal sealed partial class Browser
{
    static partial void OnSearched(bool isFound) => Skip.IfNot(isFound, "There is no Chromium on this machine.");
}
