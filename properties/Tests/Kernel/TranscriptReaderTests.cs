using System.IO.Compression;
using System.Text;
using FolioCheck.Kernel;
using FolioCheck.Vocabulary;
using Xunit;

namespace FolioCheck.Properties.Tests.Kernel;

/// <summary>The reader takes exactly the format and names the line of whatever else it finds.</summary>
public class TranscriptReaderTests
{
    private const string Header = """
        {"arena":"0x100000000000","cpu":1,"kernel":"6.18.44","khugepaged":"asleep","nops":2,"page":4096,"profile":"cow","schema":"ko-trace/1","seed":7,"settings":{"anon":{"16":"madvise","64":"inherit"},"global":"always","huge_zero":1,"shmem":{"8":"within_size"}},"swap":"none"}
        """;

    private const string First = """
        {"d":{},"i":0,"op":["mmap",0,1,64,3,50,-1,0],"ret":"ok 0","st":{"folios":[],"procs":[{"slot":0,"vmas":[{"a":1,"fl":"","n":64,"perm":"rw-p","pg":[],"sm":{}}]}]},"x":{"0":[48,0,0,28]}}
        """;

    private const string Second = """
        {"d":{"16.nr_anon":1,"vm.pswpin":-3},"i":1,"op":["w",0,4,2000],"ret":"ok 0","st":{"folios":[{"al":1,"dq":0,"emc":0,"id":0,"kf":"lru swapbacked thp uptodate","lmc":4,"mc":[[1,4]],"mm":[["0",4]],"npm":4,"o":2,"pin":0,"pm":0,"rc":4,"sh":0,"t":"anon","tok":[[2000,1,0],[0,3,0]]}],"procs":[{"slot":0,"vmas":[{"a":1,"fl":"hg","n":64,"perm":"rw-p","pg":[[0,1,"Z","z",0,""],[3,4,"M",0,0,"XKWDE"]],"sm":{"Rss":16}}]}]},"x":{"0":[48,0,0,40]}}
        """;

    [Fact]
    public void Every_field_of_the_header_is_read()
    {
        using var file = new TemporaryFile(Lines(Header, First, Second));
        using Transcript transcript = Transcript.Open(file.Path);
        TranscriptHeader header = transcript.Header;
        Assert.Equal(("cow", 7, "6.18.44"), (header.Profile, header.Seed, header.Kernel));
        Assert.Equal((2, null), (header.DrawnOperations, header.Records));
        Assert.Equal(("0x100000000000", 1, "asleep", "none"), (header.Arena, header.Cpu, header.Khugepaged, header.Swap));
        Machine machine = TranscriptMachine.Of(header);
        Assert.Equal(512, machine.EntriesPerTable);
        ThpPolicy policy = ThpPolicy.Off.With(Operation.GlobalOrder, ThpMode.Always);
        Assert.Equal(policy.With(2, ThpMode.Madvise).With(4, ThpMode.Inherit), machine.Thp);
        Assert.Null(machine.Validate());
    }

    [Fact]
    public void Every_field_of_a_record_is_read()
    {
        using var file = new TemporaryFile(Lines(Header, First, Second));
        using Transcript transcript = Transcript.Open(file.Path);
        TranscriptRecord record = transcript.Records().Last();
        Assert.Equal((3, 1, "w 0 4 2000", "ok 0"), (record.Line, record.Index, record.Operation.ToString(), record.Outcome.ToString()));
        Assert.Equal(new Dictionary<string, long> { ["16.nr_anon"] = 1, ["vm.pswpin"] = -3 }, record.Deltas);
        Assert.Equal([48, 0, 0, 40], record.AgentOverhead["0"]);
        RecordedVma vma = Assert.Single(Assert.Single(record.State.Processes).Vmas);
        Assert.Equal((1, 64, "rw-p", "hg"), (vma.Start, vma.Length, vma.Permissions, vma.Flags));
        Assert.Equal(new Dictionary<string, long> { ["Rss"] = 16 }, vma.Smaps);
        Assert.Equal([new(0, 1, 'Z', RecordedRun.ZeroPage, 0, ""), new(3, 4, 'M', 0, 0, "XKWDE")], vma.Runs);
        RecordedFolio folio = Assert.Single(record.State.Folios);
        Assert.Equal((0, 2, "anon", true, 4), (folio.Id, folio.Order, folio.Type, folio.Aligned, folio.References));
        Assert.Equal(["lru", "swapbacked", "thp", "uptodate"], folio.KernelFlags);
        Assert.Equal([new CountRun(1, 4)], folio.Mapcounts);
        Assert.Equal([new TokenRun(2000, 1, 0), new TokenRun(0, 3, 0)], folio.Tokens);
        Assert.Equal([new TrackedMm("0", 4)], folio.Large!.Tracked);
        Assert.Equal((4, 0, 4, 0), (folio.Large.Mapcount, folio.Large.EntireMapcount, folio.Large.NrPagesMapped, folio.Large.Pins));
        Assert.Equal((false, false, false), (folio.Large.MaybeMappedShared, folio.Large.PartiallyMapped, folio.Large.Queued));
    }

    [Fact]
    public void A_packed_file_reads_like_a_plain_one()
    {
        using var file = new TemporaryFile(Gzip(Lines(Header, First, Second)), ".jsonl.gz");
        Assert.Equal(2, CountRecords(file.Path));
    }

    [Fact]
    public void Setup_operations_may_come_on_top_of_the_drawn_ones() =>
        Assert.Equal(2, CountRecords(Lines(Header.Replace("\"nops\":2", "\"nops\":1", StringComparison.Ordinal), First, Second)));

    [Theory]
    [InlineData("\"seed\":7", "\"seed\":7,\"records\":2,\"extra\":0", 1, "unknown member \"extra\"")]
    [InlineData("ko-trace/1", "ko-trace/2", 1, "not \"ko-trace/1\"")]
    [InlineData("\"page\":4096", "\"page\":16384", 1, "\"page\" is 16384")]
    [InlineData("\"seed\":7,", "", 1, "lacks the member \"seed\"")]
    [InlineData("\"seed\":7", "\"seed\":7,\"seed\":7", 1, "not JSON")]
    [InlineData("\"16\":\"madvise\"", "\"16\":\"sometimes\"", 1, "unknown mode \"sometimes\"")]
    [InlineData("\"16\":\"madvise\"", "\"8\":\"madvise\"", 1, "unknown member \"8\"")]
    [InlineData("\"global\":\"always\"", "\"global\":\"inherit\"", 1, "cannot be \"inherit\"")]
    [InlineData("within_size", "outside_size", 1, "unknown word \"outside_size\"")]
    [InlineData("\"huge_zero\":1", "\"huge_zero\":2", 1, "\"huge_zero\" is 2")]
    [InlineData("0x100000000000", "zero", 1, "not a hexadecimal address")]
    [InlineData("\"nops\":2", "\"nops\":3", 4, "at least 3 records; there are 2")]
    [InlineData("\"nops\":2", "\"nops\":2,\"records\":3", 4, "promises 3 records; there are 2")]
    [InlineData("\"nops\":2", "\"nops\":2,\"records\":1", 4, "promises 1 records; there are 2")]
    [InlineData("\"nops\":2", "\"nops\":-1", 1, "\"nops\" is -1")]
    [InlineData("\"i\":0", "\"i\":1", 2, "but this is record 0")]
    [InlineData("\"i\":1", "\"i\":0", 3, "but this is record 1")]
    [InlineData("\"i\":1,", "\"i\":1,\"j\":1,", 3, "unknown member \"j\"")]
    [InlineData("\"i\":0,", "", 2, "lacks the member \"i\"")]
    [InlineData("[\"mmap\",", "[\"mmop\",", 2, "unknown operation \"mmop\"")]
    [InlineData("[\"mmap\",0,", "[\"mmap\",", 2, "has 6 arguments; mmap takes 7")]
    [InlineData("[\"mmap\",0,", "[\"mmap\",0.5,", 2, "element 1 of \"op\" is not a whole number")]
    [InlineData("[\"mmap\",0,1,", "[\"mmap\",0,0.3,", 2, "does not name a byte")]
    [InlineData("[\"mmap\",0,1,", "[\"mmap\",0,1e40,", 2, "not a number of pages")]
    [InlineData("[\"w\",0,4,2000]", "[\"madvise\",0,4,2000,\"PLEASE\"]", 3, "unknown word \"PLEASE\"")]
    [InlineData("[\"w\",0,4,2000]", "[]", 3, "\"op\" is empty")]
    [InlineData("\"ret\":\"ok 0\",\"st\":{\"folios\":[{", "\"ret\":\"fine\",\"st\":{\"folios\":[{", 3, "is \"fine\"")]
    [InlineData("16.nr_anon", "16.nr_gnus", 3, "unknown member \"16.nr_gnus\"")]
    [InlineData("16.nr_anon", "17.nr_anon", 3, "unknown member \"17.nr_anon\"")]
    [InlineData("vm.pswpin", "vm.pigs", 3, "unknown member \"vm.pigs\"")]
    [InlineData("\"16.nr_anon\":1", "\"16.nr_anon\":0", 3, "is 0, which is not a change")]
    [InlineData("\"fl\":\"hg\"", "\"fl\":\"gh\"", 3, "unknown word \"gh\"")]
    [InlineData("\"Rss\":16", "\"Mss\":16", 3, "unknown member \"Mss\"")]
    [InlineData("\"M\"", "\"Q\"", 3, "unknown kind \"Q\"")]
    [InlineData("XKWDE", "XKWDQ", 3, "unknown flags \"XKWDQ\"")]
    [InlineData("XKWDE", "KXWDE", 3, "unknown flags \"KXWDE\"")]
    [InlineData("\"Z\",\"z\"", "\"Z\",0", 3, "is not \"z\", the zero page")]
    [InlineData("[0,1,\"Z\",\"z\",0,\"\"]", "[0,1,\"Z\",\"z\",0]", 3, "has 5 elements, not 6")]
    [InlineData("\"perm\":\"rw-p\",\"pg\":[[", "\"perm\":\"rw-q\",\"pg\":[[", 3, "unknown access rights \"rw-q\"")]
    [InlineData("\"t\":\"anon\"", "\"t\":\"anno\"", 3, "unknown word \"anno\"")]
    [InlineData("lru swapbacked", "lru lru", 3, "says a word twice")]
    [InlineData("lru swapbacked", "lru frontbacked", 3, "unknown word \"frontbacked\"")]
    [InlineData("\"mm\":[[\"0\",4]]", "\"mm\":[[\"zero\",4]]", 3, "unknown process \"zero\"")]
    [InlineData("\"mm\":[[\"0\",4]]", "\"mm\":[[0,4]]", 3, "is not a text")]
    [InlineData("\"npm\":4,", "", 3, "lacks the member \"npm\"")]
    [InlineData("\"o\":2", "\"o\":0", 3, "unknown member \"dq\"")]
    [InlineData("\"rc\":4", "\"rc\":\"4\"", 3, "\"rc\" is not a whole number")]
    [InlineData("\"rc\":4", "\"rc\":4.5", 3, "\"rc\" is not a whole number")]
    [InlineData("\"rc\":4", "\"rc\":", 3, "not JSON")]
    [InlineData("\"ret\":\"ok 0\",\"st\":{\"folios\":[{", "\"ret\":\"\\ud800\",\"st\":{\"folios\":[{", 3, "not Unicode")]
    [InlineData("\"st\":{\"folios\":[]", "\"st\":{\"folios\":{}", 2, "\"folios\" is not a list")]
    [InlineData("\"x\":{\"0\":[48,0,0,28]}", "\"x\":{\"0\":[48,0,28]}", 2, "has 3 elements, not 4")]
    [InlineData("{\"d\":{},\"i\":0", "\n{\"d\":{},\"i\":0", 2, "not JSON")]
    public void What_is_not_in_the_format_is_refused(string part, string replacement, int line, string reason)
    {
        string text = Lines(Header, First, Second);
        Assert.Contains(part, text, StringComparison.Ordinal);
        int place = text.IndexOf(part, StringComparison.Ordinal);
        AssertRefused(text[..place] + replacement + text[(place + part.Length)..], line, reason);
    }

    [Fact]
    public void An_empty_file_is_refused() => AssertRefused("", 0, "the file is empty");

    [Fact]
    public void A_header_that_is_no_object_is_refused() => AssertRefused("[]\n", 1, "\"line\" is not an object");

    [Fact]
    public void A_cut_off_last_line_is_refused()
    {
        AssertRefused(Lines(Header, First, Second)[..^1], 3, "cut off");
        AssertRefused(Header, 1, "cut off");
    }

    [Fact]
    public void Bytes_that_are_no_text_are_refused()
    {
        byte[] bytes = [.. Encoding.UTF8.GetBytes(Lines(Header, First)), 0x22, 0xFF, 0x22, 0x0A];
        using var file = new TemporaryFile(bytes);
        AssertFileRefused(file.Path, 3, "not UTF-8");
    }

    [Fact]
    public void A_line_over_the_limit_is_refused()
    {
        string blanks = new(' ', TranscriptFormat.LongestLine + 1);
        using var file = new TemporaryFile(Gzip(Lines(Header, First) + blanks), ".jsonl.gz");
        AssertFileRefused(file.Path, 3, "longer than 67108864 bytes");
    }

    [Fact]
    public void A_missing_file_is_refused() =>
        AssertFileRefused(Path.Combine(Path.GetTempPath(), "no", "such.jsonl"), 0, "cannot be opened");

    [Fact]
    public void A_directory_is_refused() => AssertFileRefused(Path.GetTempPath(), 0, "cannot be opened");

    [Fact]
    public void A_file_that_is_not_gzip_is_refused()
    {
        using var file = new TemporaryFile(Lines(Header, First, Second), ".jsonl.gz");
        AssertFileRefused(file.Path, 1, "cannot be read on");
    }

    [Fact]
    public void A_gzip_file_that_ends_early_is_refused_wherever_it_ends()
    {
        byte[] whole = Gzip(Lines(Header, First, Second));
        for (int length = 0; length < whole.Length; length++)
        {
            using var file = new TemporaryFile(whole[..length], ".jsonl.gz");
            Assert.Throws<BadInputException>(() => CountRecords(file.Path));
        }
    }

    [Fact]
    public void A_gzip_file_with_a_damaged_byte_is_refused()
    {
        byte[] packed = Gzip(Lines(Header, First, Second));
        for (int place = packed.Length - 8; place < packed.Length; place++)
        {
            byte[] damaged = [.. packed];
            damaged[place] ^= 1;
            using var file = new TemporaryFile(damaged, ".jsonl.gz");
            Assert.Throws<BadInputException>(() => CountRecords(file.Path));
        }
    }

    [Fact]
    public void Every_recorded_transcript_is_in_the_format_and_packed()
    {
        foreach (string name in RecordedTranscripts.Names)
        {
            using Transcript transcript = Transcript.Open(RecordedTranscripts.PathOf(name));
            int records = transcript.Records().Count();
            Assert.Equal(transcript.Header.Records, records);
            Assert.Equal("6.18.44", transcript.Header.Kernel);
        }
        Assert.Equal(115, RecordedTranscripts.Names.Count());
    }

    private static string Lines(params string[] lines) => string.Concat(lines.Select(line => line + "\n"));

    private static byte[] Gzip(string text)
    {
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
            gzip.Write(Encoding.UTF8.GetBytes(text));
        return packed.ToArray();
    }

    private static int CountRecords(string pathOrText)
    {
        if (pathOrText.Contains('\n', StringComparison.Ordinal))
        {
            using var file = new TemporaryFile(pathOrText);
            return CountRecords(file.Path);
        }
        using Transcript transcript = Transcript.Open(pathOrText);
        return transcript.Records().Count();
    }

    private static void AssertRefused(string text, int line, string reason)
    {
        using var file = new TemporaryFile(text);
        AssertFileRefused(file.Path, line, reason);
    }

    private static void AssertFileRefused(string path, int line, string reason)
    {
        var refusal = Assert.Throws<BadInputException>(() => CountRecords(path));
        Assert.Contains(reason, refusal.Reason, StringComparison.Ordinal);
        Assert.Equal((path, line), (refusal.Path, refusal.Line));
    }
}
