using FolioCheck.Cli;
using FolioCheck.Live;
using FolioCheck.Vocabulary;
using Xunit;

namespace FolioCheck.Properties.Tests.Live;

/// <summary>The command on the live kernel: it agrees, and leaves the machine as it was, however it ends.</summary>
[Collection(LiveFactAttribute.OneAtATime)]
public sealed class LiveKernelTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [LiveFact]
    public void Kernel_and_reference_agree_from_inside_or_say_what_is_missing()
    {
        (int code, string output) = Run("check", "--system", "kernel", "--seed", "3", "--cases", "20");
        Assert.True(code == ExitCode.Held, output);
        Assert.Contains("divergences: 0", output);
    }

    [LiveFact]
    public void Kernel_and_reference_agree_from_outside()
    {
        (int code, string output) = Run("check", "--system", "kernel", "--from-outside", "--seed", "4", "--cases", "20");
        Assert.True(code == ExitCode.Held, output);
        Assert.Contains("comparison: linux-6.18-from-outside", output);
    }

    [LiveFact]
    public void Settings_are_as_before_after_a_run()
    {
        SortedDictionary<string, string> before = Settings();
        Run("check", "--system", "kernel", "--cases", "3");
        Assert.Equal(before, Settings());
    }

    [LiveFact]
    public void Settings_are_as_before_after_an_interrupted_run()
    {
        SortedDictionary<string, string> before = Settings();
        using var program = new LiveProgram("check", "--system", "kernel", "--time", "100s");
        WaitUntilChanged(before);
        program.Interrupt();
        (int code, string output) = program.Finish();
        Assert.NotEqual(ExitCode.Failed, code);
        Assert.Contains("inconclusive: stopped early", output);
        Assert.Equal(before, Settings());
    }

    [LiveFact]
    public void Settings_are_as_before_after_a_killed_run_and_the_next()
    {
        SortedDictionary<string, string> before = Settings();
        using (var program = new LiveProgram("check", "--system", "kernel", "--time", "100s"))
        {
            WaitUntilChanged(before);
            program.Kill();
            program.Finish();
        }
        Assert.NotEqual(before, Settings());
        Run("check", "--system", "kernel", "--cases", "1");
        Assert.Equal(before, Settings());
    }

    [LiveFact]
    public void Two_runs_are_kept_apart()
    {
        SortedDictionary<string, string> before = Settings();
        using var first = new LiveProgram("check", "--system", "kernel", "--time", "100s");
        WaitUntilChanged(before);
        (int code, string output) = Run("check", "--system", "kernel", "--cases", "1");
        Assert.Equal(ExitCode.Unavailable, code);
        Assert.Contains("another run uses the kernel", output);
        first.Interrupt();
        first.Finish();
        Assert.Equal(before, Settings());
    }

    [LiveFact]
    public void What_is_recorded_can_be_replayed()
    {
        string folder = Directory.CreateTempSubdirectory("foliocheck").FullName;
        try
        {
            (int code, string output) = Run("record", folder, "--count", "1", "--profile", "cow");
            Assert.True(code == ExitCode.Held, output);
            Assert.Equal(ExitCode.Held, ReplayCommand.Run([Path.Combine(folder, "cow-1.jsonl.gz")], TextWriter.Null, TextWriter.Null));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>The hunt finds a defect that is really there: the one that the quirk stands for.</summary>
    [LiveFact]
    public void The_pagemap_defect_is_found_and_shrunk_by_a_reference_that_does_not_know_it()
    {
        string folder = Directory.CreateTempSubdirectory("foliocheck").FullName;
        try
        {
            (int code, string output) = Run("check", "--system", "kernel", "--cases", "400", "--without-quirk", "PagemapLooksAtHead", "--save", folder);
            Assert.True(code == ExitCode.Failed, output);
            string path = Assert.Single(Directory.GetFiles(folder));
            Scenario scenario = ScenarioText.Read(path, File.ReadLines(path)).Scenario;
            Assert.InRange(scenario.Operations.Count, 3, 8);
            Assert.Equal(Quirks.None, scenario.Machine.Quirks & Quirks.PagemapLooksAtHead);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static (int Code, string Output) Run(params string[] arguments)
    {
        using var program = new LiveProgram(arguments);
        return program.Finish();
    }

    private static SortedDictionary<string, string> Settings() =>
        new(KernelSettings.Touched().ToDictionary(path => path, KernelSettings.Read), StringComparer.Ordinal);

    private static void WaitUntilChanged(SortedDictionary<string, string> before)
    {
        DateTime end = DateTime.UtcNow + Patience;
        while (Settings().SequenceEqual(before))
        {
            Assert.True(DateTime.UtcNow < end, "the run did not begin");
            Thread.Sleep(20);
        }
    }
}
