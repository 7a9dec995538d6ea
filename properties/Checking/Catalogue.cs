namespace FolioCheck.Properties;

/// <summary>All properties of SPECIFICATION.md 13b that are checked so far, by number.</summary>
public static class Catalogue
{
    /// <summary>Every property.</summary>
    public static IReadOnlyList<Property> All { get; } =
    [
        new Invariant(1, "page mapcount equals entries", "2 G1", CounterInvariants.PageMapcount),
        new Invariant(3, "large mapcount equals mappings", "2 G2", CounterInvariants.LargeMapcount),
        new Invariant(4, "pages mapped equals mapped pages", "2 G3", CounterInvariants.PagesMapped),
        new StepProperty(5, "references cover mappings", "2 G5", CounterInvariants.References),
        new Invariant(6, "rss equals mapped pages", "2 G12", CounterInvariants.Rss),
        new Invariant(7, "NR_ANON_MAPPED equals mapped pages", "2 G8", CounterInvariants.AnonMapped),
        new Invariant(8, "exclusive page mapped once", "2 G9", SharingInvariants.ExclusiveMappedOnce),
        new Invariant(9, "writable means exclusive", "2 G10", SharingInvariants.WritableIsExclusive),
        new Invariant(10, "page mapped once per process", "2 G11", SharingInvariants.MappedOncePerProcess),
        new Invariant(11, "MM-ID slots are lower bounds", "5.4 M1", SharingInvariants.SlotsAreLowerBounds),
        new Invariant(12, "not shared means one process", "5.4 M2", SharingInvariants.NotSharedMeansOne),
        new Invariant(13, "unmapped means untracked", "5.4 M5", SharingInvariants.UnmappedIsUntracked),
        new StepProperty(14, "exact up to two sharers", "5.4 M3", SharingInvariants.ExactUpToTwo),
        new Invariant(15, "never falsely exclusive", "5.5", SharingInvariants.NeverFalselyExclusive),
        new Invariant(16, "partially mapped means queued", "2 G13", FormInvariants.PartialIsQueued),
        new Invariant(20, "folios aligned, runs inside", "1.3", FormInvariants.Aligned),
        new Invariant(21, "zero page counts nowhere", "1.4", FormInvariants.ZeroPage),
        new Invariant(22, "private means mapped once", "5.8", FormInvariants.PrivateIsMappedOnce),
        new Invariant(23, "nr_anon equals live folios", "2 G14", CounterInvariants.LiveFolios),
        new Invariant(25, "smaps adds up", "5.8", FormInvariants.SmapsAddUp),
        new StepProperty(26, "largest fitting order", "4.1", () => FaultProperties.LargestFittingOrder),
        new StepProperty(27, "fault maps whole folio", "4.1", () => FaultProperties.MapsWholeFolio),
        new StepProperty(28, "fork shares everything", "5.7", () => ForkProperties.SharesEverything),
        new StepProperty(29, "fork copies pinned pages", "5.7", () => ForkProperties.CopiesPinnedPages),
        new StepProperty(30, "fork leaves untouched memory alone", "5.7", () => ForkProperties.CopiesNothingUntouched),
        new StepProperty(31, "zap exactly", "6.10", () => ZapProperties.ZapsExactly),
        new StepProperty(32, "partially mapped exactly", "6.2", () => ZapProperties.PartialExactly),
        new StepProperty(36, "reuse or copy", "4.3", () => FaultProperties.ReuseOrCopy),
        new StepProperty(37, "reuse is sound", "4.3.1", () => FaultProperties.ReuseIsSound),
        new StepProperty(38, "freed and written is kept", "6.4", FaultProperties.FreedAndWrittenIsKept),
        new StepProperty(41, "locking changes no translation", "6.6", () => LockProperties.ChangesNoTranslation),
        new StepProperty(42, "mprotect moves nothing", "12.2", () => RightsProperties.MovesNothing),
        new StepProperty(43, "mremap keeps every entry", "12.1", () => RightsProperties.KeepsEveryEntry),
        new StepProperty(44, "failure leaves state alone", "17.1", () => FailureProperties.LeavesStateAlone),
        new Law(45, "fork then exit", "5.7", ForkLaws.ForkThenExit),
        new Law(46, "writes after fork and exit", "4.3.1", ForkLaws.WritesAfterForkReuse),
        new Law(47, "exit order", "5.4", ForkLaws.ExitOrder),
        new Law(48, "batches equal singles", "5.7.1", ZapLaws.BatchesEqualSingles),
        new Law(49, "zaps commute", "6.10", ZapLaws.ZapsCommute),
        new Law(50, "idempotent", "6", ZapLaws.Idempotent),
        new Law(51, "rights there and back", "12.2", RightsLaws.ThereAndBack),
        new Law(53, "write order", "4.3", FrameLaws.WriteOrder),
        new Law(54, "strangers do not matter", "13b", FrameLaws.StrangersDoNotMatter),
        new Law(55, "names do not matter", "13b", FrameLaws.NamesDoNotMatter),
        new Law(56, "sizes do not show", "13b", FrameLaws.SizesDoNotShow),
        new Law(57, "more references, more copies", "4.3.1", ForkLaws.MoreReferencesMoreCopies),
        new Law(66, "nothing leaks", "13b", ZapLaws.NothingLeaks),
        new EventProperty(67, "references follow mappings", "2 G5", EventProperties.ReferencesFollowMappings),
        new EventProperty(68, "reference before mapping", "2 G6", EventProperties.ReferenceBeforeMapping),
        new StepProperty(71, "write-protected is not writable", "17.17", UffdProperties.ProtectedIsNotWritable),
        new StepProperty(72, "guard markers exactly where put", "17.16", () => GuardProperties.ExactlyWherePut),
        new StepProperty(73, "no store is lost", "17.18", SoftDirtyProperties.NoStoreIsLost),
        new StepProperty(74, "pins hold", "5.9", PinProperties.PinsHold),
        new StepProperty(75, "SIGBUS exactly", "17.17", () => UffdProperties.RefusesExactly),
        new Invariant(76, "mlock marks agree", "17.15", LockInvariants.MarksAgree),
        new StepProperty(77, "pins own their pages", "17.19", () => PinProperties.PinsOwnPages),
        new StepProperty(78, "clear_refs forgets all", "17.18", () => SoftDirtyProperties.ForgetsAll),
    ];

    /// <summary>A property by number.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is none.</exception>
    public static Property Get(int number) =>
        All.FirstOrDefault(property => property.Number == number) ?? throw new ArgumentOutOfRangeException(nameof(number), number, "no such property");
}
