namespace FolioCheck.Properties;

/// <summary>Where a campaign stands between two blocks: all that it takes to go on.</summary>
/// <param name="guide">What the guide knows.</param>
public sealed class CampaignCheckpoint(Guide guide)
{
    /// <summary>The block to go on with.</summary>
    public long NextBlock { get; set; }

    /// <summary>What was done.</summary>
    public Figures Figures { get; init; } = new();

    /// <summary>What the guide knows.</summary>
    public Guide Guide { get; } = guide;

    /// <summary>Called after each block.</summary>
    public Action BlockDone { get; set; } = () => { };
}
