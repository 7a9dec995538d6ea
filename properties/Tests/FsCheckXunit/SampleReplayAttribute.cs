using FsCheck.Xunit;

namespace FolioCheck.Properties.Tests.FsCheckXunit;

/// <summary>A property whose replay is chosen by the test that runs it; also an example of an attribute with defaults of its own.</summary>
internal sealed class SampleReplayAttribute : PropertyAttribute
{
    private static readonly AsyncLocal<string?> Chosen = new();

    public SampleReplayAttribute() => Replay = Chosen.Value;

    internal static Task<SampleRun> Run<TSample>(string method, string? replay)
    {
        Chosen.Value = replay;
        return SampleRun.Of<TSample>(method);
    }
}
