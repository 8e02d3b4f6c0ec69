using System.Collections;
using System.Management.Automation;
using Tenancy.Model;

namespace TenancyMigrate.Tenants;

/// <summary>
/// Makes tenants of what people have: tenants, names, hashtables, rows of a CSV file or a table, results of an earlier run, and objects that were
/// written to a file and read back. By value, because parameters bound by property name would take files and processes for tenants.
/// </summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Field)]
internal sealed class TenantTransformationAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        var input = inputData is PSObject { BaseObject: not PSCustomObject } wrapped ? wrapped.BaseObject : inputData;
        return input is IEnumerable many and not string and not IDictionary and not PSObject
            ? many.Cast<object?>().SelectMany(Read).ToArray()
            : Read(inputData).ToArray();
    }

    /// <summary>The tenants that one thing means; none for the result of a shared schema.</summary>
    /// <exception cref="ArgumentTransformationMetadataException">It is no tenant.</exception>
    internal static IEnumerable<Tenant> Read(object? item)
    {
        var value = item is PSObject wrapped ? wrapped.BaseObject : item;
        return value switch
        {
            Tenant tenant => [tenant],
            string text => [TenantFields.OfName(text)],
            IDictionary dictionary => TenantFields.Read(TenantFields.OfDictionary(dictionary), dictionary),
            not null => TenantFields.Read(TenantFields.OfObject(PSObject.AsPSObject(item)), value),
            null => throw new ArgumentTransformationMetadataException("A tenant is missing: $null was given. " + TenantFields.Form),
        };
    }
}
