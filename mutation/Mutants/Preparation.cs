using System.Diagnostics;
using System.Security.Cryptography;

namespace FolioCheck.Mutants;

/// <summary>What a run needs: the mutants of a model, as Stryker made them, and the suite built beside them. Mutants are made again only when a source has changed.</summary>
public sealed class Preparation
{
    private readonly string _root;
    private readonly Target _target;
    private readonly string _made;
    private readonly string _suite;

    /// <summary>Prepares a run.</summary>
    /// <param name="root">The repository.</param>
    /// <param name="target">The model.</param>
    /// <param name="scratch">Folder for everything that is not committed.</param>
    /// <exception cref="InvalidOperationException">Stryker or a build failed.</exception>
    public Preparation(string root, Target target, string scratch)
    {
        (_root, _target) = (root, target);
        _made = Path.Combine(scratch, "mutants");
        _suite = Path.Combine(scratch, "suite");
        Report = Make();
        BuildSuite();
        Key = Hash([.. Directory.GetFiles(_suite, "*.dll"), .. Directory.GetFiles(Corpus, "*", SearchOption.AllDirectories)]);
    }

    /// <summary>Stryker's report of the mutants.</summary>
    public string Report { get; }

    /// <summary>The program that tests them.</summary>
    public string Program => Path.Combine(_suite, "FolioCheck.MutationSuite.dll");

    /// <summary>The folder properties/corpus.</summary>
    public string Corpus => Path.Combine(_root, "properties", "corpus");

    /// <summary>Names the mutants, the suite and the corpus: with another key, nothing that was found before counts.</summary>
    public string Key { get; }

    private string Make()
    {
        string report = Path.Combine(_made, "report.json");
        string key = Path.Combine(_made, "sources");
        string sources = Hash(Directory.GetFiles(Path.Combine(_root, _target.Folder), "*.cs"));
        if (File.Exists(key) && File.ReadAllText(key) == sources)
            return File.ReadAllText(report);
        Directory.CreateDirectory(_made);
        File.Delete(key);
        string made = new Stryker(_root, _target).Make(_made);
        File.WriteAllText(report, made);
        File.WriteAllText(key, sources);
        return made;
    }

    private void BuildSuite()
    {
        string project = Path.Combine(_root, "mutation", "Suite");
        if (Directory.Exists(_suite))
            Directory.Delete(_suite, recursive: true);
        using Process build = Process.Start("dotnet", ["build", project, "--configuration", "Release", "--output", _suite, "--verbosity", "quiet", "--nologo"]);
        build.WaitForExit();
        if (build.ExitCode != 0)
            throw new InvalidOperationException("the suite does not build");
        File.Copy(Path.Combine(_made, _target.Assembly), Path.Combine(_suite, _target.Assembly), overwrite: true);
    }

    private static string Hash(string[] files)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string file in files.Order(StringComparer.Ordinal))
            hash.AppendData(File.ReadAllBytes(file));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
