using Tenancy.Core.Manifests.Forms;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Operations;

/// <summary>How manifests write a value of an enum: PostgreSQL keeps it as a name, so it has at most 63 bytes.</summary>
internal static class EnumValue
{
    /// <summary>A value.</summary>
    public static readonly TextForm Form = new("a value", CommonForms.CheckName) { MaximumLength = SqlIdentifier.MaxBytes, MayBeEmpty = true };
}
