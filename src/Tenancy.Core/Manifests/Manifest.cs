using System.Collections.Immutable;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Manifests;

/// <summary>One YAML file, read and compiled: one revision.</summary>
public sealed record Manifest
{
    /// <summary>The revision's id; unique in the project.</summary>
    public required string Revision { get; init; }

    /// <summary>Revisions that it follows; empty for a base, several for a merge.</summary>
    public ImmutableArray<string> Parents { get; init; } = [];

    /// <summary>Revisions or labels that it needs besides; may cross scopes.</summary>
    public ImmutableArray<string> DependsOn { get; init; } = [];

    /// <summary>Branch labels.</summary>
    public ImmutableArray<string> Labels { get; init; } = [];

    /// <summary>What it changes.</summary>
    public MigrationScope Scope { get; init; }

    /// <summary>One line for people.</summary>
    public string Description { get; init; } = "";

    /// <summary>Objects outside its scope that it changes or locks on purpose.</summary>
    public ImmutableArray<Touch> Touches { get; init; } = [];

    /// <summary>The steps up, compiled.</summary>
    public required ImmutableArray<CompiledOperation> Up { get; init; }

    /// <summary>The steps down, compiled; empty when <see cref="Irreversible"/> is set.</summary>
    public required ImmutableArray<CompiledOperation> Down { get; init; }

    /// <summary>Why it cannot be undone; null when it can.</summary>
    public string? Irreversible { get; init; }

    /// <summary>What must hold before it runs on a tenant.</summary>
    public ImmutableArray<Requirement> Requires { get; init; } = [];

    /// <summary>What must hold after <c>up</c>, inside the transaction.</summary>
    public ImmutableArray<Verification> Verify { get; init; } = [];

    /// <summary>Arguments of the run that it uses.</summary>
    public ImmutableArray<ArgumentDeclaration> Arguments { get; init; } = [];

    /// <summary>True when it writes rows that every tenant has (seed data).</summary>
    public bool Data { get; init; }

    /// <summary>Safety checks that it switches off, each with a reason.</summary>
    public ImmutableArray<Suppression> Suppress { get; init; } = [];

    /// <summary>The file, as the user would type it.</summary>
    public required string Path { get; init; }

    /// <summary>Version and SHA-256 of the parsed manifest and the content of its SQL files: <c>1:</c> and 64 hexadecimal digits.</summary>
    public required string Checksum { get; init; }

    /// <summary>The manifest as canonical JSON with its SQL files written in: what the checksum is of, what history keeps, and what can be read again as a manifest.</summary>
    public required string CanonicalText { get; init; }

    /// <summary>Where its <c>revision</c> stands.</summary>
    public required SourcePosition Position { get; init; }

    /// <summary>True for SQL around runs or tenants, which is no revision: <see cref="Revision"/> is the hook's key then, and nothing is recorded of it.</summary>
    public bool IsHook { get; init; }

    /// <summary>What messages call it.</summary>
    public string Title => $"{(IsHook ? "hook" : "revision")} {Revision}";

    /// <summary>True when its operations are still to be written: no merge, and <see cref="Up"/> is empty. What runs is read without such.</summary>
    public bool IsDraft => Up.IsEmpty && Parents.Length < 2;

    /// <inheritdoc/>
    public override string ToString() => Revision;
}

/// <summary>An operation with its statements, compiled once.</summary>
/// <param name="Operation">The operation.</param>
/// <param name="Statements">Its statements in the order to run.</param>
public sealed record CompiledOperation(Operations.Operation Operation, ImmutableArray<SqlStatement> Statements);

/// <summary>An object outside a revision's scope that it changes or locks on purpose.</summary>
/// <param name="Schema">The schema as written (a token or a real name); <c>*</c> with an empty <paramref name="Name"/> stands for what lies in no schema (<c>database</c> in a manifest).</param>
/// <param name="Name">The object's name, <c>*</c> for all in the schema, empty for <c>database</c>.</param>
public sealed record Touch(string Schema, string Name);

/// <summary>A precondition.</summary>
/// <param name="Sql">A query that gives one boolean.</param>
/// <param name="OnFail">What happens when it gives false.</param>
/// <param name="Message">What to tell the person, or null.</param>
public sealed record Requirement(SqlStatement Sql, OnFail OnFail, string? Message);

/// <summary>What happens on a tenant for which a precondition does not hold (Liquibase: <c>onFail</c>).</summary>
public enum OnFail
{
    /// <summary>The tenant fails, and stays where it was.</summary>
    Fail,

    /// <summary>The revision, and what follows it, is left out this time.</summary>
    Skip,

    /// <summary>The revision is recorded as applied and not run.</summary>
    MarkApplied,

    /// <summary>The revision runs, with a warning.</summary>
    Warn,
}

/// <summary>A check after <c>up</c>.</summary>
/// <param name="Sql">A query that gives one boolean.</param>
/// <param name="Message">What to tell the person, or null.</param>
public sealed record Verification(SqlStatement Sql, string? Message);

/// <summary>An argument of the run that a manifest uses.</summary>
/// <param name="Name">The key in <c>${x.key}</c>.</param>
/// <param name="Type"><c>text</c>, <c>integer</c>, <c>number</c>, <c>boolean</c> or <c>identifier</c>.</param>
/// <param name="Default">The value when none is given; null makes it mandatory.</param>
/// <param name="Allowed">Allowed values; empty allows all.</param>
/// <param name="IsSecret">True keeps the value out of history, objects and output.</param>
/// <param name="Description">One line for people, or null.</param>
public sealed record ArgumentDeclaration(string Name, string Type, string? Default, ImmutableArray<string> Allowed, bool IsSecret, string? Description);

/// <summary>A safety check switched off.</summary>
/// <param name="Rule">The check's id.</param>
/// <param name="Reason">Why.</param>
/// <param name="Position">Where it stands.</param>
public sealed record Suppression(string Rule, string Reason, SourcePosition Position);
