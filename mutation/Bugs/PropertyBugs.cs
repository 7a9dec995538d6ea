using FolioCheck.Properties;

namespace FolioCheck.Mutation;

/// <summary>For each property a bug of the implementation that it catches alone, without reference and lockstep: proof that it can fail.</summary>
public static class PropertyBugs
{
    private static readonly Dictionary<int, string> _bugs = new()
    {
        [1] = "dup-vector-tail",
        [2] = "pmd-dup-forgets-entire",
        [3] = "n12-large-mapcount-by-calls",
        [4] = "dup-counts-pages-mapped",
        [5] = "copy-keeps-reference",
        [6] = "fork-rss-small-pages",
        [7] = "anon-mapped-by-mappings",
        [8] = "fork-clears-one-exclusive",
        [9] = "fork-protects-child-only",
        [10] = "fill-repeats-frames",
        [11] = "slot-keeps-process",
        [12] = "n11-owner-slots-third-process",
        [13] = "unmapped-folio-keeps-slots",
        [14] = "second-slot-proves-nothing",
        [15] = "second-slot-shares-nothing",
        [16] = "unlink-leaves-queued",
        [19] = "deposited-tables-not-counted",
        [20] = "unaligned-blocks",
        [21] = "zero-remap-keeps-write-bit",
        [22] = "smaps-first-page-decides",
        [23] = "n20-struct-copy",
        [24] = "contpte-unfold-keeps-one-bit",
        [25] = "lazyfree-counts-dirty",
        [26] = "none-test-from-fault-page",
        [27] = "new-folio-head-exclusive",
        [28] = "n08-first-pte-bits-to-all",
        [29] = "fork-write-protects-pinned",
        [30] = "fork-copies-zero-pages",
        [31] = "n04-partial-last-word",
        [32] = "partial-from-large-mapcount",
        [33] = "pmd-split-drops-dirty",
        [34] = "split-pmd-loses-write",
        [36] = "leaf-released-and-kept",
        [37] = "reuse-by-references",
        [38] = "store-leaves-clean",
        [40] = "collapse-copies-head-page",
        [41] = "mlock-forgets-populate",
        [42] = "mprotect-batch-head-exclusive",
        [43] = "move-drops-dirty",
        [44] = "mmap-unmaps-before-refusing",
        [45] = "fork-ages-parent",
        [46] = "lone-page-reused",
        [47] = "process-swap-remove",
        [48] = "n12-large-mapcount-by-calls",
        [49] = "n07-batch-across-leaf-table",
        [50] = "free-skips-after-split",
        [51] = "mprotect-none-stays",
        [52] = "in-place-keeps-references",
        [53] = "large-folio-never-reused",
        [54] = "fresh-folio-not-zeroed",
        [55] = "no-block-at-page-zero",
        [56] = "copy-reads-head-page",
        [57] = "reuse-with-one-spare-reference",
        [59] = "pmd-counts-as-pages",
        [61] = "contpte-reuse-widens-write",
        [62] = "swdirty-lost-on-modify",
        [66] = "split-keeps-head",
        [67] = "fork-references-by-calls",
        [68] = "fork-maps-before-reference",
        [69] = "shrinker-keeps-large-pieces",
        [71] = "uffd-protect-keeps-write",
        [72] = "dontneed-removes-guards",
        [73] = "fault-forgets-soft-dirty",
        [74] = "cow-detaches-write-pin",
        [75] = "sigbus-at-next-page",
        [76] = "locked-ignores-sharing",
        [77] = "ro-pin-without-unshare",
        [78] = "clear-soft-dirty-keeps-write",
        [79] = "mprotect-without-flush",
        [80] = "contpte-gathered-noop",
        [81] = "contpte-clear-leaves-bit",
    };

    /// <summary>Operations within which each property must catch its bug.</summary>
    public const long Budget = 60_000;

    /// <summary>The bug of a property; null if none is known.</summary>
    public static PlantedBug? Of(Property property) => _bugs.TryGetValue(property.Number, out string? id) ? PlantedBugs.Find(id) : null;

    /// <summary>Numbers of the properties that have a bug.</summary>
    public static IReadOnlyCollection<int> Numbers => _bugs.Keys;
}
