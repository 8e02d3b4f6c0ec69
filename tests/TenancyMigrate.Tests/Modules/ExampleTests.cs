using System.Xml.Linq;
using TenancyMigrate.Tests.Hosting;
using Xunit;

namespace TenancyMigrate.Tests.Modules;

/// <summary>Every example of the help is run, in a project made for it, and gives no error.</summary>
public sealed class ExampleTests
{
    private static readonly XNamespace Command = "http://schemas.microsoft.com/maml/dev/command/2004/10";
    private static readonly XNamespace Dev = "http://schemas.microsoft.com/maml/dev/2004/10";

    private static readonly string Help = Path.Combine(Repository.Root, "en-US", "TenancyMigrate.dll-Help.xml");

    /// <summary>Each cmdlet with the number of each of its examples.</summary>
    public static TheoryData<string, int> Examples()
    {
        var data = new TheoryData<string, int>();
        foreach (var command in XDocument.Load(Help).Descendants(Command + "command"))
        {
            for (var number = 0; number < command.Descendants(Command + "example").Count(); number++)
            {
                data.Add(Name(command), number);
            }
        }

        return data;
    }

    [SkippableTheory]
    [MemberData(nameof(Examples))]
    public async Task An_example_runs(string cmdlet, int number)
    {
        var code = XDocument.Load(Help).Descendants(Command + "command").Single(command => Name(command) == cmdlet)
            .Descendants(Command + "example").ElementAt(number).Element(Dev + "code")!.Value;
        await using var world = await ExampleWorld.CreateAsync(cmdlet);

        (await world.RunAsync(code)).Clean();
    }

    private static string Name(XElement command) => command.Element(Command + "details")!.Element(Command + "name")!.Value;
}
