namespace FolioCheck.Properties.Tests.Kernel;

/// <summary>A file that lives as long as the test that made it.</summary>
internal sealed class TemporaryFile : IDisposable
{
    public TemporaryFile(byte[] content, string ending = ".jsonl")
    {
        Path = System.IO.Path.Combine(System.IO.Path.GetTempPath(), System.IO.Path.GetRandomFileName() + ending);
        File.WriteAllBytes(Path, content);
    }

    public TemporaryFile(string content, string ending = ".jsonl")
        : this(System.Text.Encoding.UTF8.GetBytes(content), ending)
    {
    }

    public string Path { get; }

    public void Dispose() => File.Delete(Path);
}
