using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using FolioCheck.Properties;

namespace FolioCheck.Exec;

/// <summary>
/// A program that was started: one line in, one line out. Whatever goes wrong ends it and throws; a program that failed once is not asked again, since nobody
/// knows what it would answer to.
/// </summary>
internal sealed class RunningProgram : IDisposable
{
    private static readonly TimeSpan _farewell = TimeSpan.FromSeconds(1);
    private readonly ProgramCommand _command;
    private readonly Process _process;
    private readonly Stream _input;
    private readonly Stream _output;
    private readonly StandardErrorTail _errors;
    private bool _ended;
    private byte[] _answer = new byte[1 << 16];

    private RunningProgram(ProgramCommand command, Process process)
    {
        _command = command;
        _process = process;
        _input = process.StandardInput.BaseStream;
        _output = process.StandardOutput.BaseStream;
        _errors = new StandardErrorTail(process.StandardError.BaseStream);
    }

    /// <summary>Starts a program.</summary>
    /// <exception cref="SystemFailureException">It cannot be started.</exception>
    public static RunningProgram Start(ProgramCommand command)
    {
        var start = new ProcessStartInfo(command.FileName, command.Arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        try
        {
            return new RunningProgram(command, Process.Start(start)!);
        }
        catch (Exception exception) when (exception is Win32Exception or InvalidOperationException or IOException)
        {
            throw new SystemFailureException(ProgramFailure.NotStarted, $"'{command.FileName}' cannot be started: {exception.Message}");
        }
    }

    /// <summary>Sends a line and reads the answer, a JSON object. It is valid until the next call.</summary>
    /// <exception cref="SystemFailureException">There is no answer, or it is no object; the program has been ended.</exception>
    public JsonDocument Ask(string line)
    {
        try
        {
            var clock = Stopwatch.StartNew();
            Send(line, clock);
            return Parse(line, Receive(line, clock));
        }
        catch (SystemFailureException)
        {
            End(TimeSpan.Zero);
            throw;
        }
    }

    private void Send(string line, Stopwatch clock)
    {
        try
        {
            if (!_input.WriteAsync(Encoding.UTF8.GetBytes(line + "\n")).AsTask().Wait(Left(clock)))
                throw Late(line);
            _input.Flush();
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException or AggregateException)
        {
            throw Ended(line);
        }
    }

    private ReadOnlyMemory<byte> Receive(string line, Stopwatch clock)
    {
        int length = 0;
        while (true)
        {
            if (length == _answer.Length)
                Array.Resize(ref _answer, _answer.Length * 2);
            int count = Read(line, _answer.AsMemory(length), clock);
            if (count == 0)
                throw Ended(line);
            int end = _answer.AsSpan(length, count).IndexOf((byte)'\n');
            length += count;
            if (end < 0 && length <= _command.LongestAnswer)
                continue;
            if (end < 0 || length - count + end > _command.LongestAnswer)
            {
                throw new SystemFailureException(ProgramFailure.TooLong, string.Create(
                    CultureInfo.InvariantCulture, $"the answer to '{line}' has more than {_command.LongestAnswer} bytes"));
            }
            if (length - count + end + 1 < length)
                throw ProgramFailure.Wrong($"'{line}' was answered with more than one line");
            return _answer.AsMemory(0, length - 1);
        }
    }

    private int Read(string line, Memory<byte> buffer, Stopwatch clock)
    {
        try
        {
            Task<int> reading = _output.ReadAsync(buffer).AsTask();
            return reading.Wait(Left(clock)) ? reading.Result : throw Late(line);
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException or AggregateException)
        {
            return 0;
        }
    }

    private static JsonDocument Parse(string line, ReadOnlyMemory<byte> answer)
    {
        try
        {
            JsonDocument document = JsonDocument.Parse(answer);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                throw ProgramFailure.Wrong($"the answer to '{line}' is not a JSON object: {Excerpt(answer)}");
            if (document.RootElement.TryGetProperty("error", out JsonElement error))
                throw new SystemFailureException(ProgramFailure.Refused, $"to '{line}' the program says: {Plain(error.ToString())}");
            return document;
        }
        catch (JsonException exception)
        {
            throw new SystemFailureException(
                ProgramFailure.NotJson, $"the answer to '{line}' is not JSON: {Excerpt(answer)} ({Plain(exception.Message)})");
        }
    }

    private TimeSpan Left(Stopwatch clock) => TimeSpan.FromTicks(Math.Max(1, (_command.TimeLimit - clock.Elapsed).Ticks));

    private SystemFailureException Late(string line) => new(ProgramFailure.TimeLimit, string.Create(
        CultureInfo.InvariantCulture, $"no answer to '{line}' within {_command.TimeLimit.TotalSeconds} s"));

    private SystemFailureException Ended(string line)
    {
        bool exited = _process.WaitForExit(_farewell);
        string how = exited
            ? string.Create(CultureInfo.InvariantCulture, $"the program ended with exit code {_process.ExitCode}")
            : "the program closed its output";
        string words = Plain(_errors.LastLines());
        return new SystemFailureException(
            ProgramFailure.Ended, $"{how} before it answered '{line}'{(words.Length == 0 ? "" : $"; last lines of standard error: {words}")}");
    }

    /// <summary>The beginning of an answer, fit for a line of text.</summary>
    private static string Excerpt(ReadOnlyMemory<byte> answer)
    {
        const int Longest = 80;
        string text = Plain(Encoding.UTF8.GetString(answer.Span[..Math.Min(answer.Length, Longest)]));
        return answer.Length > Longest ? $"'{text}...'" : $"'{text}'";
    }

    /// <summary>Messages are single lines, and terminals are not to be told anything by a program that is checked.</summary>
    private static string Plain(string text) => string.Concat(text.Select(character => char.IsControl(character) ? ' ' : character));

    /// <summary>Ends the program: by the end of its input, or by force if it does not mind that.</summary>
    public void Dispose() => End(_farewell);

    private void End(TimeSpan patience)
    {
        if (_ended)
            return;
        _ended = true;
        try
        {
            _input.Dispose();
            if (!_process.WaitForExit(patience))
                _process.Kill(entireProcessTree: true);
        }
        catch (Exception exception) when (exception is IOException or InvalidOperationException or Win32Exception or AggregateException)
        {
            // It is gone already.
        }
        _process.Dispose();
    }
}
