using System.Security.Cryptography;
using System.Text.Json;
using NuGet.Packaging;
using TenancyMigrate.Packaging;
using TenancyMigrate.Tests.Hosting;
using Xunit;

namespace TenancyMigrate.Tests.Packaging;

/// <summary>The licences and the bill of materials are of what lies in the folder.</summary>
public sealed class ThirdPartyTests(StagedModule staged) : IClassFixture<StagedModule>
{
    private IReadOnlyList<string> TheirFiles => [.. staged.Files.Where(static file => file.StartsWith("bin/deps/", StringComparison.Ordinal) && file.EndsWith(".dll", StringComparison.Ordinal) && !file.EndsWith("/Tenancy.Core.dll", StringComparison.Ordinal))];

    [Fact]
    public void Every_file_of_others_is_in_the_notices_with_its_licence()
    {
        var notices = staged.Read(ThirdPartyNotices.FileName);
        var headings = notices.Split('\n').Where(static line => line.EndsWith(".dll)", StringComparison.Ordinal)).ToList();
        Assert.All(TheirFiles, file => Assert.Single(headings, heading => heading.Contains(Path.GetFileName(file), StringComparison.Ordinal)));
        Assert.Equal(headings.Count, notices.Split('\n').Count(static line => line.StartsWith("    Licence: ", StringComparison.Ordinal)));

        // A sentence of each licence, and what is written in of whom it is.
        foreach (var part in new[] { "NPGSQL SPECIFICALLY DISCLAIMS", "Apache License", "Redistribution and use in source and binary forms", "Permission is hereby granted, free of charge", "The Npgsql Development Team", "Antoine Aubry and contributors", "License notice for" })
        {
            Assert.Contains(part, notices, StringComparison.Ordinal);
        }

        Assert.DoesNotContain("{copyright}", notices, StringComparison.Ordinal);
    }

    [Fact]
    public void A_package_whose_licence_has_no_text_stops_the_build()
    {
        using var folder = new TemporaryPackage("<license type=\"expression\">Zlib</license>");
        var error = Assert.Throws<PackagingException>(() => ThirdPartyNotices.Write("Module", [folder.Package]));
        Assert.Equal("Some.Package 1.2.3 is under Zlib and brings no text of it: put one into src/TenancyMigrate.Packaging/Licences, as Zlib.txt.", error.Message);
    }

    [Fact]
    public void A_package_without_a_known_licence_stops_the_build()
    {
        using var folder = new TemporaryPackage("<licenseUrl>https://example.com/licence</licenseUrl>");
        Assert.Equal("Some.Package 1.2.3 does not say its licence as an SPDX expression.", Assert.Throws<PackagingException>(() => ThirdPartyNotices.Write("Module", [folder.Package])).Message);
    }

    [Fact]
    public void A_package_brings_its_own_text_or_gets_that_of_its_licence()
    {
        using var folder = new TemporaryPackage("<license type=\"expression\">Zlib OR MIT</license><copyright>(c) Somebody</copyright>");
        Assert.Contains("(c) Somebody\n\nPermission is hereby granted, free of charge", ThirdPartyNotices.Write("Module", [folder.Package]), StringComparison.Ordinal);
        File.WriteAllText(Path.Combine(folder.Package.Folder, "License.md"), "Their own words.\r\n");
        Assert.EndsWith("Licence: Zlib OR MIT\n\nTheir own words.\n", ThirdPartyNotices.Write("Module", [folder.Package]), StringComparison.Ordinal);
    }

    [Fact]
    public void The_bill_of_materials_has_each_file_with_its_hash_and_each_package_with_its()
    {
        using var bill = JsonDocument.Parse(staged.Read(BillOfMaterials.FileName));
        Assert.Equal(("CycloneDX", "1.6"), (Text(bill.RootElement, "bomFormat"), Text(bill.RootElement, "specVersion")));
        var packages = bill.RootElement.GetProperty("components").EnumerateArray().ToList();
        Assert.Equal(
            TheirFiles.Select(file => (file, Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Path.Combine(staged.Folder, file)))))),
            packages.SelectMany(static package => package.GetProperty("components").EnumerateArray()).Select(static file => (Text(file, "name"), Hash(file))).Order());
        Assert.All(packages, static package =>
        {
            var (name, version) = (Text(package, "name").ToLowerInvariant(), Text(package, "version"));
            var download = File.ReadAllBytes(Path.Combine(ShippedPackage.FindRestored(Repository.Root), name, version, $"{name}.{version}.nupkg"));
            Assert.Equal(Convert.ToHexStringLower(SHA512.HashData(download)), Hash(package));
            Assert.Equal($"pkg:nuget/{Text(package, "name")}@{version}", Text(package, "purl"));
            Assert.NotEmpty(package.GetProperty("licenses").EnumerateArray());
        });
    }

    [Fact]
    public void The_bill_of_materials_says_what_needs_what()
    {
        using var bill = JsonDocument.Parse(staged.Read(BillOfMaterials.FileName));
        var needs = bill.RootElement.GetProperty("dependencies").EnumerateArray().ToDictionary(static item => Text(item, "ref"), static item => item.GetProperty("dependsOn").EnumerateArray().Select(static other => other.GetString()!).ToList());
        var module = Text(bill.RootElement.GetProperty("metadata").GetProperty("component"), "bom-ref");
        var known = bill.RootElement.GetProperty("components").EnumerateArray().Select(static package => Text(package, "bom-ref")).Append(module).ToHashSet();
        Assert.Equal(known, [.. needs.Keys]);
        Assert.All(needs.Values.SelectMany(static other => other), other => Assert.Contains(other, known));

        // Everything is there for a reason.
        var reached = new HashSet<string>();
        Reach(module);
        Assert.Equal(known, reached);

        void Reach(string reference)
        {
            if (reached.Add(reference))
            {
                needs[reference].ForEach(Reach);
            }
        }
    }

    [Fact]
    public void A_file_that_comes_from_no_package_stops_the_build()
    {
        using var other = new StagedModule();
        File.WriteAllText(Path.Combine(other.Folder, "bin", "deps", "Stray.dll"), "");
        Assert.Equal("bin/deps/Stray.dll comes from no package that Tenancy.Core.deps.json names.", Assert.Throws<PackagingException>(() => ShippedPackage.Find(other.Folder, ShippedPackage.FindRestored(Repository.Root))).Message);
    }

    private static string Text(JsonElement item, string name) => item.GetProperty(name).GetString()!;

    private static string Hash(JsonElement item) => Text(Assert.Single(item.GetProperty("hashes").EnumerateArray()), "content");

    private sealed class TemporaryPackage : IDisposable
    {
        public TemporaryPackage(string licence)
        {
            var folder = Directory.CreateTempSubdirectory("tenancy-package-").FullName;
            var nuspec = Path.Combine(folder, "some.package.nuspec");
            File.WriteAllText(nuspec, $"<package xmlns=\"http://schemas.microsoft.com/packaging/2013/05/nuspec.xsd\"><metadata><id>Some.Package</id><version>1.2.3</version><authors>Somebody</authors>{licence}</metadata></package>");
            Package = new(folder, new NuspecReader(nuspec), [], ["bin/deps/Some.Package.dll"], []);
        }

        public ShippedPackage Package { get; }

        public void Dispose() => Directory.Delete(Package.Folder, recursive: true);
    }
}
