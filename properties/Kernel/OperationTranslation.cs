using FolioCheck.Vocabulary;

namespace FolioCheck.Kernel;

/// <summary>
/// Recorded operations in the vocabulary of the models. A name or an advice without a row here ends the replay of a transcript; a mechanism
/// that lands adds its rows.
/// </summary>
public static class OperationTranslation
{
    private const long PrivateAnonymousFixed = 50;
    private const long NoDescriptor = -1;

    private static readonly Dictionary<string, Func<RecordedOperation, Translation>> _rows = new(StringComparer.Ordinal)
    {
        ["mmap"] = Mmap,
        ["munmap"] = call => Operation.Munmap(Slot(call), Address(call), Length(call)),
        ["madvise"] = Madvise,
        ["mprotect"] = Mprotect,
        ["mremap"] = Mremap,
        ["get"] = call => Operation.Get(Slot(call), Handle(call), call.Arguments[2].Whole, call.Arguments[3].Whole),
        ["put"] = call => Operation.Put(Slot(call), Handle(call)),
        ["pin"] = call => Operation.Pin(Slot(call), Handle(call), call.Arguments[2].Whole, call.Arguments[3].Whole),
        ["unpin"] = call => Operation.Unpin(Slot(call), Handle(call)),
        ["mlock"] = call => Operation.Mlock(Slot(call), Address(call), Length(call)),
        ["mlock2"] = Mlock2,
        ["munlock"] = call => Operation.Munlock(Slot(call), Address(call), Length(call)),
        ["uffd_register"] = call => Operation.UffdRegister(Slot(call), Address(call), Length(call)),
        ["uffd_unregister"] = call => Operation.UffdUnregister(Slot(call), Address(call), Length(call)),
        ["uffd_wp"] = call => Operation.UffdWriteProtect(Slot(call), Address(call), Length(call), call.Arguments[3].Whole != 0),
        ["thp_disable"] = call => call.Arguments[1].Whole is >= 0 and <= (long)ThpDisable.ExceptAdvised and long mode
            ? Operation.DisableThp(Slot(call), (ThpDisable)mode)
            : Translation.NotModelled($"thp_disable mode {call.Arguments[1].Whole} is"),
        ["pread_remote"] = call => Operation.ReadRemote(Slot(call), Address(call), Length(call)),
        ["force_read"] = call => Operation.ForceRead(Slot(call), Address(call)),
        ["force_write"] = call => Operation.ForceWrite(Slot(call), Address(call), (int)call.Arguments[2].Whole),
        ["w"] = call => Operation.Write(Slot(call), Address(call), (int)call.Arguments[2].Whole),
        ["r"] = call => Operation.Read(Slot(call), Address(call)),
        ["wr"] = call => Operation.WriteRange(Slot(call), Address(call), Length(call), (int)call.Arguments[3].Whole),
        ["fork"] = call => Operation.Fork(Slot(call), (int)call.Arguments[1].Whole),
        ["exit"] = call => Operation.Exit(Slot(call)),
    };

    private static readonly Dictionary<string, Advice> _advices = new(StringComparer.Ordinal)
    {
        ["HUGEPAGE"] = Advice.HugePage,
        ["NOHUGEPAGE"] = Advice.NoHugePage,
        ["DONTNEED"] = Advice.DontNeed,
        ["FREE"] = Advice.Free,
        ["COLD"] = Advice.Cold,
        ["DONTFORK"] = Advice.DontFork,
        ["DOFORK"] = Advice.DoFork,
        ["WIPEONFORK"] = Advice.WipeOnFork,
        ["KEEPONFORK"] = Advice.KeepOnFork,
        ["POPULATE_READ"] = Advice.PopulateRead,
        ["POPULATE_WRITE"] = Advice.PopulateWrite,
        ["DONTNEED_LOCKED"] = Advice.DontNeedLocked,
        ["GUARD_INSTALL"] = Advice.GuardInstall,
        ["GUARD_REMOVE"] = Advice.GuardRemove,
        ["COLLAPSE"] = Advice.Collapse,
    };

    /// <summary>Translates one operation, or says what about it is not modelled yet.</summary>
    public static Translation Translate(RecordedOperation call)
    {
        if (!_rows.TryGetValue(call.Name, out Func<RecordedOperation, Translation>? row))
            return Translation.NotModelled(call.Name + " is");
        return Unfit(call) is { } subject ? Translation.NotModelled(subject) : row(call);
    }

    private static Translation Mmap(RecordedOperation call)
    {
        long protection = call.Arguments[3].Whole;
        long flags = call.Arguments[4].Whole;
        if (flags != PrivateAnonymousFixed)
            return Translation.NotModelled($"mmap flags 0x{flags:x} are");
        if (call.Arguments[5].Whole != NoDescriptor || call.Arguments[6].Number != 0)
            return Translation.NotModelled("a descriptor or an offset for anonymous memory is");
        if (protection is < 0 or > (long)(Protection.Read | Protection.Write))
            return Translation.NotModelled($"mmap protection 0x{protection:x} is");
        return Operation.Mmap(Slot(call), Address(call), Length(call), (Protection)protection);
    }

    private static Translation Mprotect(RecordedOperation call)
    {
        long protection = call.Arguments[3].Whole;
        return protection is < 0 or > (long)(Protection.Read | Protection.Write)
            ? Translation.NotModelled($"mprotect protection 0x{protection:x} is")
            : Operation.Mprotect(Slot(call), Address(call), Length(call), (Protection)protection);
    }

    private static Translation Mlock2(RecordedOperation call)
    {
        const long OnFault = 1;
        return call.Arguments[3].Whole switch
        {
            0 => Operation.Mlock(Slot(call), Address(call), Length(call)),
            OnFault => Operation.MlockOnFault(Slot(call), Address(call), Length(call)),
            long flags => Translation.NotModelled($"mlock2 flags 0x{flags:x} are"),
        };
    }

    private static Translation Mremap(RecordedOperation call)
    {
        long newLength = call.Arguments[3].Whole;
        var flags = (MremapFlags)call.Arguments[4].Whole;
        bool placeIsFree = (flags & MremapFlags.MayMove) != 0 && (flags & MremapFlags.Fixed) == 0;
        // Where the kernel chooses the place the result is not determined.
        return placeIsFree
            ? Translation.NotModelled("mremap to a place of the kernel's choice is")
            : Operation.Mremap(Slot(call), Address(call), Length(call), newLength, flags, call.Arguments[5].Whole);
    }

    private static Translation Madvise(RecordedOperation call)
    {
        RecordedArgument name = call.Arguments[3];
        return name.Word is not null && _advices.TryGetValue(name.Word, out Advice advice)
            ? Operation.Madvise(Slot(call), Address(call), Length(call), advice)
            : Translation.NotModelled($"madvise {name} is");
    }

    private static string? Unfit(RecordedOperation call)
    {
        IReadOnlyList<ArgumentKind> kinds = OperationSchema.Arguments(call.Name)!;
        for (int place = 0; place < kinds.Count; place++)
        {
            RecordedArgument argument = call.Arguments[place];
            if (kinds[place] == ArgumentKind.Pages && !argument.IsWhole)
                return place == 1 ? "an unaligned address is" : "an unaligned length is";
            if (kinds[place] == ArgumentKind.Pages && argument.Whole < 0)
                return place == 1 ? "an address below the arena is" : "a negative length is";
        }
        return HasToken(call.Name) && call.Arguments[^1].Whole is < 0 or > int.MaxValue
            ? "a token of more than 31 bits is"
            : null;
    }

    private static bool HasToken(string name) => name is "w" or "wr" or "force_write";

    private static int Handle(RecordedOperation call) => (int)call.Arguments[1].Whole;

    private static int Slot(RecordedOperation call) => (int)call.Arguments[0].Whole;

    private static long Address(RecordedOperation call) => call.Arguments[1].Whole;

    private static long Length(RecordedOperation call) => call.Arguments[2].Whole;
}
