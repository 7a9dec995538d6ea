using System.Globalization;

namespace FolioCheck.Kernel;

/// <summary>How far a system agreed with a transcript.</summary>
/// <param name="Operations">Operations in the transcript, as far as it was read.</param>
/// <param name="Agreed">Operations after which every compared field was equal; they are the first ones.</param>
/// <param name="Fields">Fields that were compared.</param>
/// <param name="Stop">Why the comparison ended.</param>
public sealed record ReplayResult(int Operations, int Agreed, long Fields, ReplayStop Stop);

/// <summary>Why the replay of a transcript ended.</summary>
public abstract record ReplayStop
{
    private ReplayStop()
    {
    }

    /// <summary>There are no more operations.</summary>
    public sealed record EndOfTranscript : ReplayStop
    {
        /// <inheritdoc/>
        public override string ToString() => "end";
    }

    /// <summary>An operation, or what it led to, is outside the vocabulary of the models.</summary>
    /// <param name="Step">Number of the operation, from 0.</param>
    /// <param name="Line">Its line in the file.</param>
    /// <param name="Operation">The operation.</param>
    /// <param name="Reason">What is not modelled yet.</param>
    public sealed record NotModelled(int Step, int Line, string Operation, string Reason) : ReplayStop
    {
        /// <inheritdoc/>
        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"step {Step}, {Operation}: {Reason}");
    }

    /// <summary>The system shows something else than the kernel did.</summary>
    /// <param name="Step">Number of the operation, from 0.</param>
    /// <param name="Line">Its line in the file.</param>
    /// <param name="Operation">The operation.</param>
    /// <param name="First">The first field that differs.</param>
    /// <param name="All">All fields that differ after this operation.</param>
    public sealed record Differs(int Step, int Line, string Operation, FieldDifference First, IReadOnlyList<FieldDifference> All)
        : ReplayStop
    {
        /// <inheritdoc/>
        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"step {Step}, {Operation}: {First}");
    }
}
