using FolioCheck.Properties;
using FolioCheck.Vocabulary;

namespace FolioCheck.Cli;

/// <summary>The settings of machines that <c>check</c> has options for: <c>--arch</c>, <c>--contpte</c> and <c>--extension</c> by name, every other one by <c>--set KEY=VALUE</c>.</summary>
internal static class SettingsChoice
{
    private const string Extension = "extensions=";

    /// <summary>Reads the options.</summary>
    /// <param name="arch">What <c>--arch</c> says; null if it is not there.</param>
    /// <param name="contpte">What <c>--contpte</c> says; null if it is not there.</param>
    /// <param name="extensions">What <c>--extension</c> says, each time that it is there.</param>
    /// <param name="others">What <c>--set</c> says, each time that it is there.</param>
    /// <param name="settings">The settings.</param>
    /// <returns>What is wrong, or null.</returns>
    public static string? Parse(string? arch, string? contpte, string[] extensions, string[] others, out MachineSettings settings)
    {
        var words = new List<string>();
        if (arch is not null)
            words.Add("arch=" + arch);
        if (contpte is not null)
            words.Add("contpte=" + contpte);
        // In the order in which they are always said, whatever the order of the options.
        if (ExtensionText.Parse(string.Join(',', extensions)) is Extensions chosen)
            words.Add(Extension + ExtensionText.NameOf(chosen));
        return MachineSettings.Parse(string.Join(' ', words.Concat(others)), out settings);
    }

    /// <summary>The options that say a setting.</summary>
    /// <param name="word">The setting, <c>key=value</c>.</param>
    public static string Option(string word)
    {
        if (word.StartsWith(Extension, StringComparison.Ordinal))
            return string.Join(' ', word[Extension.Length..].Split(',').Select(name => "--extension " + name));
        string[] pair = word.Split('=', 2);
        return pair[0] is "arch" or "contpte" ? $"--{pair[0]} {pair[1]}" : "--set " + word;
    }
}
