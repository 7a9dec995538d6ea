namespace FolioCheck.Properties;

/// <summary>
/// Choices that run through every possibility, in the order of the digits of a counter whose bounds are learned on the way: the exhaustive engine
/// behind <see cref="IChoices"/>.
/// </summary>
public sealed class Odometer : IChoices
{
    private readonly List<(int Digit, int Bound)> _wheels = [];
    private int _next;

    /// <inheritdoc/>
    public int Choose(int bound)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bound, 1);
        if (_next == _wheels.Count)
            _wheels.Add((0, bound));
        return _wheels[_next++].Digit;
    }

    /// <summary>Everything that can be drawn, each once, in the order of the choices.</summary>
    /// <param name="draw">Draws one; it depends on its choices alone.</param>
    public static IReadOnlyList<T> All<T>(Func<IChoices, T> draw)
    {
        var odometer = new Odometer();
        var all = new List<T>();
        do
        {
            odometer._next = 0;
            T drawn = draw(odometer);
            if (!all.Contains(drawn))
                all.Add(drawn);
        }
        while (odometer.Advance());
        return all;
    }

    /// <summary>Turns the last wheel that can turn and forgets those behind it. Returns false when none can.</summary>
    private bool Advance()
    {
        while (_wheels.Count > 0)
        {
            (int digit, int bound) = _wheels[^1];
            if (digit + 1 < bound)
            {
                _wheels[^1] = (digit + 1, bound);
                return true;
            }
            _wheels.RemoveAt(_wheels.Count - 1);
        }
        return false;
    }
}
