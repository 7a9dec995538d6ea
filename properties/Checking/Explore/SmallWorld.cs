using FolioCheck.Vocabulary;

namespace FolioCheck.Properties;

/// <summary>A machine, what was done on it already, and the few operations that may follow: small enough to be searched to its end.</summary>
/// <param name="Name">Its name on the command line.</param>
/// <param name="Machine">The machine.</param>
/// <param name="Start">How the first state comes about.</param>
/// <param name="Draw">Draws an operation that may follow.</param>
public sealed record SmallWorld(string Name, Machine Machine, IReadOnlyList<Operation> Start, Func<IChoices, Operation> Draw)
{
    /// <summary>Most operations that an alphabet may have: a letter is a byte.</summary>
    public const int MostLetters = 256;

    /// <summary>Every operation that <see cref="Draw"/> can draw, in the order of its choices.</summary>
    public IReadOnlyList<Operation> Alphabet { get; } = Odometer.All(Draw);

    /// <summary>All about it that a search depends on, as text.</summary>
    public string Description =>
        ScenarioText.Write(new Scenario(Machine, Start), Name) + string.Concat(Alphabet.Select(operation => "+ " + OperationText.Line(operation) + "\n"));

    /// <summary>A scenario of this world.</summary>
    /// <param name="letters">Indices into the alphabet.</param>
    public Scenario Scenario(ReadOnlySpan<byte> letters)
    {
        var operations = new Operation[Start.Count + letters.Length];
        for (int i = 0; i < operations.Length; i++)
            operations[i] = i < Start.Count ? Start[i] : Alphabet[letters[i - Start.Count]];
        return new Scenario(Machine, operations);
    }

    /// <summary>A random scenario of this world.</summary>
    /// <param name="choices">Where choices come from.</param>
    /// <param name="length">Operations after the start.</param>
    public Scenario Walk(IChoices choices, int length) =>
        new(Machine, [.. Start, .. Enumerable.Range(0, length).Select(_ => Draw(choices))]);
}
