using System.Management.Automation;
using Tenancy.Core.Manifests;

namespace TenancyMigrate.Pipeline;

/// <summary>Takes a length of time above zero: a TimeSpan, 1:30:00, or a number with a unit as project files have it (10s, 90min). A bare number is refused: PowerShell would take it for so many ten-millionths of a second.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class DurationTransformationAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        // 10s is a number of 16 bits to PowerShell, and 1d a decimal; beside it the wrapper keeps what was typed.
        var value = inputData is PSObject wrapped ? wrapped.BaseObject is TimeSpan given ? given : wrapped.ToString() : inputData;
        TimeSpan? time = value switch
        {
            TimeSpan length => length,
            string text when text.Contains(':', StringComparison.Ordinal) && LanguagePrimitives.TryConvertTo<TimeSpan>(text, out var parsed) => parsed,
            string text => Durations.TryParse(text),
            _ => null,
        };
        return time > TimeSpan.Zero ? time : throw new ArgumentTransformationMetadataException($"'{value}' is no length of time. Give one above zero, such as 30s, 10min, 2h or 1:30:00.");
    }
}
