using System.Management.Automation;
using Tenancy.Model;

namespace TenancyMigrate.Pipeline;

/// <summary>Writes what one tenant ended with.</summary>
internal static class ResultOutput
{
    /// <summary>Writes the object, then its failure as an error that stops nothing by itself. In this order: with <c>-ErrorAction Stop</c> the error ends the pipeline.</summary>
    public static void WriteResult(this Cmdlet cmdlet, object item, MigrationFailure? failure)
    {
        cmdlet.WriteObject(item);
        if (failure is not null)
        {
            cmdlet.WriteError(ErrorRecords.From(failure, item));
        }
    }
}
