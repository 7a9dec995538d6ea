using System.CommandLine;
using FolioCheck.Mutants;

var model = new Argument<string>("MODEL") { Description = "implementation or reference" };
var names = new Argument<string[]>("FILE") { Description = "names of source files, such as Rmap.cs (default: all)", Arity = ArgumentArity.ZeroOrMore };
var changed = new Option<bool>("--changed") { Description = "leave out files whose text is that of the committed result" };
var pages = new Option<bool>("--pages") { Description = "test nothing, write the pages again: after a survivor was given a class" };
var quick = new Option<bool>("--quick") { Description = "leave out the long suite: first find classes for what is left" };
var doubt = new Option<bool>("--doubt") { Description = "give survivors that have a reason to the long suite, too" };
var concurrency = new Option<int?>("--concurrency") { Description = "mutants to test at once (default: processors)" };
model.AcceptOnlyFromAmong([.. Target.All.Select(target => target.Name)]);
var root = new RootCommand("Tests the mutants of one model and writes mutation/stryker/MODEL.md and .json. A run that was ended goes on where it was.")
{
    model, names, changed, pages, quick, doubt, concurrency,
};
root.SetAction(parsed =>
{
    Target target = Target.All.Single(target => target.Name == parsed.GetValue(model));
    string? folder = Environment.CurrentDirectory;
    while (folder is not null && !File.Exists(Path.Combine(folder, "Verify.sln")))
        folder = Path.GetDirectoryName(folder);
    if (folder is null)
    {
        Console.Error.WriteLine("run this in the repository: Verify.sln is in no folder above");
        return 64;
    }
    IReadOnlyList<string> existing = target.Files(folder);
    string[] files = parsed.GetValue(names) is { Length: > 0 } chosen ? chosen : [.. existing];
    if (files.Except(existing).FirstOrDefault() is string unknown)
    {
        Console.Error.WriteLine($"{target.Folder} has no file {unknown}");
        return 64;
    }
    var store = new Store(folder, target);
    Results results = store.Committed();
    if (parsed.GetValue(changed))
        files = [.. files.Where(file => results.Files.All(known => known.File != file || known.Sha256 != FileResult.Hash(store.Source(file))))];
    if (!parsed.GetValue(pages) && files.Length > 0)
    {
        try
        {
            var prepared = new Preparation(folder, target, store.Scratch);
            var workers = new Workers(prepared.Program, prepared.Corpus, parsed.GetValue(concurrency) ?? Environment.ProcessorCount);
            var measurement = new Measurement(workers, new Journal(store.Scratch, prepared.Key), Console.Out);
            IReadOnlyDictionary<string, IReadOnlyList<Mutant>> measured = measurement.Run(
                files.ToDictionary(file => file, file => StrykerReport.Read(prepared.Report, file)),
                (file, mutant) => parsed.GetValue(quick) || (!parsed.GetValue(doubt) && results.Explain(file, mutant)));
            results = results.With(files.Select(file => FileResult.Of(file, store.Source(file), measured[file])), existing);
        }
        catch (Exception exception) when (exception is InvalidDataException or InvalidOperationException)
        {
            Console.Error.WriteLine(exception.Message);
            return 1;
        }
    }
    results = results.With([], existing);
    store.Commit(results);
    return Summary.Write(results, file => FileResult.Hash(store.Source(file)), Console.Out) ? 0 : 1;
});
return root.Parse(args).Invoke();
