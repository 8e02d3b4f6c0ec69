using System.Reflection;
using System.Runtime.Loader;

namespace TenancyMigrate.Help;

/// <summary>Reads the cmdlets of an assembly by their attributes, without running anything of it.</summary>
internal static class CmdletReader
{
    private const string AllSets = "__AllParameterSets";

    /// <summary>The cmdlets, by name.</summary>
    public static IReadOnlyList<CmdletHelp> Read(string assembly, string reference, Comments comments)
    {
        var context = new AssemblyLoadContext("help");
        var folder = Path.GetDirectoryName(Path.GetFullPath(assembly))!;
        context.Resolving += (loader, name) =>
            new[] { reference, Path.Combine(folder, name.Name + ".dll"), Path.Combine(folder, "deps", name.Name + ".dll") }
                .FirstOrDefault(file => Path.GetFileNameWithoutExtension(file) == name.Name && File.Exists(file)) is { } found
                ? loader.LoadFromAssemblyPath(Path.GetFullPath(found))
                : null;
        return
        [
            .. context.LoadFromAssemblyPath(Path.GetFullPath(assembly)).GetExportedTypes()
                .Where(static type => !type.IsAbstract && Find(type, "CmdletAttribute") is not null)
                .Select(type => ReadCmdlet(type, comments))
                .OrderBy(static cmdlet => cmdlet.Name, StringComparer.Ordinal),
        ];
    }

    private static CmdletHelp ReadCmdlet(Type type, Comments comments)
    {
        var attribute = Find(type, "CmdletAttribute")!;
        var key = "T:" + type.FullName;
        var parameters = type.GetProperties().SelectMany(property => ReadParameters(property, comments)).ToList();
        if (Named(attribute, "SupportsShouldProcess") is true)
        {
            parameters.Add(Switch("Confirm", "Asks before each change.", "cf"));
            parameters.Add(Switch("WhatIf", "Shows what would be done, and changes nothing.", "wi"));
        }

        var sets = parameters.Select(static parameter => parameter.Set).Where(static set => set != AllSets).Distinct().ToList();
        return new CmdletHelp
        {
            Verb = (string)attribute.ConstructorArguments[0].Value!,
            Noun = (string)attribute.ConstructorArguments[1].Value!,
            Synopsis = comments.Summary(key),
            Description = comments.Remarks(key),
            Examples = comments.Examples(key),
            Parameters = [.. parameters.DistinctBy(static parameter => parameter.Name).OrderBy(static parameter => parameter.Name, StringComparer.Ordinal)],
            Syntax = [.. sets.DefaultIfEmpty(AllSets).Select(set => InOrder(parameters.Where(parameter => parameter.Set == set || parameter.Set == AllSets)))],
            Outputs = Find(type, "OutputTypeAttribute") is { } output
                ? [.. ((IReadOnlyCollection<CustomAttributeTypedArgument>)output.ConstructorArguments[0].Value!).Select(static argument => ((Type)argument.Value!).FullName!)]
                : [],
        };
    }

    private static ParameterHelp[] InOrder(IEnumerable<ParameterHelp> parameters) =>
    [
        .. parameters
            .OrderBy(static parameter => parameter.Position ?? int.MaxValue)
            .ThenBy(static parameter => !parameter.IsRequired)
            .ThenBy(static parameter => parameter.Name is "WhatIf" or "Confirm"),
    ];

    private static IEnumerable<ParameterHelp> ReadParameters(PropertyInfo property, Comments comments) =>
        property.GetCustomAttributesData().Where(static data => data.AttributeType.Name == "ParameterAttribute").Select(data => new ParameterHelp
        {
            Name = property.Name,
            Set = Named(data, "ParameterSetName") as string ?? AllSets,
            Description = comments.Summary($"P:{property.DeclaringType!.FullName}.{property.Name}"),
            Type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType,
            Position = Named(data, "Position") is int position and >= 0 ? position : null,
            IsRequired = Named(data, "Mandatory") is true,
            ByValue = Named(data, "ValueFromPipeline") is true,
            ByName = Named(data, "ValueFromPipelineByPropertyName") is true,
            Wildcards = Find(property, "SupportsWildcardsAttribute") is not null,
            Aliases = Strings(Find(property, "AliasAttribute")),
            Values = Strings(Find(property, "ValidateSetAttribute")),
        });

    private static ParameterHelp Switch(string name, string description, string alias) =>
        new() { Name = name, Set = AllSets, Description = description, Type = null, Aliases = [alias] };

    private static string[] Strings(CustomAttributeData? data) =>
        data is null ? [] : [.. ((IReadOnlyCollection<CustomAttributeTypedArgument>)data.ConstructorArguments[0].Value!).Select(static argument => (string)argument.Value!)];

    private static CustomAttributeData? Find(MemberInfo member, string attribute) =>
        member.GetCustomAttributesData().FirstOrDefault(data => data.AttributeType.Name == attribute);

    private static object? Named(CustomAttributeData data, string name) =>
        data.NamedArguments.FirstOrDefault(argument => argument.MemberName == name).TypedValue.Value;
}
