using Tenancy.Model;

namespace Tenancy.Core.Catalog;

/// <summary>A schema that the role may not use is skipped in the search path in silence: its own names would look like another's.</summary>
internal static class SchemaAccess
{
    /// <summary>Checks that a schema is there to be read.</summary>
    /// <param name="schema">Its name.</param>
    /// <param name="isInPath">Whether the server took it into the search path.</param>
    /// <exception cref="TenancyException"><c>SchemaNotReadable</c>.</exception>
    public static void Check(string schema, bool isInPath)
    {
        if (!isInPath)
        {
            throw new TenancyException("SchemaNotReadable", $"The schema {schema} cannot be read: the role may not use it.", $"Grant USAGE on it, or connect as its owner. A schema named $user cannot be read at all.");
        }
    }

    /// <summary>Says that a schema is not there.</summary>
    /// <param name="schema">Its name.</param>
    public static TenancyException NotFound(string schema) => new("SchemaNotFound", $"There is no schema {schema} in the database.", "Check the name; it is taken as written, without folding case.");
}
