using System.Globalization;
using Microsoft.FSharp.Core;

namespace FsCheck.Xunit;

/// <summary>The text of a replay: "seed,gamma" for a whole run, "seed,gamma,size" for one case.</summary>
internal static class ReplayText
{
    internal static string Of(Rnd rnd) => string.Create(CultureInfo.InvariantCulture, $"{rnd.Seed},{rnd.Gamma}");

    internal static string Of(Rnd rnd, int size) => string.Create(CultureInfo.InvariantCulture, $"{Of(rnd)},{size}");

    internal static string Of(Replay replay) => FSharpOption<int>.get_IsSome(replay.Size)
        ? Of(replay.Rnd, replay.Size.Value)
        : Of(replay.Rnd);

    internal static Replay Parse(string text)
    {
        var parts = text.Trim().Trim('(', ')').Split(',');
        if (parts.Length is 2 or 3
            && TryParse(parts[0], out var seed)
            && TryParse(parts[1], out var gamma))
        {
            if (parts.Length == 2)
            {
                return new Replay(new Rnd(seed, gamma), FSharpOption<int>.None);
            }

            if (int.TryParse(parts[2], NumberStyles.Integer, CultureInfo.InvariantCulture, out var size) && size >= 0)
            {
                return new Replay(new Rnd(seed, gamma), FSharpOption<int>.Some(size));
            }
        }

        throw new FormatException($"Replay must be \"seed,gamma\" or \"seed,gamma,size\", but is \"{text}\".");
    }

    private static bool TryParse(string text, out ulong number) =>
        ulong.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out number);
}
