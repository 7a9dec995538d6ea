using FolioCheck.Implementation;
using FolioCheck.Reference;
using FolioCheck.Vocabulary;
using Xunit;

namespace FolioCheck.Properties.Tests.Features;

/// <summary>
/// A scenario for each feature, in properties/corpus/features: its last operation shows the feature, and without that operation it is a near miss. The pictures
/// in the files hold on both models.
/// </summary>
public sealed class FeatureExamplesTests
{
    private const string Prefix = "# feature: ";
    private static readonly string _folder = RepositoryRoot.File("properties", "corpus", "features");

    /// <summary>Names of the files, without folder.</summary>
    public static TheoryData<string> Files =>
        [.. Directory.GetFiles(_folder, "*.scenario").Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    private static string FeatureOf(string path) => File.ReadLines(path).First(line => line.StartsWith(Prefix, StringComparison.Ordinal))[Prefix.Length..];

    [Fact]
    public void Every_feature_has_one() => Assert.Equal(
        FeatureCatalogue.All.Select(feature => feature.Name).Order(StringComparer.Ordinal),
        Directory.GetFiles(_folder, "*.scenario").Select(FeatureOf).Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Files))]
    public void Last_operation_shows_it_and_none_before(string name)
    {
        string path = Path.Combine(_folder, name);
        ScenarioFile file = ScenarioText.Read(path, File.ReadLines(path));
        Assert.Equal(file.Scenario.Operations.Count - 1, FeatureExamples.FirstStep(file.Scenario, FeatureCatalogue.IndexOf(FeatureOf(path))));
        foreach (MemorySystemFactory model in new MemorySystemFactory[] { ReferenceMemory.Create, OptimizedMemory.Create })
        {
            ScenarioReplayResult result = ScenarioReplay.Run(file, model);
            Assert.True(result.Wrong is null, result.Wrong);
            Assert.Equal(1, result.Expectations);
        }
    }

    [Theory]
    // Two processes, so both have a slot.
    [InlineData("third sharer untracked", "0 mmap(0, 4, rw)", "0 write(0, 1)", "0 fork(1)")]
    // Two folios, but a page lies between them.
    [InlineData("zap of two folios in adjacent frames", "0 mmap(0, 8, rw)", "0 write(0, 1)", "0 write(4, 1)", "0 mprotect(0, 4, r)", "0 munmap(0, 8)")]
    // The exit leaves two owners.
    [InlineData("shared mark cleared by an exit", "0 mmap(0, 4, rw)", "0 write(0, 1)", "0 fork(1)", "0 fork(2)", "2 exit()")]
    // The only owner has a slot and no stale mark: it reuses.
    [InlineData("stale shared mark, sole owner copies", "0 mmap(0, 4, rw)", "0 write(0, 1)", "0 fork(1)", "1 exit()", "0 write(0, 2)")]
    // The whole folio goes, in one batch.
    [InlineData("partial for a moment only", "0 mmap(0, 4, rw)", "0 write(0, 1)", "0 munmap(0, 4)")]
    // A whole folio is not split.
    [InlineData("MADV_FREE splits a folio", "0 mmap(0, 4, rw)", "0 write(0, 1)", "0 madvise(0, 4, FREE)")]
    // Moved to an aligned place in one table.
    [InlineData("folio straddles two leaf tables", "0 mmap(0, 4, rw)", "0 write(0, 1)", "0 mremap(0, 4, 4, MAYMOVE|FIXED, 0x20)")]
    // Both VMAs have the same rights.
    [InlineData("one folio under two VMAs with different rights", "0 mmap(0, 4, rw)", "0 write(0, 1)", "0 madvise(0, 2, HUGEPAGE)")]
    // The guard is in another block.
    [InlineData("guard marker inside a large-folio block", "0 mmap(0, 8, rw)", "0 madvise(4, 1, GUARD_INSTALL)", "0 write(0, 1)")]
    // Not pinned: shared.
    [InlineData("pinned folio forked page by page", "0 mmap(0, 4, rw)", "0 write(0, 1)", "0 fork(1)")]
    // One order fails, and there is no other.
    [InlineData("fault falls back two orders", "0 mmap(0, 4, rw)", "- fail_allocation(2)", "0 write(0, 1)")]
    // All of it is protected.
    [InlineData("zap batch cut by the uffd-wp bit", "0 mmap(0, 4, rw)", "0 write(0, 1)", "0 uffd_register(0, 4)", "0 uffd_wp(0, 4, on)", "0 munmap(0, 4)")]
    public void Near_misses_are_none(string feature, params string[] operations)
    {
        string[] lines = ["foliocheck-scenario 1", "machine table=8 contpte=4 frames=64 batches=kernel", "thp global=madvise 2=always", .. operations];
        Scenario scenario = ScenarioText.Read("near miss", lines).Scenario;
        Assert.Equal(-1, FeatureExamples.FirstStep(scenario, FeatureCatalogue.IndexOf(feature)));
    }
}
