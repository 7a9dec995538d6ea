using System.Text;

namespace FolioCheck.Exec;

/// <summary>
/// The last lines that a program wrote to standard error. All of it is read, so that the program never waits for a reader; only the end is kept.
/// </summary>
internal sealed class StandardErrorTail
{
    private const int Kept = 2000;
    private const int Lines = 5;
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(1);
    private readonly StringBuilder _text = new();
    private readonly Task _reading;

    public StandardErrorTail(Stream stream) => _reading = Task.Run(() => Read(stream));

    /// <summary>The lines in one, separated by bars; empty when there are none. Called when the program has ended.</summary>
    public string LastLines()
    {
        _reading.Wait(_patience);
        string[] lines;
        lock (_text)
            lines = _text.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return string.Join(" | ", lines.TakeLast(Lines));
    }

    private void Read(Stream stream)
    {
        var bytes = new byte[4096];
        try
        {
            int count;
            while ((count = stream.Read(bytes)) > 0)
            {
                lock (_text)
                {
                    _text.Append(Encoding.UTF8.GetString(bytes, 0, count));
                    if (_text.Length > Kept)
                        _text.Remove(0, _text.Length - Kept);
                }
            }
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            // The program is gone; what was read so far is what there is.
        }
    }
}
