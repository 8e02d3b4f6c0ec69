namespace TenancyMigrate.Help;

/// <summary>What the help of a cmdlet says.</summary>
internal sealed record CmdletHelp
{
    public required string Verb { get; init; }

    public required string Noun { get; init; }

    public required string Synopsis { get; init; }

    public required IReadOnlyList<string> Description { get; init; }

    public required IReadOnlyList<Example> Examples { get; init; }

    /// <summary>Each once, by name.</summary>
    public required IReadOnlyList<ParameterHelp> Parameters { get; init; }

    /// <summary>The parameters of each parameter set, in the order to show them.</summary>
    public required IReadOnlyList<IReadOnlyList<ParameterHelp>> Syntax { get; init; }

    /// <summary>Names of the types that it gives.</summary>
    public required IReadOnlyList<string> Outputs { get; init; }

    /// <summary>What to read next: cmdlets and topics.</summary>
    public IReadOnlyList<string> Related { get; init; } = [];

    public string Name => $"{Verb}-{Noun}";
}

/// <summary>A parameter, in one parameter set.</summary>
internal sealed record ParameterHelp
{
    public required string Name { get; init; }

    public required string Set { get; init; }

    public required string Description { get; init; }

    /// <summary>Null for a switch.</summary>
    public required Type? Type
    {
        get;
        init => field = value?.Name == "SwitchParameter" ? null : value;
    }

    public int? Position { get; init; }

    public bool IsRequired { get; init; }

    public bool ByValue { get; init; }

    public bool ByName { get; init; }

    public bool Wildcards { get; init; }

    public IReadOnlyList<string> Aliases { get; init; } = [];

    public IReadOnlyList<string> Values { get; init; } = [];

    public string PipelineInput => (ByValue, ByName) switch
    {
        (true, true) => "True (ByValue, ByPropertyName)",
        (true, false) => "True (ByValue)",
        (false, true) => "True (ByPropertyName)",
        _ => "False",
    };

    /// <summary>The type as PowerShell writes it.</summary>
    public string TypeName => Type switch
    {
        null => "SwitchParameter",
        { IsArray: true } => Type.GetElementType()!.Name + "[]",
        _ => Type.Name,
    };
}
