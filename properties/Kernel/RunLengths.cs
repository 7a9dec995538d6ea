namespace FolioCheck.Kernel;

/// <summary>One value a page, and one entry a page, written as the runs of a transcript.</summary>
internal static class RunLengths
{
    /// <summary>[count, pages] runs of equal values.</summary>
    public static List<CountRun> Counts(ReadOnlySpan<long> values)
    {
        var runs = new List<CountRun>();
        foreach (long value in values)
        {
            if (runs.Count > 0 && runs[^1].Count == value)
                runs[^1] = new CountRun(value, runs[^1].Pages + 1);
            else
                runs.Add(new CountRun(value, 1));
        }
        return runs;
    }

    /// <summary>
    /// [value, pages, step] runs: first equal values are put together (step 0); then single values that go up by one are (step 1).
    /// A single value continues the run before it if that is a single value or goes up already.
    /// </summary>
    public static List<TokenRun> Tokens(ReadOnlySpan<long> values)
    {
        var runs = new List<TokenRun>();
        foreach (CountRun equal in Counts(values))
        {
            if (runs.Count > 0 && Continues(runs[^1], equal))
                runs[^1] = new TokenRun(runs[^1].Value, runs[^1].Pages + 1, 1);
            else
                runs.Add(new TokenRun(equal.Count, equal.Pages, 0));
        }
        return runs;
    }

    /// <summary>Adds an entry behind the runs, or to the last of them.</summary>
    public static void Append(List<RecordedRun> runs, RecordedRun entry)
    {
        if (runs.Count > 0 && Continues(runs[^1], entry))
            runs[^1] = runs[^1] with { Count = runs[^1].Count + entry.Count };
        else
            runs.Add(entry);
    }

    private static bool Continues(TokenRun last, CountRun next) =>
        next.Pages == 1 && (last.Pages == 1 || last.Step == 1) && next.Count == last.Value + last.Pages;

    private static bool Continues(RecordedRun run, RecordedRun entry) =>
        run.Page + run.Count == entry.Page && run.Kind == entry.Kind && run.Folio == entry.Folio && run.Flags == entry.Flags
        && (run.Kind is 'Z' or 'G' || run.Index + run.Count == entry.Index);
}
