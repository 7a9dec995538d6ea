using FolioCheck.Live;
using Xunit;

namespace FolioCheck.Properties.Tests.Live;

/// <summary>A test that needs the live kernel. Where it cannot be used the test is skipped and says why; skipped tests are counted apart.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class LiveFactAttribute : FactAttribute
{
    /// <summary>Collection of the tests that use the kernel: they do not run side by side.</summary>
    public const string OneAtATime = "live kernel";

    public LiveFactAttribute() => Skip = LiveKernel.WhyNot();
}
