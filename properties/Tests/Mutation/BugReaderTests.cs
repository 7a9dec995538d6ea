using FolioCheck.Mutation;
using Xunit;

namespace FolioCheck.Properties.Tests.Mutation;

/// <summary>Bug files are read exactly, and what is no bug file is refused with its line.</summary>
public class BugReaderTests
{
    private const string File = "implementation/Core/Fork.cs";

    private static readonly string[] _good =
    [
        "id: some-bug", "from: natural mutant", "wrong: It is wrong.", "file: " + File, "member: CopyBatch",
        "--- old", "TakeReferences(folio, count);", "--- new", "TakeReferences(folio, 1);", "",
    ];

    [Fact]
    public void A_bug_has_everything_that_its_file_says()
    {
        PlantedBug bug = Read(_good);
        Assert.Equal(("some-bug", "natural mutant", "It is wrong."), (bug.Id, bug.From, bug.Wrong));
        Assert.Equal((File, "CopyBatch", BugLayer.Implementation), (bug.File, bug.Member, bug.Layer));
        Assert.Equal(("TakeReferences(folio, count);", "TakeReferences(folio, 1);"), (bug.Old, bug.New.Trim()));
        Assert.Equal((7, 9), (bug.OldLine, bug.NewLine));
    }

    [Fact]
    public void Machines_may_need_settings()
    {
        Assert.True(Read(_good).Settings.IsEmpty);
        PlantedBug bug = Read([.. _good.Take(5), "machine: arch=arm64 extensions=lazy-zeroing,access-detection", .. _good.Skip(5)]);
        Assert.Equal("arch=arm64 extensions=lazy-zeroing,access-detection", bug.Settings.ToString());
        Assert.Equal((8, 10), (bug.OldLine, bug.NewLine));
    }

    [Theory]
    [InlineData("machine: extensions=lazy", "'extensions=lazy' is no machine setting")]
    [InlineData("machine: arm64", "'arm64' is not key=value")]
    [InlineData("machine: access_flags=mixed", "on x86 the hardware sets the access flag")]
    [InlineData("machine: ", "'machine' is empty")]
    [InlineData("extensions: lazy-zeroing", "'--- old' is expected here")]
    public void Settings_that_do_not_exist_are_refused(string line, string reason)
    {
        BadInputException bad = Assert.Throws<BadInputException>(() => Read([.. _good.Take(5), line, .. _good.Skip(5)]));
        Assert.Equal(6, bad.Line);
        Assert.Contains(reason, bad.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_new_snippet_may_be_empty() => Assert.Equal("", Read([.. _good.Take(8)]).New);

    [Theory]
    [InlineData(1, "name: some-bug", 1, "'id: ' is expected here")]
    [InlineData(1, "id: Some Bug", 1, "'Some Bug' is no id")]
    [InlineData(1, "id: other-bug", 1, "not the file's name")]
    [InlineData(2, "from:  ", 2, "'from' is empty")]
    [InlineData(3, "from: twice", 3, "'wrong: ' is expected here")]
    [InlineData(4, "file: properties/Checking/Campaign.cs", 4, "no file in implementation/Core or reference/Model")]
    [InlineData(4, "file: implementation/Core/../Core/Fork.cs", 4, "no file in implementation/Core or reference/Model")]
    [InlineData(6, "--- Old", 6, "'--- old' is expected here")]
    [InlineData(7, "  ", 6, "the old snippet is empty")]
    [InlineData(8, "", 10, "there is no '--- new'")]
    [InlineData(9, "  TakeReferences(folio,\n count);", 8, "the new snippet is the old one")]
    [InlineData(9, "--- new", 8, "only one old and one new snippet")]
    public void A_broken_file_is_refused_with_its_line(int line, string text, int reported, string reason)
    {
        string[] lines = [.. _good];
        lines[line - 1] = text;
        BadInputException bad = Assert.Throws<BadInputException>(() => Read(lines));
        Assert.Equal(reported, bad.Line);
        Assert.Contains(reason, bad.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void An_empty_file_is_refused() => Assert.Equal(1, Assert.Throws<BadInputException>(() => Read([])).Line);

    [Fact]
    public void Lines_may_end_as_on_Windows() => Assert.Equal("CopyBatch", BugReader.Read("some-bug.bug", string.Join("\r\n", _good)).Member);

    [Theory]
    [InlineData(4, "file: implementation/Core/Nothing.cs", 4, "there is no implementation/Core/Nothing.cs")]
    [InlineData(5, "member: Fork", 7, "not within a member 'Fork'")]
    [InlineData(7, "TakeReferences(folio, 2);", 7, "stands 0 times")]
    [InlineData(7, "parent", 7, "times in implementation/Core/Fork.cs, not once")]
    public void A_snippet_that_does_not_fit_is_refused(int line, string text, int reported, string reason)
    {
        string[] lines = [.. _good];
        lines[line - 1] = text;
        BadInputException bad = Assert.Throws<BadInputException>(Read(lines).CheckMatch);
        Assert.Equal(reported, bad.Line);
        Assert.Contains(reason, bad.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_snippet_matches_however_it_is_broken_into_lines()
    {
        string[] lines = [.. _good];
        lines[6] = "int folio =\n        _folios.Head[frame]; TakeReferences(folio,   count);";
        Read(lines).CheckMatch();
    }

    [Fact]
    public void A_new_snippet_that_does_not_compile_is_refused()
    {
        string[] lines = [.. _good];
        lines[8] = "TakeReferences(nobody, count);";
        BadInputException bad = Assert.Throws<BadInputException>(() => Read(lines).Compile());
        Assert.Equal(9, bad.Line);
        Assert.Contains("implementation/Core/Fork.cs line", bad.Reason, StringComparison.Ordinal);
        Assert.Contains("CS0103", bad.Reason, StringComparison.Ordinal);
    }

    private static PlantedBug Read(string[] lines) => BugReader.Read("some-bug.bug", string.Join('\n', lines));
}
