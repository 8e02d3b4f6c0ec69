namespace Tenancy.Core.Execution.Steps;

/// <summary>What a step outside a transaction, whose run died, has come to.</summary>
internal enum StepOutcome
{
    /// <summary>Its work is there: it can be marked as done.</summary>
    Done,

    /// <summary>Its work is not there, or repeating it does no harm: the mark can be cleared, with what a failed build left.</summary>
    NotDone,

    /// <summary>A drop came half way: it can only be finished.</summary>
    HalfDone,
}
