using System.Diagnostics;
using FolioCheck.Cli;
using FolioCheck.Properties.Tests.Exec;
using Xunit;
using static FolioCheck.Properties.Tests.Cli.CommandRun;

namespace FolioCheck.Properties.Tests.Cli;

/// <summary>A scenario as a C program: it compiles without a warning, agrees with the kernel that runs here, and can fail.</summary>
public sealed class SelftestProgramTests : IDisposable
{
    /// <summary>Plain anonymous memory only: nothing that needs a right or a limit.</summary>
    private const string Plain =
        "foliocheck-scenario 1\nmachine table=512 contpte=8 frames=4096 batches=kernel\nthp global=madvise 4=always\n"
        + "0 mmap(0x10, 32, rw)\n0 write(0x11, 7)\n0 fork(1)\n1 write_range(0x11, 3, 100)\n0 read(0x11)\n1 read(0x12)\n2 read(0x10)\n"
        + "1 mprotect(0x10, 8, r)\n1 write(0x11, 1)\n0 madvise(0x40, 1, DONTNEED)\n0 munmap(0x0, 0)\n1 exit()\n0 fork(1)\n1 madvise(0x10, 4, DONTNEED)\n1 read(0x11)\n0 read(0x500)\n";

    private readonly string _folder = Directory.CreateTempSubdirectory("foliocheck-tests-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string File(string name) => Path.Combine(_folder, name);

    private string Write(string name, string text)
    {
        System.IO.File.WriteAllText(File(name), text);
        return File(name);
    }

    private static string Source(string scenario)
    {
        (int code, string output, string errors) = Run("report", scenario, "--c");
        Assert.Equal((ExitCode.Held, ""), (code, errors));
        return output;
    }

    private static (int Code, string Output) Start(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in arguments)
            start.ArgumentList.Add(argument);
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + errors.Result);
    }

    private void Compile(string source, params string[] more)
    {
        string path = Write("program.c", source);
        (int code, string output) = Start(Programs.Compiler, ["-std=gnu11", "-O1", "-Wall", "-Wextra", "-Werror", path, .. more]);
        Assert.True(code == 0, output);
    }

    private (int Code, string Output) CompileAndRun(string source)
    {
        Compile(source, "-o", File("program"));
        return Start(File("program"));
    }

    [NeedsProgramFact(Programs.Compiler)]
    public void What_the_reference_says_is_what_the_kernel_does()
    {
        (int code, string output) = CompileAndRun(Source(Write("plain.scenario", Plain)));
        if (code == 4)
        {
            Assert.Contains("# SKIP", output, StringComparison.Ordinal);
            return;
        }
        Assert.Equal(0, code);
        Assert.StartsWith("TAP version 13\n1..19\nok 1 0 mmap(0x10, 32, rw)\n", output, StringComparison.Ordinal);
        Assert.Contains("\nok 8 1 write(0x11, 1)\n", output, StringComparison.Ordinal);
        Assert.Contains("\nok 16 0: what pagemap shows # SKIP depends on the sizes of folios\n", output, StringComparison.Ordinal);
        Assert.EndsWith("# Totals: pass:17 fail:0 xfail:0 xpass:0 skip:2 error:0\n", output, StringComparison.Ordinal);
    }

    [NeedsProgramFact(Programs.Compiler)]
    public void A_wrong_value_a_wrong_errno_and_a_wrong_signal_are_not_ok()
    {
        string source = Source(Write("plain.scenario", Plain));
        foreach ((string right, string wrong, string line) in new[]
        {
            ("\"0 read(0x11)\", touch(0x11, 1, 0, false), OK(7)", "\"0 read(0x11)\", touch(0x11, 1, 0, false), OK(8)", "not ok 5 0 read(0x11)\n# expected ok 8, found ok 7\n"),
            ("FAILS(ENOMEM)", "FAILS(EINVAL)", "not ok 9 0 madvise(0x40, 1, DONTNEED)\n# expected Invalid argument, found Cannot allocate memory\n"),
            ("true), SEGV", "true), OK(0)", "not ok 8 1 write(0x11, 1)\n# expected ok 0, found SIGSEGV after 0 pages\n"),
            ("{ 0x11, 7 },", "{ 0x11, 6 },", "# page 0x11 holds 7, not 6\nnot ok 18 0: what the pages hold\n"),
        })
        {
            Assert.Contains(right, source, StringComparison.Ordinal);
            (int code, string output) = CompileAndRun(source.Replace(right, wrong, StringComparison.Ordinal));
            if (code == 4)
                continue;
            Assert.Equal(1, code);
            Assert.Contains(line, output, StringComparison.Ordinal);
        }
    }

    /// <summary>Every part of the program, compiled but not run: some need rights or change limits.</summary>
    [NeedsProgramTheory(Programs.Compiler)]
    [InlineData("uffd-and-fork")]
    [InlineData("uffd-boundary-splits")]
    [InlineData("quirk-move-drops-neighbours-uffd")]
    [InlineData("pin-fork-copies-the-folio")]
    [InlineData("get-handles-of-parent-and-child")]
    [InlineData("force-write-read-only")]
    [InlineData("read-remote-in-parts")]
    [InlineData("errno-vmsplice")]
    [InlineData("errno-mremap-arguments")]
    [InlineData("table-512-largest-folio")]
    public void Compiles_without_a_warning(string example)
    {
        string path = RepositoryRoot.File("properties", "corpus", "examples", example + ".scenario");
        Compile(Source(path), "-fsyntax-only");
    }

    [NeedsProgramFact(Programs.Compiler)]
    public void A_transcript_is_done_as_far_as_it_is_modelled()
    {
        string source = Source(RepositoryRoot.File("properties", "corpus", "transcripts", "cow-1.jsonl.gz"));
        Compile(source, "-fsyntax-only");
        Assert.Contains("FORK(", source, StringComparison.Ordinal);
    }

    [Fact]
    public void The_same_scenario_gives_the_same_program()
    {
        string scenario = Write("plain.scenario", Plain);
        Assert.Equal(Source(scenario), Source(scenario));
        Assert.Equal((ExitCode.Held, $"written: {File("out.c")}\n", ""), Run("report", scenario, "--c", File("out.c")));
        Assert.Equal(Source(scenario), System.IO.File.ReadAllText(File("out.c")));
    }

    [Theory]
    [InlineData("0 pin_read(1, 0x0, 1)", "no system call pins for reading only")]
    [InlineData("0 munmap(0x0, 1000000)", "what a range of more than 65536 pages does depends on the memory of the machine")]
    [InlineData("0 munmap(0xffffffff, 4)", "the program itself lies there")]
    [InlineData("0 madvise(-1, 4, FREE)", "below page 0 there is memory like any other")]
    [InlineData("0 fork(1000)", "its process has a number above 255")]
    [InlineData("0 get(1000, 0x0, 1)", "its handle is not within 0 to 255")]
    public void What_cannot_be_written_is_65_with_its_line(string operation, string reason)
    {
        string scenario = Write("x.scenario", "foliocheck-scenario 1\nmachine table=8 contpte=4 frames=64 batches=kernel\nthp global=never\n0 mmap(0x0, 4, rw)\n" + operation + "\n");
        (int code, string output, string errors) = Run("report", scenario, "--c");
        Assert.Equal((ExitCode.BadInput, ""), (code, output));
        Assert.StartsWith(scenario + ":5: ", errors, StringComparison.Ordinal);
        Assert.EndsWith(reason + "\n", errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Memory_that_runs_out_cannot_be_written()
    {
        string scenario = Write("x.scenario", "foliocheck-scenario 1\nmachine table=8 contpte=4 frames=8 batches=kernel\nthp global=never\n0 mmap(0x0, 16, rw)\n0 write_range(0x0, 16, 1)\n");
        Assert.Contains(":5: write_range(0x0, 16, 1) cannot be written in C: it ends because memory runs out", Run("report", scenario, "--c").Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Only_a_machine_with_the_kernels_tables_has_a_policy()
    {
        string small = Source(Write("small.scenario", Plain.Replace("table=512", "table=64", StringComparison.Ordinal)));
        Assert.DoesNotContain("hugepages-", small, StringComparison.Ordinal);
        Assert.Contains("No kernel has page tables of this size", small, StringComparison.Ordinal);
        string same = Source(Write("plain.scenario", Plain));
        Assert.Contains("{ \"hugepages-64kB/enabled\", \"always\" },", same, StringComparison.Ordinal);
        Assert.Contains("{ \"hugepages-2048kB/enabled\", \"never\" },", same, StringComparison.Ordinal);
    }
}
