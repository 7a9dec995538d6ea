using System.Globalization;

namespace FolioCheck.Cli;

/// <summary>Lengths of time as users write them: 90s, 5m, 2h; a bare number is seconds.</summary>
internal static class Duration
{
    private static readonly TimeSpan Longest = TimeSpan.FromDays(365);

    /// <summary>Reads one; null if it is none.</summary>
    public static TimeSpan? Parse(string text)
    {
        double unit = text.Length == 0 ? 0 : text[^1] switch
        {
            's' => 1,
            'm' => 60,
            'h' => 3600,
            >= '0' and <= '9' => 1,
            _ => 0,
        };
        string number = text.Length > 0 && char.IsAsciiLetter(text[^1]) ? text[..^1] : text;
        bool valid = unit > 0
            && double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double value)
            && value > 0 && value * unit <= Longest.TotalSeconds;
        return valid ? TimeSpan.FromSeconds(double.Parse(number, CultureInfo.InvariantCulture) * unit) : null;
    }
}
