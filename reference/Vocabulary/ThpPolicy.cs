namespace FolioCheck.Vocabulary;

/// <summary>One "enabled" setting of transparent huge pages.</summary>
public enum ThpMode
{
    /// <summary>The size is not used.</summary>
    Never,

    /// <summary>The size is used in VMAs that asked for it with MADV_HUGEPAGE.</summary>
    Madvise,

    /// <summary>The size follows the global setting. Not a value of the global setting itself.</summary>
    Inherit,

    /// <summary>The size is used everywhere, except in VMAs marked MADV_NOHUGEPAGE.</summary>
    Always,
}

/// <summary>
/// The THP settings in force: <c>/sys/kernel/mm/transparent_hugepage/enabled</c> and one file per order. Immutable.
/// </summary>
public sealed class ThpPolicy : IEquatable<ThpPolicy>
{
    private readonly ThpMode[] _modes;

    private ThpPolicy(ThpMode global, ThpMode[] modes)
    {
        Global = global;
        _modes = modes;
    }

    /// <summary>No large folios at all.</summary>
    public static ThpPolicy Off { get; } = new(ThpMode.Madvise, new ThpMode[Machine.LargestPmdOrder + 1]);

    /// <summary>The global setting: always, madvise or never.</summary>
    public ThpMode Global { get; }

    /// <summary>The setting of one order; orders without a setting are never used.</summary>
    public ThpMode this[int order] => order >= 0 && order < _modes.Length ? _modes[order] : ThpMode.Never;

    /// <summary>The same policy with one setting changed.</summary>
    /// <param name="order">An order from 2, or <see cref="Operation.GlobalOrder"/>.</param>
    /// <param name="mode">The new mode.</param>
    public ThpPolicy With(int order, ThpMode mode)
    {
        if (order == Operation.GlobalOrder)
            return new ThpPolicy(mode, _modes);
        var modes = (ThpMode[])_modes.Clone();
        modes[order] = mode;
        return new ThpPolicy(Global, modes);
    }

    /// <inheritdoc/>
    public bool Equals(ThpPolicy? other) => other is not null && Global == other.Global && _modes.AsSpan().SequenceEqual(other._modes);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as ThpPolicy);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        int hash = (int)Global;
        foreach (ThpMode mode in _modes)
            hash = (hash * 4) + (int)mode & 0xFFFFFF;
        return hash;
    }
}
