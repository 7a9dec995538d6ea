using FolioCheck.Vocabulary;

namespace FolioCheck.Properties;

/// <summary>Laws of mprotect and VMA flags (SPECIFICATION.md 13b, 42, 50, 51).</summary>
public static class RightsLaws
{
    /// <summary>
    /// 51 (and 42, 50): taking rights away and giving them back restores every entry but young and dirty, exactly: AnonExclusive pages are writable again
    /// without a fault, others wait for one. Doing either twice is doing it once.
    /// </summary>
    public static string? ThereAndBack(Scenario scenario, MemorySystemFactory factory, Premise premise)
    {
        var world = new World(factory, scenario);
        MemoryState start = world.State();
        RandomChoices choices = LawChoices.Of(scenario);
        VmaView[] vmas = [.. start.Vmas.Where(vma => vma.Smaps.Rss > 0 && vma.Protection == (Protection.Read | Protection.Write) && (vma.Flags & (VmaFlags.Locked | VmaFlags.Shared)) == 0)];
        if (vmas.Length == 0)
            return null;
        premise.Holds();
        VmaView vma = vmas[choices.Choose(vmas.Length)];
        long offset = choices.Choose((int)Math.Min(int.MaxValue, vma.Length));
        long length = 1 + choices.Choose((int)Math.Min(int.MaxValue, vma.Length - offset));
        long page = vma.Start + offset;
        // Entries that are AnonExclusive but read-only become writable on the way: do that first.
        world.Apply([Operation.Mprotect(vma.Process, page, length, Protection.Read), Operation.Mprotect(vma.Process, page, length, vma.Protection)]);
        MemoryState settled = world.State();
        Protection less = choices.Pick(Protection.None, Protection.Read);
        var take = Operation.Mprotect(vma.Process, page, length, less);
        var give = Operation.Mprotect(vma.Process, page, length, vma.Protection);
        world.Apply(take);
        MemoryState taken = world.State();
        world.Apply(take);
        if (new Mask().Difference(taken, world.State()) is string again)
            return $"{OperationText.Line(take)} a second time: {again}";
        world.Apply(give);
        MemoryState given = world.State();
        world.Apply(give);
        if (new Mask().Difference(given, world.State()) is string twice)
            return $"{OperationText.Line(give)} a second time: {twice}";
        return new Mask { Ignore = Ignore.YoungDirty | Ignore.Vmas }.Difference(settled, given) is string wrong
            ? $"{OperationText.Line(take)} and back: {wrong}"
            : null;
    }
}
