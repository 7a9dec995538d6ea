using System.Diagnostics;
using Xunit;

namespace FolioCheck.Properties.Tests.Cli;

/// <summary>A headless Chromium, where there is one.</summary>
internal static class Browser
{
    private static readonly string? _program = new[] { "chromium", "chromium-browser", "google-chrome" }.FirstOrDefault(name => Exec.Programs.WhyMissing(name) is null);

    /// <summary>Why a test cannot run, or null.</summary>
    public static string? WhyMissing => _program is null ? "no chromium, chromium-browser or google-chrome is on the PATH" : null;

    /// <summary>The page as it is after its script has run.</summary>
    /// <param name="path">The page.</param>
    /// <param name="fragment">The part of the address behind the hash.</param>
    public static string Dom(string path, string fragment)
    {
        string profile = Directory.CreateTempSubdirectory("foliocheck-browser-").FullName;
        try
        {
            var start = new ProcessStartInfo(_program!) { RedirectStandardOutput = true, RedirectStandardError = true };
            foreach (string argument in new[] { "--headless", "--no-sandbox", "--disable-gpu", "--user-data-dir=" + profile, "--virtual-time-budget=10000", "--dump-dom", new Uri(path).AbsoluteUri + "#" + fragment })
                start.ArgumentList.Add(argument);
            using Process browser = Process.Start(start)!;
            browser.ErrorDataReceived += (_, _) => { };
            browser.BeginErrorReadLine();
            string dom = browser.StandardOutput.ReadToEnd();
            browser.WaitForExit();
            return dom;
        }
        finally
        {
            Directory.Delete(profile, recursive: true);
        }
    }
}

/// <summary>A test that is skipped, and says so, where no browser is on the PATH.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class NeedsBrowserFactAttribute : FactAttribute
{
    public NeedsBrowserFactAttribute() => Skip = Browser.WhyMissing;
}
