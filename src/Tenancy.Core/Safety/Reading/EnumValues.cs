using Tenancy.Core.Sql;

namespace Tenancy.Core.Safety.Reading;

/// <summary>Values of enums in statements.</summary>
internal static class EnumValues
{
    /// <summary>Those that a statement adds; of a DO block, and of what it executes, too.</summary>
    /// <param name="text">The statement.</param>
    public static IEnumerable<string> AddedBy(StatementText text)
    {
        foreach (var code in SqlBodies.Of(text.Code, withStrings: text.Command == "DO"))
        {
            for (var index = 0; index < code.Count; index++)
            {
                if (code.Follows(index, "ALTER TYPE"))
                {
                    var value = index + 2;
                    while (value < code.Count && value < index + 8 && !code.Follows(value, "ADD VALUE"))
                    {
                        value++;
                    }

                    value += code.Follows(value + 2, "IF NOT EXISTS") ? 5 : 2;
                    if (code[value].IsString)
                    {
                        yield return SqlStringContent.Of(code.Text, code[value]).Text;
                    }
                }
            }
        }
    }
}
