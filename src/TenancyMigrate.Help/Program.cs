using TenancyMigrate.Help;

// Writes PowerShell's help file (MAML) from the attributes and XML comments of the cmdlets. Fails the build on a gap.
if (args is not [var assembly, var comments, var reference, var output])
{
    Console.Error.WriteLine("usage: TenancyMigrate.Help <module assembly> <its XML comments> <System.Management.Automation.dll> <output>");
    return 2;
}

var cmdlets = CmdletReader.Read(assembly, reference, new Comments(comments));
var gaps = cmdlets.SelectMany(Completeness.FindGaps).ToList();
foreach (var gap in gaps)
{
    // The form that MSBuild shows as an error of the build.
    Console.WriteLine($"{Path.GetFileName(assembly)} : error HELP001: {gap}");
}

if (gaps.Count > 0)
{
    return 1;
}

Directory.CreateDirectory(Path.GetDirectoryName(output)!);
Maml.Write(RelatedLinks.Add(cmdlets), output);
return 0;
