using FolioCheck.Vocabulary;

namespace FolioCheck.Reference;

/// <summary>Guard markers: entries that answer every access with a signal (madvise_guard_install, madvise_guard_remove; SPECIFICATION.md 6.8, 17.16).</summary>
public sealed partial class ReferenceMemory
{
    private void GuardInstall(Process process, long start, long end)
    {
        foreach (Vma vma in process.VmasIn(start, end))
        {
            long from = Math.Max(start, vma.Start);
            long to = Math.Min(end, vma.End);
            // With an anon_vma fork copies the page table, and the markers with it.
            PrepareAnonVma(process, vma);
            Vma marked = process.FindVma(from)!;
            process.Vmas[marked.Start] = marked with { Flags = marked.Flags | VmaFlags.MaybeGuard };
            Zap(process, from, to);
            for (long page = from; page < to; page++)
            {
                process.GuardMarkers.Add(page);
                process.Tables.Add(BlockOf(page));
            }
        }
    }

    private static void GuardRemove(Process process, long start, long end)
    {
        foreach (long page in process.GuardsIn(start, end).ToList())
            process.GuardMarkers.Remove(page);
    }
}
