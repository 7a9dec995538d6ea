namespace FolioCheck.Properties;

/// <summary>Pages and ranges, biased to borders and to what was touched last.</summary>
public sealed partial class ScenarioGenerator
{
    private (int Process, long Start, long Length) WithRange(int process)
    {
        (long start, long length) = DrawRange(process);
        return (process, start, length);
    }

    /// <summary>Mostly one of the ranges given, whole, or its beginning, or its end.</summary>
    private (int Process, long Start, long Length) DrawFrom(List<(int Process, long Start, long Length)> ranges, int process)
    {
        if (ranges.Count == 0 || _choices.Chance(1, 4))
            return WithRange(process);
        (int owner, long start, long length) = ranges[_choices.Choose(ranges.Count)];
        long cut = length < 2 ? 0 : 1 + _choices.Choose((int)Math.Min(length - 1, 20));
        return _choices.Choose(3) switch
        {
            0 => (owner, start + cut, length - cut),
            1 => (owner, start, Math.Max(1, length - cut)),
            _ => (owner, start, length),
        };
    }

    private long DrawPage(int process)
    {
        IReadOnlyList<(long Start, long End)> ranges = _sketch.RangesOf(process);
        int table = _sketch.Machine.EntriesPerTable;
        if (ranges.Count == 0)
            return _choices.Choose(8 * table);
        if (_focus is (long first, int pages) && _choices.Chance(_isSteady ? 3 : 1, 6))
            return first + _choices.Choose(pages);
        (long start, long end) = ranges[_choices.Choose(ranges.Count)];
        long page = _choices.Choose(10) switch
        {
            0 => start,
            1 => end - 1,
            2 => BlockEdge(start + _choices.Choose((int)Math.Min(int.MaxValue, end - start))),
            3 => (start / table * table) + table + _choices.Pick(-1, 0, 1),
            4 => (start / table * table) + _choices.Pick(63, 64, 65),
            5 or 6 when _sketch.Hot.Count > 0 => _sketch.Hot[_choices.Choose(_sketch.Hot.Count)] + _choices.Pick(0, 0, 1, -1),
            _ => start + _choices.Choose((int)Math.Min(int.MaxValue, end - start)),
        };
        // Mostly inside; sometimes just outside on purpose.
        if (page >= start && page < end || _choices.Chance(1, 8))
            return Math.Max(0, page);
        return start + _choices.Choose((int)Math.Min(int.MaxValue, end - start));
    }

    private (long Start, long Length) DrawRange(int process)
    {
        IReadOnlyList<(long Start, long End)> ranges = _sketch.RangesOf(process);
        if (ranges.Count == 0)
            return (DrawPage(process), Lengths[_choices.Choose(Lengths.Length)]);
        if (_focus is (long first, int pages) && _choices.Chance(_isSteady ? 3 : 1, 4))
            return DrawOfFocus(first, pages);
        (long start, long end) = ranges[_choices.Choose(ranges.Count)];
        long page = DrawPage(process);
        long block = 1L << _sketch.LargestOrder;
        switch (_choices.Choose(10))
        {
            case 0:
                return (start, end - start);
            case 1:
                return (page / block * block, block);
            case 2:
                return (page / block * block, Math.Max(1, block / 2));
            case 3:
                return ((page / block * block) + (block / 2), Math.Max(1, block / 2));
            case 4 when page >= start && page < end:
                return (page, end - page);
            case 5 when _choices.Chance(1, 3):
                return (Math.Max(0, start - 1), end - start + 3);
            default:
                long length = Lengths[_choices.Choose(Lengths.Length)];
                bool stay = page >= start && page < end && !_choices.Chance(1, 12);
                return (page, stay ? Math.Min(length, end - page) : length);
        }
    }
}
