namespace FolioCheck.Kernel;

/// <summary>
/// What a recorded state may show that the models do not have. Such a state ends the replay, and the operation that led there does not
/// count as modelled. A mechanism that lands takes its row away.
/// </summary>
public static class ModelledStates
{
    private static readonly (Func<RecordedRun, bool> Shows, string Reason)[] _rows =
    [
        (run => run.Kind == 'S', "swap entries are not modelled yet"),
    ];

    /// <summary>What about a state is not modelled yet, or null.</summary>
    public static string? WhyNot(RecordedState state)
    {
        foreach (RecordedProcess process in state.Processes)
        {
            foreach (RecordedRun run in process.Vmas.SelectMany(vma => vma.Runs))
            {
                foreach ((Func<RecordedRun, bool> shows, string reason) in _rows)
                {
                    if (shows(run))
                        return reason;
                }
            }
        }
        return null;
    }
}
