using FolioCheck.Live;
using Xunit;

namespace FolioCheck.Properties.Tests.Live;

public sealed class SmapsTextTests
{
    [Fact]
    public void Only_the_arena_is_read()
    {
        List<SmapsVma> vmas = SmapsText.Read("""
            00400000-00401000 r--p 00000000 fe:00 17                                 /agent
            Rss:                   4 kB
            VmFlags: rd mr mw me
            400000001000-400000005000 rw-p 00000000 00:00 0
            Size:                 16 kB
            Rss:                  12 kB
            Swap:                  0 kB
            SwapPss:               8 kB
            THPeligible:           1
            VmFlags: rd wr mr mw me lo ac hg
            7ffffffde000-7ffffffff000 rw-p 00000000 00:00 0                          [stack]
            Rss:                   8 kB

            """u8);
        SmapsVma vma = Assert.Single(vmas);
        Assert.Equal((Arena.Address(1), 4, "rw-p", "lo hg"), (vma.Start, vma.Pages, vma.Permissions, vma.Flags));
        Assert.Equal(new Dictionary<string, long> { ["Rss"] = 12, ["THPeligible"] = 1 }, vma.Fields);
    }
}
