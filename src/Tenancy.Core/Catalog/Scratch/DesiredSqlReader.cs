using System.Collections.Immutable;
using System.Globalization;
using Tenancy.Core.Manifests;
using Tenancy.Core.Sql;
using Tenancy.Model;

namespace Tenancy.Core.Catalog.Scratch;

/// <summary>
/// Reads SQL that says how a schema is to be: SQL files as a project's people write them, or a dump. Connects to nothing. Tokens and the name of the schema that stands for the tenant's become places for
/// a schema's name; what would take the transaction or the session into its own hands is refused, with its file and line.
/// </summary>
internal sealed class DesiredSqlReader
{
    private const string Public = "public";

    private readonly SqlTokens tokens;
    private readonly string shared;
    private readonly string? schema;
    private readonly bool isDump;
    private readonly IReadOnlyDictionary<string, string> members;
    private readonly ErrorList errors = [];
    private readonly List<(SqlErrors Errors, SqlCode Code)> pieces = [];
    private readonly DumpRules rules = new();
    private readonly DumpSettings settings = new();
    private int databases;

    private DesiredSqlReader(SqlTokens tokens, string shared, string? schema, bool isDump, IReadOnlyDictionary<string, string> members)
    {
        this.tokens = tokens;
        this.shared = shared;
        this.schema = schema;
        this.isDump = isDump;
        this.members = members;
    }

    /// <summary>Reads SQL files.</summary>
    /// <param name="paths">Files and folders.</param>
    /// <param name="tokens">The project's tokens.</param>
    /// <param name="shared">The project's shared schema, which keeps its name.</param>
    /// <param name="schema">The schema in them that stands for the tenant's too; null means <c>public</c>, unless that is the shared one.</param>
    /// <param name="members">What the extensions of the database have made, by name, with its schema: such a name keeps its meaning.</param>
    /// <exception cref="TenancyException"><c>DesiredSqlNotFound</c>; <c>InvalidDesiredSql</c>, with every error of every file.</exception>
    public static DesiredSql ReadFiles(IReadOnlyCollection<string> paths, SqlTokens tokens, string shared, string? schema, IReadOnlyDictionary<string, string> members) =>
        new DesiredSqlReader(tokens, shared, schema ?? (shared == Public ? null : Public), isDump: false, members).Read(errors => DesiredText.ReadFiles(paths, errors), string.Join(", ", paths));

    /// <summary>Reads a dump that pg_dump wrote in plain format. Nothing of it that is meant for psql is run.</summary>
    /// <param name="path">The file.</param>
    /// <param name="shared">The project's shared schema, which is not the tenant's unless it is named.</param>
    /// <param name="schema">The schema in it that stands for the tenant's; null means the only other one that it has, else <c>public</c>.</param>
    /// <param name="members">As in <see cref="ReadFiles"/>.</param>
    /// <exception cref="TenancyException"><c>DesiredSqlNotFound</c>, <c>NotAPlainDump</c>, <c>DesiredSchemaUnknown</c>; <c>InvalidDesiredSql</c>, with every error of it.</exception>
    public static DesiredSql ReadDump(string path, string shared, string? schema, IReadOnlyDictionary<string, string> members)
    {
        var texts = DesiredText.ReadDump(path, out var tables);
        // No token occurs in a dump.
        var reader = new DesiredSqlReader(new("\0", "\0"), shared, schema, isDump: true, members);
        reader.rules.LeaveRowsOut(tables);
        return reader.Read(_ => texts, path);
    }

    private DesiredSql Read(Func<ErrorList, List<SourceText>> texts, string name)
    {
        foreach (var text in texts(errors))
        {
            Split(text);
        }

        ThrowIfAny();
        var own = schema ?? (isDump ? FindSchema(name) : null);
        var made = pieces.Select(piece => DesiredNames.Created(piece.Code, own)).OfType<string>().ToHashSet(StringComparer.Ordinal);
        if (isDump && made.Count == 0)
        {
            throw new TenancyException("DesiredSchemaUnknown", $"{name} makes nothing in a schema {own}.", "Name the schema in it that stands for the tenant's: -DesiredSchema.");
        }

        var statements = ImmutableArray.CreateBuilder<DesiredStatement>();
        var owner = isDump ? DumpRules.FindOwner(pieces.Select(static piece => piece.Code), own!) : null;
        foreach (var (found, code) in pieces)
        {
            if (isDump && settings.Read(code, found))
            {
                continue;
            }

            if ((isDump ? rules.Keep(code, own!, found) : rules.KeepOfFile(code, found)) && !(owner is not null && DumpRules.OwnerOf(code) == owner) && Translate(code, found, own, made, owner) is { } statement)
            {
                DesiredCommands.Check(code, isDump, found);
                statements.AddRange(settings.Take(code));
                statements.Add(statement);
            }
        }

        ThrowIfAny();
        return new()
        {
            Name = name,
            Schema = own,
            Statements = statements.ToImmutable(),
            Extensions = [.. rules.Extensions],
            References = [.. pieces.SelectMany(static piece => DesiredNames.References(piece.Code)).Distinct().Where(reference => reference.Schema != own).Select(reference => new Touch(reference.Schema ?? (isDump ? shared : tokens.Shared), reference.Table))],
            LeftOut = [.. rules.LeftOut],
            SaysGrants = rules.SaysGrants,
            SaysOwners = rules.SaysOwners,
            IsDump = isDump,
        };
    }

    private void Split(SourceText text)
    {
        var found = new SqlErrors(text, errors);
        var splitter = new SqlSplitter(text.Text, (offset, message) =>
        {
            if (text.Text[offset] != '\\')
            {
                found.Add(offset, message);
            }
            else if (!isDump)
            {
                found.Add(offset, "Commands of psql are not SQL. Of a dump say -DesiredDump; else write SQL instead.");
            }
            else if (DumpRules.IsConnect(text.Text.AsSpan(offset)) && ++databases > 1)
            {
                found.Add(offset, "Here another database begins, as in what pg_dumpall writes, and one schema is looked for. Dump the database that has it: pg_dump --schema-only.");
            }
            else if (!DumpRules.IsKnownCommand(text.Text.AsSpan(offset)))
            {
                found.Add(offset, "pg_dump writes no such command of psql, and none is run. Take the line out, if it is a dump otherwise.");
            }
        });
        while (splitter.Next(out var piece))
        {
            if (piece.IsEmpty)
            {
                continue;
            }

            // Its rows are no SQL: reading them as such would bury this error under many. A dump's are left out before.
            if (SqlRefusals.IsCopyFromClient(piece.Code))
            {
                found.Add(piece.Code[0].Start, "COPY takes rows from stdin, which only psql reads. Of a dump say -DesiredDump; else leave it out, with its rows.");
                splitter.SkipCopyRows();
                continue;
            }

            pieces.Add((found, piece.Code));
        }
    }

    private void ThrowIfAny()
    {
        if (errors.Count > 0)
        {
            var sorted = errors.OrderBy(static error => error.File, StringComparer.Ordinal).ThenBy(static error => error.Line).ThenBy(static error => error.Column).ToList();
            throw new TenancyException("InvalidDesiredSql", $"{sorted.Count} error{(sorted.Count == 1 ? "" : "s")} in the SQL that says how the schema is to be:{ErrorList.Describe(sorted)}", "Mend the files. Nothing of them was run.");
        }
    }

    private string FindSchema(string name)
    {
        var schemas = pieces.Where(piece => DumpRules.IsCreateInSchema(piece.Code)).Select(static piece => DesiredNames.SchemaOf(piece.Code)).OfType<string>().Distinct()
            .Where(found => found != shared).Order(StringComparer.Ordinal).ToList();
        return schemas.Count == 1 ? schemas[0] : schemas.Contains(Public) || (schemas.Count == 0 && shared != Public) ? Public : throw new TenancyException(
            "DesiredSchemaUnknown",
            schemas.Count == 0 ? $"{name} has no schema but {shared}, which is the project's shared one." : $"{name} has several schemas: {string.Join(", ", schemas)}.",
            "Name the one that stands for the tenant's: -DesiredSchema.");
    }

    private DesiredStatement? Translate(SqlCode code, SqlErrors found, string? own, HashSet<string> made, string? owner)
    {
        var before = found.Count;
        List<SqlHole> holes = isDump ? [] : [.. new SqlTranslator(tokens, found).Translate(code)];
        if (own is not null && own != tokens.Tenant && own != tokens.Shared)
        {
            // What is wrong besides has been said, or is nobody's concern in a dump.
            var foreign = isDump ? found : new SqlErrors(new(code.Text, default), new ErrorList());
            var isAmbiguous = DesiredNames.IsAmbiguous(code, own);
            foreach (var hole in new SqlTranslator(new(own, "\0"), foreign, isForeign: true).Translate(code))
            {
                if (DesiredNames.After(code.Text, hole.End) is { } next && !made.Contains(next))
                {
                    if (members.TryGetValue(next, out var home))
                    {
                        holes.Add(hole with { Segment = new(SqlSegmentKind.Text, SqlIdentifier.Quote(home), [], []) });
                        continue;
                    }

                    if (isAmbiguous)
                    {
                        continue;
                    }
                }

                holes.Add(hole);
            }
        }

        if (found.Count > before)
        {
            return null;
        }

        if (owner is not null)
        {
            holes.AddRange(DumpRules.RolesOf(code).Where(index => code.Name(index) == owner).Select(index => new SqlHole(code[index].Start, code[index].End, new(SqlSegmentKind.Text, "CURRENT_USER", [], []))));
        }

        var position = found.PositionAt(code[0].Start);
        var ordered = holes.OrderBy(static hole => hole.Start).ToList();
        return new(SqlTemplates.Cut(code, 0, code.Count - 1, ordered), position, SqlCommand.Of(code), DumpRules.OwnerOf(code) is not null);
    }
}
