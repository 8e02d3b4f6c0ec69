using Tenancy.Core.Manifests;
using Tenancy.Core.Manifests.Yaml;
using Tenancy.Core.Sql;
using Tenancy.Model;

namespace Tenancy.Core.Catalog.Scratch;

/// <summary>Reads the SQL files that say how a schema is to be, as text that knows its lines.</summary>
internal static class DesiredText
{
    /// <summary>Characters of a dump that are kept, rows aside.</summary>
    private const int LongestDump = 256 * 1024 * 1024;

    private const string Begin = "-- PostgreSQL database dump";
    private const string End = "-- PostgreSQL database dump complete";

    /// <summary>Reads files, and of folders every <c>.sql</c> file in and below them, in the ordinal order of their paths.</summary>
    /// <param name="paths">Files and folders, as the user would type them.</param>
    /// <param name="errors">Takes why a file cannot be read.</param>
    /// <exception cref="TenancyException"><c>DesiredSqlNotFound</c>.</exception>
    public static List<SourceText> ReadFiles(IReadOnlyCollection<string> paths, ErrorList errors)
    {
        List<SourceText> texts = [];
        foreach (var path in paths)
        {
            var files = Directory.Exists(path) ? [.. Directory.EnumerateFiles(path, "*.sql", SearchOption.AllDirectories).Order(StringComparer.Ordinal)] : new[] { path };
            if (files.Length == 0 || !File.Exists(files[0]))
            {
                throw NotFound(Directory.Exists(path) ? $"The folder {path} has no .sql file, nor has any below it." : $"There is no file {path}.");
            }

            foreach (var file in files)
            {
                if (TextFile.Read(file, new(file, 0, 0), errors, isMachineMade: true) is { } text)
                {
                    texts.Add(new(text, new(file, 1, 1)));
                }
            }
        }

        return texts;
    }

    /// <summary>Reads a dump in plain format, without the rows of COPY: a text for what stands between them.</summary>
    /// <param name="path">The file, as the user would type it.</param>
    /// <param name="tables">How many tables had rows.</param>
    /// <exception cref="TenancyException"><c>DesiredSqlNotFound</c>; <c>NotAPlainDump</c>.</exception>
    public static List<SourceText> ReadDump(string path, out int tables)
    {
        if (!File.Exists(path))
        {
            throw NotFound($"There is no file {path}.");
        }

        List<SourceText> texts = [];
        var text = new System.Text.StringBuilder();
        var (line, start, kept, begun) = (0, 1, 0L, 0);
        tables = 0;
        try
        {
            using var reader = new StreamReader(path, new System.Text.UTF8Encoding(false, throwOnInvalidBytes: true));
            while (reader.ReadLine() is { } read)
            {
                line++;
                if (line == 1 && (read.StartsWith("PGDMP", StringComparison.Ordinal) || read.Contains('\0', StringComparison.Ordinal)))
                {
                    throw NotPlain(path, "is in one of pg_dump's own formats", "Write it with pg_dump --schema-only --format=plain, or turn it into text: pg_restore --schema-only --file=dump.sql.");
                }

                if (IsCopy(read) && !EndsWithin(text.ToString()))
                {
                    tables++;
                    Close();
                    var rows = line;
                    string? row;
                    while ((row = reader.ReadLine()) is not null && row != "\\.")
                    {
                        line++;
                    }

                    if (row is null)
                    {
                        throw NotPlain(path, $"ends amid the rows of line {rows}, so keys, indexes and triggers, which a dump has after them, are missing", "Write the dump again, with pg_dump --schema-only.");
                    }

                    line++;
                    start = line + 1;
                    continue;
                }

                begun = read switch { Begin => line, End => 0, _ => begun };
                text.Append(read).Append('\n');
                if ((kept += read.Length + 1) > LongestDump)
                {
                    throw NotPlain(path, "has more than 256 MB without the rows of COPY", "Write it with pg_dump --schema-only.");
                }
            }
        }
        catch (System.Text.DecoderFallbackException error)
        {
            throw NotPlain(path, $"is not UTF-8 text (after line {line}: {error.Message})", "Write it with pg_dump --encoding=UTF8 --schema-only --format=plain.");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new TenancyException("DesiredSqlNotFound", $"{path} cannot be read: {error.Message}", "Check the path and the rights on it.", error);
        }

        // What is missing would be dropped.
        if (begun > 0)
        {
            throw NotPlain(path, $"begins as a dump in line {begun} and has no end ({End}), so what comes after its line {line} is missing", "Write the dump again, with pg_dump --schema-only.");
        }

        Close();
        return texts;

        void Close()
        {
            texts.Add(new(text.ToString(), new(path, start, 1)));
            text.Clear();
        }
    }

    // Amid a string (a comment of several lines, a value of --inserts), in quotes or in a comment: a line there is no statement.
    private static bool EndsWithin(string text)
    {
        var unfinished = -1;
        SqlToken last = default;
        foreach (var token in SqlLexer.Tokenize(text, (offset, _) => unfinished = offset))
        {
            last = token;
        }

        return unfinished >= 0 && unfinished == last.Start && (last.IsString || last.Kind is SqlTokenKind.QuotedIdentifier or SqlTokenKind.BlockComment);
    }

    // As pg_dump writes it, on one line.
    private static bool IsCopy(string line) => line.StartsWith("COPY ", StringComparison.Ordinal) && line.EndsWith(" FROM stdin;", StringComparison.Ordinal);

    private static TenancyException NotFound(string message) => new("DesiredSqlNotFound", message, "Check the path.");

    private static TenancyException NotPlain(string path, string what, string action) => new("NotAPlainDump", $"{path} {what}.", action);
}
