using FsCheck;
using FsCheck.Fluent;
using Tenancy.Core.Sql;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Sql;

public sealed class SqlProperties
{
    private static readonly Config Thorough = Config.QuickThrowOnFailure.WithMaxTest(3000).WithEndSize(60);

    private static Arbitrary<string> AnyText => Gen.OneOf(SqlGenerators.Text, ArbMap.Default.GeneratorFor<string>().Select(text => text ?? "")).ToArbitrary();

    [Fact]
    public void Tokens_joined_are_the_text() => Prop.ForAll(AnyText, text =>
    {
        var at = 0;
        foreach (var token in SqlLexer.Tokenize(text))
        {
            if (token.Start != at || token.Length <= 0)
            {
                return false;
            }

            at = token.End;
        }

        return at == text.Length;
    }).Check(Thorough);

    [Fact]
    public void Splitting_and_joining_is_the_identity() => Prop.ForAll(AnyText, text =>
    {
        var joined = "";
        for (var splitter = new SqlSplitter(text); splitter.Next(out var piece);)
        {
            if (piece.Start != joined.Length)
            {
                return false;
            }

            joined += text.Substring(piece.Start, piece.Length);
        }

        return joined == text;
    }).Check(Thorough);

    [Fact]
    public void Normalizing_twice_changes_nothing_more_and_keeps_the_tokens() => Prop.ForAll(AnyText, text =>
    {
        var normal = SqlNormalizer.Normalize(text);

        // A "${" that nothing closes near by is an error; with less white space between, something may close it.
        return Significant(text).Contains((SqlTokenKind.Other, "${")) || (SqlNormalizer.Normalize(normal) == normal && Significant(text).SequenceEqual(Significant(normal)));
    }).Check(Thorough);

    [Fact]
    public void Compiling_any_text_ends_and_what_renders_has_the_same_tokens_around() => Prop.ForAll(AnyText, text =>
    {
        var (statements, _) = Compiling.Compile(text);
        foreach (var statement in statements)
        {
            var fixedText = string.Concat(statement.Template.Segments.Where(segment => segment.Kind == SqlSegmentKind.Text).Select(segment => segment.Text));
            if (!text.Contains(statement.Template.Source, StringComparison.Ordinal) || (statement.Template.Segments.All(segment => segment.Kind == SqlSegmentKind.Text) && fixedText != statement.Template.Source))
            {
                return false;
            }
        }

        return true;
    }).Check(Thorough);

    [Fact]
    public void Translating_changes_tokens_in_schema_position_and_nothing_else() => Prop.ForAll(SqlGenerators.Fragments.ToArbitrary(), fragments =>
    {
        var sql = "SELECT " + string.Join(" + ", fragments.Select(fragment => fragment.Sql)) + " + 1";
        var expected = "SELECT " + string.Join(" + ", fragments.Select(fragment => fragment.Expected)) + " + 1";
        return Compiling.Render(sql) == expected;
    }).Check(Thorough);

    [Fact]
    public void Bodies_are_translated_like_statements() => Prop.ForAll(SqlGenerators.Fragments.ToArbitrary(), fragments =>
    {
        var sql = "BEGIN PERFORM " + string.Join(" + ", fragments.Select(fragment => fragment.Sql)) + " + 1; END";
        var expected = "BEGIN PERFORM " + string.Join(" + ", fragments.Select(fragment => fragment.Expected)) + " + 1; END";
        return Compiling.Render($"DO $body${sql}$body$") == $"DO $body${expected}$body$"
            && Content(Compiling.Render("DO " + SqlLiteral.Quote(sql))) == expected;
    }).Check(Thorough);

    [Fact]
    public void A_hostile_name_stays_one_name() => Assert.All(SqlPlaces.All, sql =>
    {
        const string Hostile = "a\"b'; drop schema x; --";
        var values = new SqlValues { TenantSchema = Hostile, TenantName = Hostile, SharedSchema = "common", Arguments = new Dictionary<string, string> { ["key"] = Hostile } };
        var template = Compiling.One(sql).Template;
        Assert.Equal(SqlPlaces.Expect(template, Hostile, Hostile), SqlPlaces.Read(template.Render(values)));
    });

    [Fact]
    public void A_name_stays_one_name_wherever_it_is_put() => Prop.ForAll(SqlGenerators.Name.ToArbitrary(), SqlGenerators.Name.ToArbitrary(), (schema, value) =>
    {
        var values = new SqlValues { TenantSchema = schema, TenantName = value, SharedSchema = "common", Arguments = new Dictionary<string, string> { ["key"] = value } };
        foreach (var sql in SqlPlaces.All)
        {
            var template = Compiling.One(sql).Template;
            string rendered;
            try
            {
                rendered = template.Render(values);
            }
            catch (TenancyException exception) when (exception.ErrorId == "InvalidName")
            {
                // What stands beside the value in one quoted name makes it longer than PostgreSQL takes.
                Assert.Contains(template.Segments, segment => segment.Escapes.Contains(SqlEscape.InsideIdentifier));
                continue;
            }
            catch (TenancyException exception) when (exception.ErrorId is "NameNotAllowed" or "ArgumentNotAllowed")
            {
                // Only a body in dollar quotes can refuse a value, and only one with a dollar sign.
                Assert.Contains(template.Segments, segment => segment.Escapes.Contains(SqlEscape.InsideDollarQuotes));
                Assert.Contains('$', schema + value);
                continue;
            }

            Assert.Equal(SqlPlaces.Expect(template, schema, value), SqlPlaces.Read(rendered));
        }
    }).Check(Thorough.WithMaxTest(1000));

    private static IEnumerable<(SqlTokenKind Kind, string Text)> Significant(string text) =>
        SqlLexer.Tokenize(text).Where(token => !token.IsTrivia || token.Kind == SqlTokenKind.PsqlCommand).Select(token => (token.Kind, text.Substring(token.Start, token.Length)));

    private static string Content(string statement) => SqlStringContent.Of(statement, Compiling.Tokens(statement)[^1]).Text;
}
