using FolioCheck.Vocabulary;

namespace FolioCheck.Reference;

/// <summary>Write-protection by userfaultfd (userfaultfd_register, mwriteprotect_range; SPECIFICATION.md 12.3, 17.17).</summary>
public sealed partial class ReferenceMemory
{
    /// <summary>userfaultfd_pte_wp: a bit that was left behind in memory that is not registered means nothing.</summary>
    private static bool IsWatched(Vma vma, Pte pte) => vma.IsUffdWp && pte.UffdWp;

    /// <summary>validate_range of userfaultfd.</summary>
    private static bool BadUffdRange(in Operation operation) => BadRange(operation) || operation.Length == 0 || BeyondAddressSpace(operation);

    private Outcome UffdRegister(Process process, in Operation operation)
    {
        if (BadUffdRange(operation))
            return Outcome.Error(Errno.EINVAL);
        List<Vma> vmas = process.VmasIn(operation.Address, operation.End);
        foreach (Vma vma in vmas.Where(vma => !vma.IsUffdWp))
            SetUffdWp(process, Math.Max(operation.Address, vma.Start), Math.Min(operation.End, vma.End), VmaFlags.UffdWp);
        return vmas.Count == 0 ? Outcome.Error(Errno.EINVAL) : Outcome.Ok;
    }

    private Outcome UffdUnregister(Process process, in Operation operation)
    {
        if (BadUffdRange(operation))
            return Outcome.Error(Errno.EINVAL);
        List<Vma> vmas = process.VmasIn(operation.Address, operation.End);
        foreach (Vma vma in vmas.Where(vma => vma.IsUffdWp))
        {
            long start = Math.Max(operation.Address, vma.Start);
            long end = Math.Min(operation.End, vma.End);
            // No entry may keep a bit that nobody would answer for.
            ChangeEntries(process, vma, start, end, pte => pte with { UffdWp = false });
            SetUffdWp(process, start, end, VmaFlags.None);
        }
        return vmas.Count == 0 ? Outcome.Error(Errno.EINVAL) : Outcome.Ok;
    }

    private void SetUffdWp(Process process, long start, long end, VmaFlags registered) =>
        Change(process, start, end, piece => piece with { Flags = piece.Flags & ~VmaFlags.UffdWp | registered }, SoftDirtyOf.Neighbour);

    private Outcome UffdWriteProtect(Process process, in Operation operation)
    {
        if (BadUffdRange(operation))
            return Outcome.Error(Errno.EINVAL);
        bool protects = operation.Protects;
        List<Vma> vmas = process.VmasIn(operation.Address, operation.End);
        foreach (Vma vma in vmas)
        {
            if (!vma.IsUffdWp)
                return Outcome.Error(Errno.ENOENT);
            long start = Math.Max(operation.Address, vma.Start);
            ChangeEntries(process, vma, start, Math.Min(operation.End, vma.End), pte => pte with { UffdWp = protects });
        }
        return vmas.Count == 0 ? Outcome.Error(Errno.ENOENT) : Outcome.Ok;
    }
}
