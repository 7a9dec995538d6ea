using System.Security.Cryptography;
using System.Text;

namespace FolioCheck.Properties;

/// <summary>
/// An exploration as bytes, to go on with later: a header line, what was explored, the progress, and a SHA-256 of all that, which a file that was cut off
/// or changed does not have.
/// </summary>
public static class ExplorationFile
{
    private const string Header = "foliocheck-exploration 1";

    /// <summary>Writes an exploration.</summary>
    /// <param name="exploration">How far it has come.</param>
    /// <param name="subject">What is explored, in words that differ when anything about it does.</param>
    public static byte[] Write(Exploration exploration, string subject)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream, Encoding.UTF8);
        writer.Write(Header);
        writer.Write(subject);
        writer.Write(exploration.Depths.Count);
        foreach (ExploredDepth depth in exploration.Depths)
        {
            writer.Write(depth.States);
            writer.Write(depth.Transitions);
        }
        writer.Write(exploration.Done);
        writer.Write(exploration.Transitions);
        writer.Write(exploration.Reached.Count);
        foreach (UInt128 name in exploration.Reached)
        {
            writer.Write((ulong)(name & ulong.MaxValue));
            writer.Write((ulong)(name >> 64));
        }
        WriteWays(writer, exploration.Frontier);
        WriteWays(writer, exploration.Next);
        writer.Write(SHA256.HashData(stream.GetBuffer().AsSpan(0, (int)stream.Length)));
        return stream.ToArray();
    }

    /// <summary>Reads an exploration.</summary>
    /// <param name="path">Name of the file in messages.</param>
    /// <param name="bytes">What it holds.</param>
    /// <param name="subject">What is to be explored.</param>
    /// <exception cref="BadInputException">The bytes are no exploration, or one of something else.</exception>
    public static Exploration Read(string path, byte[] bytes, string subject)
    {
        int length = bytes.Length - SHA256.HashSizeInBytes;
        if (length < Header.Length || !SHA256.HashData(bytes.AsSpan(0, length)).AsSpan().SequenceEqual(bytes.AsSpan(length)))
            throw new BadInputException(path, 0, "this is no exploration, or it was cut off or changed");
        using var reader = new BinaryReader(new MemoryStream(bytes), Encoding.UTF8);
        if (reader.ReadString() != Header)
            throw new BadInputException(path, 0, $"an exploration begins with '{Header}'");
        if (reader.ReadString() != subject)
            throw new BadInputException(path, 0, "it explored another world, another system, or another build of this one");
        var exploration = new Exploration();
        int depths = reader.ReadInt32();
        for (int depth = 0; depth < depths; depth++)
            exploration.Depths.Add(new ExploredDepth(depth, reader.ReadInt64(), reader.ReadInt64()));
        exploration.Done = reader.ReadInt32();
        exploration.Transitions = reader.ReadInt64();
        int reached = reader.ReadInt32();
        for (int i = 0; i < reached; i++)
        {
            ulong low = reader.ReadUInt64();
            exploration.Reached.Add(new UInt128(reader.ReadUInt64(), low));
        }
        exploration.Frontier = ReadWays(reader);
        exploration.Next = ReadWays(reader);
        return exploration;
    }

    private static void WriteWays(BinaryWriter writer, List<byte> ways)
    {
        writer.Write(ways.Count);
        writer.Write([.. ways]);
    }

    private static List<byte> ReadWays(BinaryReader reader) => [.. reader.ReadBytes(reader.ReadInt32())];
}
