namespace FolioCheck.Properties;

/// <summary>
/// A source of bounded choices. Everything that is drawn is drawn through it, so that random sampling, exhaustive enumeration and
/// replay are three engines behind one interface.
/// </summary>
public interface IChoices
{
    /// <summary>A number from 0 to <paramref name="bound"/> - 1.</summary>
    /// <param name="bound">At least 1.</param>
    int Choose(int bound);
}

/// <summary>Pseudo-random choices: SplitMix64, the same on every machine.</summary>
/// <param name="seed">Where the stream begins.</param>
public sealed class RandomChoices(ulong seed) : IChoices
{
    private ulong _state = seed;

    /// <inheritdoc/>
    public int Choose(int bound)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bound, 1);
        unchecked
        {
            _state += 0x9E3779B97F4A7C15UL;
            ulong mixed = (_state ^ (_state >> 30)) * 0xBF58476D1CE4E5B9UL;
            mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBUL;
            mixed ^= mixed >> 31;
            // The high half times the bound: no remainder to bias small bounds visibly.
            return (int)(((mixed >> 32) * (ulong)bound) >> 32);
        }
    }
}

/// <summary>Ways to draw that are built on <see cref="IChoices.Choose"/> alone.</summary>
public static class Choices
{
    /// <summary>True in <paramref name="times"/> of <paramref name="outOf"/> cases.</summary>
    public static bool Chance(this IChoices choices, int times, int outOf) => choices.Choose(outOf) < times;

    /// <summary>One of the items, each as likely.</summary>
    public static T Pick<T>(this IChoices choices, params ReadOnlySpan<T> items) => items[choices.Choose(items.Length)];

    /// <summary>An index, each as likely as its weight; at least one weight is positive.</summary>
    public static int PickWeighted(this IChoices choices, ReadOnlySpan<int> weights)
    {
        int total = 0;
        foreach (int weight in weights)
            total += weight;
        int rest = choices.Choose(total);
        for (int i = 0; i < weights.Length; i++)
        {
            rest -= weights[i];
            if (rest < 0)
                return i;
        }
        throw new ArgumentException("no weight is positive", nameof(weights));
    }
}
