using FolioCheck.Vocabulary;

namespace FolioCheck.Properties;

/// <summary>
/// The worlds that are explored: two processes, one VMA of eight pages, which is one leaf table with room for two folios of order 2. Each has twenty
/// operations for either process, 40 in all. Where a range begins and ends matters only by how it lies to folios and VMAs: all of a folio, its
/// head, its tail, across two, all.
/// </summary>
public static class SmallWorlds
{
    private const int Pages = 8;
    private const int Token = 7;
    private const Protection ReadWrite = Protection.Read | Protection.Write;

    private static readonly Machine _machine = new()
    {
        EntriesPerTable = Pages,
        ContPteEntries = 4,
        Frames = 32,
        Thp = ThpPolicy.Off.With(Machine.SmallestLargeOrder, ThpMode.Always),
    };

    /// <summary>Faults, fork and exit, and the calls that take mappings or rights away.</summary>
    public static SmallWorld Core { get; } = World(
        "core",
        Operation.Write(0, 0, Token),
        Operation.Write(0, 2, Token),
        Operation.Write(0, 5, Token),
        Operation.WriteRange(0, 0, Pages, Token),
        Operation.Read(0, 0),
        Operation.Read(0, 6),
        Operation.Fork(0, 1),
        Operation.Exit(0),
        Operation.Munmap(0, 0, 4),
        Operation.Munmap(0, 3, 2),
        Operation.Mmap(0, 0, 4, ReadWrite),
        Operation.Madvise(0, 0, 1, Advice.DontNeed),
        Operation.Madvise(0, 1, 6, Advice.DontNeed),
        Operation.Madvise(0, 0, 4, Advice.Free),
        Operation.Madvise(0, 2, 4, Advice.Free),
        Operation.Madvise(0, 0, 2, Advice.NoHugePage),
        Operation.Mprotect(0, 0, 4, Protection.Read),
        Operation.Mprotect(0, 2, 4, Protection.None),
        Operation.Mprotect(0, 0, Pages, ReadWrite),
        Operation.Mremap(0, 0, 4, 4, MremapFlags.MayMove | MremapFlags.Fixed, Pages));

    /// <summary>Locking, aging and populating.</summary>
    public static SmallWorld Locks { get; } = World(
        "locks",
        Operation.Write(0, 0, Token),
        Operation.Write(0, 5, Token),
        Operation.Read(0, 0),
        Operation.Fork(0, 1),
        Operation.Exit(0),
        Operation.Mlock(0, 0, 2),
        Operation.Mlock(0, 0, Pages),
        Operation.MlockOnFault(0, 0, 4),
        Operation.MlockOnFault(0, 2, 4),
        Operation.Munlock(0, 0, 1),
        Operation.Munlock(0, 0, Pages),
        Operation.Munmap(0, 0, 2),
        Operation.Madvise(0, 0, 4, Advice.DontNeed),
        Operation.Madvise(0, 0, 1, Advice.DontNeedLocked),
        Operation.Madvise(0, 0, 4, Advice.Free),
        Operation.Madvise(0, 0, 2, Advice.Cold),
        Operation.Madvise(0, 0, Pages, Advice.Cold),
        Operation.Madvise(0, 0, 2, Advice.PopulateRead),
        Operation.Mprotect(0, 0, 4, Protection.Read),
        Operation.Mprotect(0, 0, Pages, ReadWrite));

    /// <summary>References and pins, and accesses from outside.</summary>
    public static SmallWorld Pins { get; } = World(
        "pins",
        Operation.Write(0, 0, Token),
        Operation.Write(0, 5, Token),
        Operation.Read(0, 0),
        Operation.Fork(0, 1),
        Operation.Exit(0),
        Operation.Get(0, 1, 0, 1),
        Operation.Get(0, 1, 2, 4),
        Operation.Put(0, 1),
        Operation.Pin(0, 1, 0, 2),
        Operation.Pin(0, 1, 0, Pages),
        Operation.PinRead(0, 1, 0, 2),
        Operation.Unpin(0, 1),
        Operation.ReadRemote(0, 0, Pages),
        Operation.ForceRead(0, 0),
        Operation.ForceWrite(0, 0, Token),
        Operation.Munmap(0, 0, 2),
        Operation.Madvise(0, 0, 4, Advice.DontNeed),
        Operation.Madvise(0, 1, 2, Advice.Free),
        Operation.Mprotect(0, 0, 4, Protection.Read),
        Operation.Mprotect(0, 0, Pages, ReadWrite));

    /// <summary>Guard markers, protection by userfaultfd and soft-dirty bits.</summary>
    public static SmallWorld Marks { get; } = World(
        "marks",
        Operation.Write(0, 0, Token),
        Operation.Write(0, 5, Token),
        Operation.Read(0, 0),
        Operation.Fork(0, 1),
        Operation.Exit(0),
        Operation.Madvise(0, 0, 1, Advice.GuardInstall),
        Operation.Madvise(0, 2, 4, Advice.GuardInstall),
        Operation.Madvise(0, 0, Pages, Advice.GuardRemove),
        Operation.UffdRegister(0, 0, 4),
        Operation.UffdRegister(0, 0, Pages),
        Operation.UffdUnregister(0, 0, Pages),
        Operation.UffdWriteProtect(0, 0, 2, true),
        Operation.UffdWriteProtect(0, 0, 4, false),
        Operation.ClearSoftDirty(0),
        Operation.ForceWrite(0, 0, Token),
        Operation.Madvise(0, 0, 4, Advice.DontNeed),
        Operation.Munmap(0, 0, 2),
        Operation.Mprotect(0, 0, 4, Protection.Read),
        Operation.Mprotect(0, 0, Pages, ReadWrite),
        Operation.Mremap(0, 0, 4, 4, MremapFlags.MayMove | MremapFlags.Fixed, Pages));

    /// <summary>Mappings that move, shrink, grow and are left out of children.</summary>
    public static SmallWorld Moves { get; } = World(
        "moves",
        Operation.Write(0, 0, Token),
        Operation.Write(0, 5, Token),
        Operation.Write(0, Pages, Token),
        Operation.Fork(0, 1),
        Operation.Exit(0),
        Operation.Mmap(0, 0, 2, ReadWrite),
        Operation.Mmap(0, Pages, 4, ReadWrite),
        Operation.Munmap(0, 2, 2),
        Operation.Mremap(0, 0, 4, 4, MremapFlags.MayMove | MremapFlags.Fixed, Pages),
        Operation.Mremap(0, 0, 4, 4, MremapFlags.MayMove | MremapFlags.Fixed | MremapFlags.DontUnmap, Pages),
        Operation.Mremap(0, 1, 2, 2, MremapFlags.MayMove | MremapFlags.Fixed, 5),
        Operation.Mremap(0, Pages, 4, 4, MremapFlags.MayMove | MremapFlags.Fixed, 0),
        Operation.Mremap(0, 0, Pages, 2, MremapFlags.None, 0),
        Operation.Mremap(0, 0, 2, Pages, MremapFlags.None, 0),
        Operation.Madvise(0, 0, 4, Advice.DontFork),
        Operation.Madvise(0, 2, 4, Advice.WipeOnFork),
        Operation.Madvise(0, 0, 4, Advice.Free),
        Operation.Madvise(0, 0, Pages, Advice.HugePage),
        Operation.Mprotect(0, 0, 4, Protection.Read),
        Operation.DisableThp(0, ThpDisable.ExceptAdvised));

    /// <summary>All worlds.</summary>
    public static IReadOnlyList<SmallWorld> All { get; } = [Core, Locks, Pins, Marks with { Machine = _machine with { SoftDirty = true } }, Moves];

    /// <summary>A world by its name, or null.</summary>
    public static SmallWorld? Find(string name) => All.FirstOrDefault(world => world.Name == name);

    private static SmallWorld World(string name, params Operation[] ofProcess0) => new(
        name, _machine, [Operation.Mmap(0, 0, Pages)], choices =>
        {
            bool mirrored = choices.Choose(2) == 1;
            Operation operation = ofProcess0[choices.Choose(ofProcess0.Length)];
            return mirrored ? Mirror.Of(operation) : operation;
        });
}
