using System.Globalization;

namespace FolioCheck.Kernel;

/// <summary>An operation as the transcript has it: the name and the arguments that <see cref="OperationSchema"/> asks for.</summary>
/// <param name="Name">mmap, munmap, w, ...</param>
/// <param name="Arguments">The arguments, in order.</param>
public sealed record RecordedOperation(string Name, IReadOnlyList<RecordedArgument> Arguments)
{
    /// <summary>The operation in one line: name and arguments with blanks between.</summary>
    public override string ToString() => Arguments.Count == 0 ? Name : Name + " " + string.Join(' ', Arguments);
}

/// <summary>One argument: a number, or a word. Addresses and lengths are in pages; a fraction is an address inside a page.</summary>
/// <param name="Number">The number; 0 where there is a word.</param>
/// <param name="Word">The word, or null.</param>
public readonly record struct RecordedArgument(decimal Number, string? Word = null)
{
    /// <summary>Whether this is a whole number.</summary>
    public bool IsWhole => Word is null && Number == decimal.Truncate(Number);

    /// <summary>The whole number.</summary>
    public long Whole => (long)Number;

    /// <inheritdoc/>
    public override string ToString() => Word ?? Number.ToString(CultureInfo.InvariantCulture);
}
