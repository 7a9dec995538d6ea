using FolioCheck.Properties;

namespace FolioCheck.Mutation;

/// <summary>The bugs of the folder mutation/bugs, as they were when this assembly was built.</summary>
public static class PlantedBugs
{
    private static readonly Lazy<PlantedBug[]> _all =
        new(() => [.. EmbeddedFiles.In("mutation/bugs").Select(path => BugReader.Read(path, EmbeddedFiles.Read(path)))]);

    /// <summary>Every bug: those of the implementation first, then by id.</summary>
    /// <exception cref="BadInputException">A file is no bug.</exception>
    public static IReadOnlyList<PlantedBug> All => [.. _all.Value.OrderBy(bug => bug.Layer).ThenBy(bug => bug.Id, StringComparer.Ordinal)];

    /// <summary>A bug by its id, or null.</summary>
    public static PlantedBug? Find(string id) => _all.Value.FirstOrDefault(bug => bug.Id == id);
}
