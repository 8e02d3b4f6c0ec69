using Tenancy.Core.Sql;

namespace Tenancy.Core.Safety.Rules;

/// <summary>Functions that take keywords in place of commas (manual, 9.4 and 9.9): the FROM in them begins no list of tables.</summary>
internal static class KeywordCall
{
    /// <summary>True for a token within the parentheses of one.</summary>
    /// <param name="code">The tokens.</param>
    /// <param name="index">The token.</param>
    public static bool Holds(SqlCode code, int index)
    {
        for (var depth = 0; index > 0; index--)
        {
            depth += code.Kind(index) switch { SqlTokenKind.CloseParenthesis => 1, SqlTokenKind.OpenParenthesis => -1, _ => 0 };
            if (depth < 0)
            {
                return code.IsAny(index - 1, "extract", "substring", "trim", "overlay", "position");
            }
        }

        return false;
    }
}
