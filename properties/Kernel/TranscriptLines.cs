using System.Buffers.Binary;
using System.IO.Compression;
using FolioCheck.Properties;

namespace FolioCheck.Kernel;

/// <summary>The lines of a transcript file, as bytes, one at a time; a file named <c>*.gz</c> is unpacked on the way.</summary>
internal sealed class TranscriptLines : IDisposable
{
    private readonly string _path;
    private readonly Stream _stream;
    private readonly FileStream _file;
    private byte[] _buffer = new byte[64 << 10];
    private int _start;
    private int _end;
    private int _line;
    private long _bytes;

    private TranscriptLines(string path, FileStream file)
    {
        _path = path;
        _file = file;
        _stream = IsPacked ? new GZipStream(file, CompressionMode.Decompress) : file;
    }

    private bool IsPacked => _path.EndsWith(".gz", StringComparison.Ordinal);

    /// <summary>The line read last; before the first, the file as a whole.</summary>
    public InputPosition Position => new(_path, _line);

    /// <summary>Opens a file.</summary>
    public static TranscriptLines Open(string path)
    {
        try
        {
            return new TranscriptLines(path, File.OpenRead(path));
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException(path, 0, "the file cannot be opened: " + cause.Message);
        }
    }

    /// <summary>Reads the next line, without its line feed. The bytes are good until the next call.</summary>
    /// <returns>False at the end of the file.</returns>
    public bool TryRead(out ReadOnlyMemory<byte> line)
    {
        _line++;
        int searched = 0;
        while (true)
        {
            int feed = _buffer.AsSpan(_start + searched, _end - _start - searched).IndexOf((byte)'\n');
            int length = feed < 0 ? _end - _start : searched + feed;
            if (length > TranscriptFormat.LongestLine)
                throw Position.Error($"the line is longer than {TranscriptFormat.LongestLine} bytes");
            if (feed >= 0)
            {
                line = _buffer.AsMemory(_start, length);
                _start += length + 1;
                return true;
            }
            searched = length;
            if (Fill())
                continue;
            line = default;
            return searched == 0 ? false : throw Position.Error("the last line is cut off: it has no line feed");
        }
    }

    public void Dispose() => _stream.Dispose();

    private bool Fill()
    {
        MakeRoom();
        try
        {
            int read = _stream.Read(_buffer, _end, _buffer.Length - _end);
            _end += read;
            _bytes += read;
            if (read == 0 && IsPacked && _file.CanSeek)
                CheckPackedEnd();
            return read > 0;
        }
        catch (Exception cause) when (cause is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            throw Position.Error("the file cannot be read on: " + cause.Message);
        }
    }

    /// <summary>
    /// A gzip member ends with the number of bytes that it holds. GZipStream does not miss that number where a file was cut off just before
    /// it or in it, so it is looked at here.
    /// </summary>
    private void CheckPackedEnd()
    {
        Span<byte> end = stackalloc byte[sizeof(uint)];
        if (_file.Length < end.Length)
            throw Position.Error("the packed file is cut off");
        _file.Position = _file.Length - end.Length;
        _file.ReadExactly(end);
        if (BinaryPrimitives.ReadUInt32LittleEndian(end) != (uint)(_bytes & uint.MaxValue))
            throw Position.Error("the packed file is cut off, or has something behind its end");
    }

    private void MakeRoom()
    {
        _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
        _end -= _start;
        _start = 0;
        if (_end > _buffer.Length / 2)
            Array.Resize(ref _buffer, _buffer.Length * 2);
    }
}
