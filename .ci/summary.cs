// Sums up the .trx files of a folder: dotnet run .ci/summary.cs -- <folder> <expected files> <runs that failed>
#:property PublishAot=false
using System.Globalization;
using System.Xml.Linq;

var files = Directory.Exists(args[0]) ? Directory.GetFiles(args[0], "*.trx", SearchOption.AllDirectories) : [];
var expected = int.Parse(args[1], CultureInfo.InvariantCulture);
var failedRuns = int.Parse(args[2], CultureInfo.InvariantCulture);
XNamespace ns = "http://microsoft.com/schemas/VisualStudio/TeamTest/2010";

int passed = 0, failed = 0, skipped = 0;
foreach (var file in files)
{
    var on = Path.GetFileName(Path.GetDirectoryName(file));
    foreach (var result in XDocument.Load(file).Descendants(ns + "UnitTestResult"))
    {
        var name = $"{result.Attribute("testName")?.Value} (PostgreSQL {on})";
        switch (result.Attribute("outcome")?.Value)
        {
            case "Passed":
                passed++;
                break;
            case "NotExecuted":
                skipped++;
                Console.WriteLine($"SKIPPED: {name}: {Said(result)}");
                break;
            default:
                failed++;
                Console.WriteLine($"FAILED: {name}: {Said(result)}");
                break;
        }
    }
}

if (files.Length != expected)
{
    // A project that crashed, hung or did not build has no results, and must not pass for one without tests.
    Console.WriteLine($"FAILED: results of {files.Length} test projects, expected {expected}.");
}

// A run that failed without a failed test (a build error, a crash, a time-out) still counts as a failure.
if (failed == 0 && (failedRuns > 0 || files.Length != expected))
{
    failed = Math.Max(1, failedRuns);
}

Console.WriteLine($"{passed} passed, {failed} failed, {skipped} skipped");
return failed == 0 && passed > 0 ? 0 : 1;

string Said(XElement result)
{
    var output = result.Element(ns + "Output");
    var text = output?.Element(ns + "ErrorInfo")?.Element(ns + "Message")?.Value ?? output?.Element(ns + "StdOut")?.Value ?? "no reason given";
    return string.Join(' ', text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
}
