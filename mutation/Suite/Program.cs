using FolioCheck.MutationSuite;

// Tests mutants one after the other: a line "quick 17" or "long 17" comes in, the end of mutant 17 goes out. "reached" asks which mutants the quick suite reaches at all.
if (args is not [string corpus])
{
    Console.Error.WriteLine("usage: FolioCheck.MutationSuite CORPUS");
    return 64;
}
if (MutantSwitch.Find() is not MutantSwitch mutants)
{
    Console.Error.WriteLine("no model beside this program has mutants");
    return 65;
}
var quick = Suite.Quick(corpus);
var thorough = new Lazy<Suite>(() => Suite.Thorough(corpus));
while (Console.ReadLine() is string line)
{
    if (line == "reached")
    {
        // Stryker's bookkeeping is slow enough to look endless: no limit.
        string? failure = null;
        IReadOnlyList<int> reached = mutants.ReachedBy(() => failure = quick.Links().FirstOrDefault(found => found is not null));
        Console.WriteLine(failure is null ? string.Join(' ', reached) : $"without a mutant: {failure}");
        continue;
    }
    string[] words = line.Split(' ');
    Suite suite = words[0] == "long" ? thorough.Value : quick;
    mutants.Activate(int.Parse(words[1], System.Globalization.CultureInfo.InvariantCulture));
    Trial trial = Trial.Run(suite.Links(), () => mutants.Activate(MutantSwitch.NoMutant));
    Console.WriteLine(trial.Stopped ? trial.End : "Lost");
    if (!trial.Stopped)
        return 0;
}
return 0;
