using System.Globalization;
using FolioCheck.Vocabulary;

namespace FolioCheck.Exec;

/// <summary>Reads outcomes in the words of scenario files: the reverse of <see cref="Outcome.ToString"/>.</summary>
internal static class OutcomeText
{
    /// <summary>Reads one; null if the text is none.</summary>
    public static Outcome? Parse(string text)
    {
        if (text == "not modelled")
            return Outcome.NotModelled;
        if (text == "no process")
            return Outcome.NoProcess;
        string[] words = text.Split(' ');
        if (words.Length > 2)
            return null;
        int number = 0;
        if (words.Length == 2 && !int.TryParse(words[1], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number))
            return null;
        return (words[0], words.Length) switch
        {
            ("ok", _) => Outcome.Token(number),
            ("SIGSEGV", 1) => Outcome.SegmentationFault,
            ("SIGBUS", 2) => Outcome.BusError(number),
            ("OOM", 2) => Outcome.OutOfMemory(number),
            (var name, 1) when Enum.TryParse(name, out Errno errno) && Enum.IsDefined(errno) && name == errno.ToString() => Outcome.Error(errno),
            _ => null,
        };
    }
}
