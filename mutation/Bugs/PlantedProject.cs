using System.Collections.Immutable;
using FolioCheck.Properties;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Emit;
using Microsoft.CodeAnalysis.Text;

namespace FolioCheck.Mutation;

/// <summary>
/// One of the two projects that bugs are planted in. All files are parsed and bound once; a bug costs the parsing of the file that it edits, and
/// the emission of the assembly.
/// </summary>
internal sealed class PlantedProject
{
    private const string ImplicitUsings =
        "global using System; global using System.Collections.Generic; global using System.IO; global using System.Linq; "
        + "global using System.Net.Http; global using System.Threading; global using System.Threading.Tasks;";

    private static readonly Lazy<PlantedProject> _implementation =
        new(() => new PlantedProject("implementation/Core", "FolioCheck.Implementation.OptimizedMemory"));

    private static readonly Lazy<PlantedProject> _reference =
        new(() => new PlantedProject("reference/Model", "FolioCheck.Reference.ReferenceMemory"));

    private static readonly CSharpParseOptions _parsing = new(LanguageVersion.Latest);

    private readonly string _type;
    private readonly Dictionary<string, SyntaxTree> _trees;
    private readonly Dictionary<string, SyntaxTree> _guarded;
    private readonly (string Caller, string Called)[] _calls;
    private readonly CSharpCompilation _sound;

    private PlantedProject(string folder, string type)
    {
        _type = type;
        _trees = EmbeddedFiles.In(folder).ToDictionary(path => path, path => Parse(path, EmbeddedFiles.Read(path)), StringComparer.Ordinal);
        _calls = [.. RecursionGuard.CallsIn(_trees.Values).Distinct()];
        _guarded = _trees.ToDictionary(tree => tree.Key, tree => Guard(tree.Value, _calls), StringComparer.Ordinal);
        var options = new CSharpCompilationOptions(
            OutputKind.DynamicallyLinkedLibrary,
            optimizationLevel: OptimizationLevel.Release,
            checkOverflow: true,
            nullableContextOptions: NullableContextOptions.Enable,
            deterministic: true);
        _sound = CSharpCompilation.Create(folder.Replace('/', '.'), [.. _guarded.Values, Parse("", ImplicitUsings), Parse("", LoopGuard.Counter)], References(), options);
    }

    /// <summary>The project of a layer.</summary>
    public static PlantedProject Of(BugLayer layer) => layer == BugLayer.Reference ? _reference.Value : _implementation.Value;

    /// <summary>The edited file.</summary>
    /// <exception cref="BadInputException">The old snippet does not stand exactly once in its member.</exception>
    public SyntaxTree Plant(PlantedBug bug)
    {
        SyntaxTree tree = TreeOf(bug);
        string text = tree.ToString();
        IReadOnlyList<(int Start, int Length)> places = Snippet.Find(text, bug.Old);
        if (places is not [(int start, int length)])
            throw new BadInputException(bug.Path, bug.OldLine, $"the old snippet stands {places.Count} times in {bug.File}, not once");
        if (!IsWithin(tree, new TextSpan(start, length), bug.Member))
            throw new BadInputException(bug.Path, bug.OldLine, $"the old snippet is not within a member '{bug.Member}' of {bug.File}");
        return Parse(bug.File, string.Concat(text.AsSpan(0, start), bug.New.AsSpan().Trim(), text.AsSpan(start + length)));
    }

    /// <summary>Compiles the project with a bug and loads it.</summary>
    /// <exception cref="BadInputException">The bug does not fit, or is not C#.</exception>
    public CompiledBug Compile(PlantedBug bug)
    {
        SyntaxTree planted = Plant(bug);
        SyntaxTree guarded = Guard(planted, _calls.Concat(RecursionGuard.CallsIn([planted])));
        CSharpCompilation wrong = _sound.ReplaceSyntaxTree(_guarded[bug.File], guarded);
        using var image = new MemoryStream();
        EmitResult result = wrong.Emit(image);
        if (!result.Success)
            throw new BadInputException(bug.Path, bug.NewLine, "with the new snippet " + Explain(result.Diagnostics));
        image.Position = 0;
        return CompiledBug.Load(bug, image, _type);
    }

    /// <summary>Recursions and loops that a bug makes endless throw.</summary>
    private static SyntaxTree Guard(SyntaxTree tree, IEnumerable<(string Caller, string Called)> calls) => LoopGuard.Guard(RecursionGuard.Guard(tree, calls));

    private SyntaxTree TreeOf(PlantedBug bug) =>
        _trees.TryGetValue(bug.File, out SyntaxTree? tree) ? tree : throw new BadInputException(bug.Path, 4, $"there is no {bug.File}");

    private static SyntaxTree Parse(string path, string text) => CSharpSyntaxTree.ParseText(text, _parsing, path);

    private static bool IsWithin(SyntaxTree tree, TextSpan span, string member) =>
        tree.GetRoot().FindToken(span.Start).Parent!.AncestorsAndSelf()
            .Any(node => node is MemberDeclarationSyntax and not BaseTypeDeclarationSyntax && node.Span.Contains(span) && NameOf(node) == member);

    private static string NameOf(SyntaxNode member) => member switch
    {
        MethodDeclarationSyntax method => method.Identifier.Text,
        ConstructorDeclarationSyntax constructor => constructor.Identifier.Text,
        PropertyDeclarationSyntax property => property.Identifier.Text,
        IndexerDeclarationSyntax => "this",
        FieldDeclarationSyntax field => field.Declaration.Variables[0].Identifier.Text,
        _ => "",
    };

    private static string Explain(ImmutableArray<Diagnostic> diagnostics)
    {
        Diagnostic first = diagnostics.First(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error);
        FileLinePositionSpan place = first.Location.GetLineSpan();
        return $"{place.Path} line {place.StartLinePosition.Line + 1} does not compile: {first.Id} {first.GetMessage(System.Globalization.CultureInfo.InvariantCulture)}";
    }

    /// <summary>What the running process can load: the platform and the vocabulary, in which the two sides meet.</summary>
    private static IEnumerable<MetadataReference> References()
    {
        string platform = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
        string trusted = AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES") as string ?? "";
        return trusted.Split(Path.PathSeparator)
            .Where(path => Path.GetDirectoryName(path) == platform)
            .Append(typeof(Vocabulary.Machine).Assembly.Location)
            .Select(path => MetadataReference.CreateFromFile(path));
    }
}
