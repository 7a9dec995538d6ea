using System.CommandLine;
using System.CommandLine.Parsing;
using FolioCheck.Cli;
using FolioCheck.Live;
using FolioCheck.Mutation;
using FolioCheck.Properties;
using FolioCheck.Vocabulary;
using Spectre.Console;

return CommandLine.Run(args, Console.Out, Console.Error);

namespace FolioCheck.Cli
{
    /// <summary>The command line: options of every command, and what errors look like.</summary>
    public static class CommandLine
    {
        /// <summary>How long a command that is told to stop may take for its summary.</summary>
        private static readonly TimeSpan TimeToStop = TimeSpan.FromSeconds(30);

        /// <summary>Parses and runs.</summary>
        /// <param name="arguments">Arguments of the program.</param>
        /// <param name="output">Standard output.</param>
        /// <param name="errors">Standard error.</param>
        /// <returns>An <see cref="ExitCode"/>.</returns>
        public static int Run(string[] arguments, TextWriter output, TextWriter errors)
        {
            RootCommand root = Build(output, errors);
            ParseResult parsed = root.Parse(arguments);
            if (parsed.Errors.Count > 0)
            {
                foreach (ParseError error in parsed.Errors)
                    errors.WriteLine("foliocheck: " + error.Message);
                errors.WriteLine("foliocheck --help lists the commands and their options");
                return ExitCode.Usage;
            }
            try
            {
                return parsed.Invoke(new InvocationConfiguration { Output = output, Error = errors, EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = TimeToStop });
            }
            catch (Exception exception)
            {
                errors.WriteLine($"foliocheck: internal error, please report it: {exception.GetType().Name}: {exception.Message}");
                return ExitCode.Internal;
            }
        }

        private static RootCommand Build(TextWriter output, TextWriter errors) => new("Property-based verification of large-folio memory management")
        {
            Check(output, errors),
            Record(output),
            Replay(output, errors),
            Report(output, errors),
            Serve(output, errors),
            Bugs(output, errors),
            Explore(output, errors),
            Shrink(output, errors),
            Features(output),
            Merge(output, errors),
            Cost(output, errors),
            PageFault3(output, errors),
        };

        private static Command Explore(TextWriter output, TextWriter errors)
        {
            var world = new Option<string>("--world") { Description = "which small world", DefaultValueFactory = _ => SmallWorlds.Core.Name };
            var depth = new Option<int>("--depth") { Description = "most operations after its start", DefaultValueFactory = _ => 4 };
            var workers = new Option<int>("--workers") { Description = "threads; they change nothing but the time", DefaultValueFactory = _ => Environment.ProcessorCount };
            var bug = new Option<string?>("--bug") { Description = "explore one of the planted bugs of mutation/bugs" };
            var checkpoint = new Option<string?>("--checkpoint") { Description = "file for the progress, written now and then and at the end" };
            var resume = new Option<string?>("--resume") { Description = "go on from such a file, and write it again" };
            var save = new Option<string>("--save") { Description = "folder for a failing scenario", DefaultValueFactory = _ => "." };
            var json = new Option<string?>("--json") { Description = "also write the result rows to this file as JSON" };
            var bugs = new Option<bool>("--bugs") { Description = "compare what planted bugs shrink to with the shortest scenarios that there are" };
            var markdown = new Option<bool>("--markdown") { Description = "with --bugs: print the table of mutation/README.md" };
            world.AcceptOnlyFromAmong([.. SmallWorlds.All.Select(known => known.Name)]);
            AcceptFrom(depth, 0);
            AcceptFrom(workers, 1);
            var command = new Command("explore", "Search a small world to its end: every operation in every state") { world, depth, workers, bug, checkpoint, resume, save, json, bugs, markdown };
            command.Validators.Add(result =>
            {
                if (result.GetResult(checkpoint) is not null && result.GetResult(resume) is not null)
                    result.AddError("--resume names the file that is written, too: leave --checkpoint out");
                if (result.GetResult(markdown) is not null && result.GetResult(bugs) is null)
                    result.AddError("--markdown goes with --bugs");
            });
            command.SetAction((parsed, cancellation) =>
            {
                if (parsed.GetValue(bugs))
                {
                    var lengths = new LengthOptions { Id = parsed.GetValue(bug), Depth = parsed.GetValue(depth), Workers = parsed.GetValue(workers) };
                    return Task.FromResult(LengthsCommand.Run(lengths, parsed.GetValue(markdown), output, errors));
                }
                string? from = parsed.GetValue(resume);
                var options = new ExploreCommandOptions(
                    SmallWorlds.Find(parsed.GetValue(world)!)!, parsed.GetValue(depth), parsed.GetValue(workers), parsed.GetValue(bug),
                    from ?? parsed.GetValue(checkpoint), from is not null, parsed.GetValue(save)!, parsed.GetValue(json));
                return Task.Run(() => ExploreCommand.Run(options, output, errors, cancellation), CancellationToken.None);
            });
            return command;
        }

        private static Command Shrink(TextWriter output, TextWriter errors)
        {
            var file = new Argument<string>("FILE") { Description = "a scenario file that fails" };
            var bug = new Option<string?>("--bug") { Description = "with one of the planted bugs of mutation/bugs" };
            var budget = new Option<int>("--budget") { Description = "most runs", DefaultValueFactory = _ => Shrinker.UsualBudget };
            var to = new Option<string?>("--output") { Description = "file for the result (default: FILE with .shrunk.scenario at its end)" };
            AcceptFrom(budget, 0);
            var command = new Command("shrink", "Make a failing scenario file as small as it will get") { file, bug, budget, to };
            command.SetAction(parsed => ShrinkCommand.Run(
                new ShrinkOptions(parsed.GetValue(file)!, parsed.GetValue(bug), parsed.GetValue(budget), parsed.GetValue(to)), output, errors));
            return command;
        }

        private static void AcceptFrom(Option option, int least) => option.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0 && int.TryParse(result.Tokens[0].Value, out int value) && value < least)
                result.AddError($"{option.Name} is at least {least}");
        });

        private static Option<string> System()
        {
            var system = new Option<string>("--system")
            {
                Description = "what is checked: implementation, or exec:COMMAND, a program that speaks the protocol of properties/Exec/README.md",
                DefaultValueFactory = _ => SystemChoice.Implementation,
            };
            system.Validators.Add(result =>
            {
                if (result.Tokens.Count > 0 && SystemChoice.Validate(result.Tokens[0].Value) is string wrong)
                    result.AddError("--system: " + wrong);
            });
            return system;
        }

        private static Option<string> Limit()
        {
            var limit = new Option<string>("--limit") { Description = "time that a program is given for one answer", DefaultValueFactory = _ => "10s" };
            AcceptDuration(limit);
            return limit;
        }

        private static void AcceptDuration(Option option) => option.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0 && Duration.Parse(result.Tokens[0].Value) is null)
                result.AddError($"{option.Name}: '{result.Tokens[0].Value}' is no length of time: 60s, 5m, 2h");
        });

        private static Command Check(TextWriter output, TextWriter errors)
        {
            var seed = new Option<ulong>("--seed") { Description = "same seed and cases, same run", DefaultValueFactory = _ => 1 };
            var cases = new Option<long?>("--cases") { Description = $"scenarios to run (default {CampaignOptions.DefaultCases})" };
            var time = new Option<string?>("--time") { Description = "time to run for instead: 60s, 5m, 2h" };
            Option<string> machine = Machine();
            var law = new Option<int?>("--law") { Description = "the law of the specification that every case is held against (default: one law a case, in turn)" };
            var extension = new Option<string[]>("--extension") { Description = "an extension that all machines have, and no others than those named (default: drawn)" };
            extension.AcceptOnlyFromAmong([.. ExtensionText.Names]);
            var arch = new Option<string?>("--arch") { Description = "architecture of all machines: x86 or arm64" };
            arch.AcceptOnlyFromAmong("x86", "arm64");
            var contpte = new Option<string?>("--contpte") { Description = "entries of a contiguous-PTE block of all machines: 4, 8 or 16" };
            contpte.AcceptOnlyFromAmong("4", "8", "16");
            var set = new Option<string[]>("--set") { Description = "any other setting of all machines, as the machine line of a scenario has it: file=64", DefaultValueFactory = _ => [] };
            var plain = new Option<bool>("--plain") { Description = "do not let state features that were not met yet steer what is drawn" };
            var workers = new Option<int?>("--workers") { Description = "cases done at the same time (default: as many as there are processors); it changes no figure but times" };
            var shard = new Option<string?>("--shard") { Description = "do a part only: 2/8; auto in a Slurm array job; auto/8 there or in an indexed Kubernetes job" };
            var checkpoint = new Option<string?>("--checkpoint") { Description = "keep where the run stands in this file, and go on from it" };
            var json = new Option<string?>("--json") { Description = "also write the result rows to this file as JSON" };
            var noShrink = new Option<bool>("--no-shrink") { Description = "report a failing scenario as it was drawn" };
            var noCanary = new Option<bool>("--no-canary") { Description = "do not let the checks catch a planted bug first" };
            var corpus = new Option<string?>("--corpus") { Description = "folder of failing scenarios: replayed before anything is drawn, and added to" };
            var save = new Option<string?>("--save") { Description = "folder for a failing scenario (default: the corpus, or else the current folder)" };
            var junit = new Option<string?>("--junit") { Description = "also write what held and what did not to this file, as JUnit XML" };
            var markdown = new Option<string?>("--markdown") { Description = "also write a summary to this file, as Markdown" };
            var outside = new Option<bool>("--from-outside") { Description = "look at the kernel from outside only, without bpf" };
            var without = new Option<Quirks[]>("--without-quirk")
            {
                Description = "hold the kernel against a reference that does not know this quirk of it",
                DefaultValueFactory = _ => [],
            };
            cases.Validators.Add(result =>
            {
                if (result.Tokens.Count > 0 && long.TryParse(result.Tokens[0].Value, out long value) && value < 1)
                    result.AddError("--cases is at least 1");
            });
            AcceptDuration(time);
            Option<string> system = System();
            Option<string> limit = Limit();
            var command = new Command("check", "Hold a system against the reference on random scenarios")
            {
                seed, cases, time, machine, arch, contpte, extension, set, law, system, outside, without, limit, plain, workers, shard, checkpoint, noShrink, noCanary, corpus, save, json, junit, markdown,
            };
            command.Validators.Add(result =>
            {
                if (result.GetResult(cases) is not null && result.GetResult(time) is not null)
                    result.AddError("--cases and --time exclude each other");
                if (result.GetResult(shard) is not null && result.GetResult(time) is not null)
                    result.AddError("--shard and --time exclude each other: a part of what is not known");
                if (result.GetResult(shard) is { } part && part.GetValueOrDefault<string>() is string text
                    && ShardChoice.Parse(text, Environment.GetEnvironmentVariable, out _) is string wrong)
                    result.AddError("--shard: " + wrong);
                string checks = result.GetValue(system) ?? SystemChoice.Implementation;
                if (result.GetResult(workers) is not null && result.GetValue(workers) is not >= 1 and var many)
                    result.AddError($"--workers: {many} is less than 1");
                if (checks != SystemChoice.Implementation && result.GetValue(workers) is > 1)
                    result.AddError("--workers: only the implementation can be checked by several");
                if (SettingsChoice.Parse(result.GetValue(arch), result.GetValue(contpte), result.GetValue(extension) ?? [], result.GetValue(set) ?? [], out MachineSettings settings) is string reason)
                    result.AddError(reason);
                if (result.GetValue(law) is int number && !Catalogue.All.OfType<Law>().Any(known => known.Number == number))
                    result.AddError($"--law: {number} is none; laws are {string.Join(", ", Catalogue.All.OfType<Law>().Select(known => known.Number))}");
                if (checks == SystemChoice.Kernel && result.GetResult(extension) is not null)
                    result.AddError("--extension: no kernel has any");
                else if (checks == SystemChoice.Kernel && !settings.IsEmpty)
                    result.AddError("--arch, --contpte and --set: the kernel's machine is the one that it runs on");
                if (checks != SystemChoice.Kernel && result.GetResult(without) is { Tokens.Count: > 0 })
                    result.AddError("--without-quirk: only with --system kernel");
                if (checks == SystemChoice.Kernel && (result.GetResult(shard) ?? result.GetResult(checkpoint)) is not null)
                    result.AddError("--shard and --checkpoint are not for --system kernel");
            });
            command.SetAction((parsed, cancellation) =>
            {
                var machines = Enum.Parse<MachineChoice>(parsed.GetValue(machine)!, ignoreCase: true);
                TimeSpan? span = parsed.GetValue(time) is string text ? Duration.Parse(text) : null;
                string chosen = parsed.GetValue(system)!;
                if (!TryOpenCorpus(parsed.GetValue(corpus), errors, out Corpus? saved))
                    return Task.FromResult(ExitCode.BadInput);
                Shard part = Shard.Whole;
                if (parsed.GetValue(shard) is string named)
                    ShardChoice.Parse(named, Environment.GetEnvironmentVariable, out part);
                SettingsChoice.Parse(parsed.GetValue(arch), parsed.GetValue(contpte), parsed.GetValue(extension) ?? [], parsed.GetValue(set) ?? [], out MachineSettings settings);
                var campaign = new CampaignOptions(parsed.GetValue(seed), machines, parsed.GetValue(cases), span)
                {
                    Guided = !parsed.GetValue(plain),
                    Settings = settings,
                    Law = parsed.GetValue(law),
                    Workers = parsed.GetValue(workers) ?? (chosen == SystemChoice.Implementation ? Environment.ProcessorCount : 1),
                    Shard = part,
                };
                var options = new CheckOptions(
                    campaign, parsed.GetValue(json), parsed.GetValue(save) ?? saved?.Folder ?? ".", chosen, parsed.GetValue(checkpoint))
                {
                    Shrinks = !parsed.GetValue(noShrink),
                    Canary = parsed.GetValue(noCanary) ? null : Canary.Of(campaign.Seed),
                    Corpus = saved,
                    Junit = parsed.GetValue(junit),
                    Markdown = parsed.GetValue(markdown),
                };
                if (chosen == SystemChoice.Kernel)
                    return Task.Run(() => LiveCheckCommand.Run(options, parsed.GetValue(outside), KnownQuirks(parsed.GetValue(without)!), output, cancellation), CancellationToken.None);
                // In a thread of its own, so that Ctrl-C is heard while it runs.
                return Task.Run(
                    () => SystemChoice.Run(
                        chosen, Duration.Parse(parsed.GetValue(limit)!)!.Value, errors,
                        tested => CheckCommand.Run(options, tested with { OnlyLaw = parsed.GetValue(law) }, ConsoleFor(output), cancellation)),
                    CancellationToken.None);
            });
            return command;
        }

        private static Quirks KnownQuirks(Quirks[] unknown) => unknown.Aggregate(Quirks.Linux618, (known, quirk) => known & ~quirk);

        /// <summary>Opens the corpus, if one is named. Nothing is run with one that cannot be read whole.</summary>
        private static bool TryOpenCorpus(string? folder, TextWriter errors, out Corpus? corpus)
        {
            corpus = null;
            try
            {
                corpus = folder is null ? null : Corpus.Open(folder);
                return true;
            }
            catch (BadInputException exception)
            {
                errors.WriteLine(exception.Message);
                return false;
            }
        }

        private static Command Record(TextWriter output)
        {
            var folder = new Argument<string>("FOLDER") { Description = "where the transcripts go" };
            var seed = new Option<ulong>("--seed") { Description = "same seed, same scenarios", DefaultValueFactory = _ => 1 };
            var count = new Option<int>("--count") { Description = "transcripts of each profile", DefaultValueFactory = _ => 10 };
            var profiles = new Option<string[]>("--profile") { Description = "these profiles only", DefaultValueFactory = _ => [] };
            profiles.AcceptOnlyFromAmong([.. RecordingProfile.All.Select(profile => profile.Name)]);
            var command = new Command("record", "Record transcripts on the running kernel (needs root, cc and bpf)") { folder, seed, count, profiles };
            command.SetAction((parsed, cancellation) => Task.Run(
                () => RecordCommand.Run(
                    parsed.GetValue(folder)!, parsed.GetValue(seed), parsed.GetValue(count), parsed.GetValue(profiles)!, output, cancellation),
                CancellationToken.None));
            return command;
        }

        private static Command Replay(TextWriter output, TextWriter errors)
        {
            var files = new Argument<string[]>("FILE")
            {
                Description = "recorded transcripts (.jsonl, .jsonl.gz) or scenario files",
                Arity = ArgumentArity.OneOrMore,
            };
            Option<string> system = System();
            Option<string> limit = Limit();
            var command = new Command("replay", "Hold reference and implementation against recorded transcripts or scenario files") { files, system, limit };
            command.SetAction(parsed => parsed.GetValue(system) switch
            {
                SystemChoice.Implementation => ReplayCommand.Run(parsed.GetValue(files)!, output, errors),
                SystemChoice.Kernel => LiveReplayCommand.Run(parsed.GetValue(files)!, output, errors),
                var chosen => SystemChoice.Run(
                    chosen!, Duration.Parse(parsed.GetValue(limit)!)!.Value, errors,
                    tested => SystemReplayCommand.Run(parsed.GetValue(files)!, tested, output, errors)),
            });
            return command;
        }

        private static Command Report(TextWriter output, TextWriter errors)
        {
            var file = new Argument<string>("FILE") { Description = "a scenario file or a recorded transcript (.jsonl, .jsonl.gz)" };
            var html = new Option<string?>("--html") { Description = "write a page that shows every step, in one file" };
            var c = new Option<string?>("--c") { Description = "write a C program that does the same with system calls, in the manner of the kernel's selftests", Arity = ArgumentArity.ZeroOrOne };
            var text = new Option<bool>("--text") { Description = "print every step with its picture (this is done when nothing else is asked for)" };
            var bug = new Option<string?>("--bug") { Description = "with one of the planted bugs of mutation/bugs in the implementation" };
            Option<string> system = System();
            Option<string> limit = Limit();
            var command = new Command("report", "Show one scenario step by step: as a page, as text, or as a C program") { file, html, c, text, bug, system, limit };
            command.Validators.Add(result =>
            {
                if (result.GetResult(bug) is not null && result.GetResult(system) is { Implicit: false })
                    result.AddError("--bug is planted in the implementation: leave --system out");
                if (result.GetResult(system)?.Tokens is [{ Value: SystemChoice.Kernel }])
                    result.AddError("--system: the kernel's states are not told; replay --system kernel FILE runs it there");
            });
            command.SetAction(parsed =>
            {
                var options = new ReportOptions(parsed.GetValue(file)!, parsed.GetValue(system)!)
                {
                    Bug = parsed.GetValue(bug),
                    Html = parsed.GetValue(html),
                    C = parsed.GetResult(c) is not null,
                    CFile = parsed.GetValue(c),
                    Text = parsed.GetValue(text),
                };
                return ReportCommand.Run(options, Duration.Parse(parsed.GetValue(limit)!)!.Value, output, errors);
            });
            return command;
        }

        private static Command Serve(TextWriter output, TextWriter errors)
        {
            var bug = new Option<string?>("--bug") { Description = "with one of the planted bugs of mutation/bugs in it" };
            var command = new Command("serve", "Be a program under test: answer on standard input and output, as properties/Exec/README.md says") { bug };
            command.SetAction(parsed => ServeCommand.Run(parsed.GetValue(bug), Console.In, output, errors));
            return command;
        }

        private static Command Bugs(TextWriter output, TextWriter errors)
        {
            var id = new Option<string?>("--id") { Description = "one bug only, or several with commas between them" };
            var seeds = new Option<int>("--seeds") { Description = "hunts for each bug", DefaultValueFactory = _ => 1 };
            var json = new Option<string?>("--json") { Description = "also write the rows to this file as JSON" };
            var markdown = new Option<bool>("--markdown") { Description = "print the tables of mutation/README.md, or with --matrix its page" };
            var matrix = new Option<bool>("--matrix") { Description = "let every property hunt every bug alone, without a reference" };
            var operations = new Option<int>("--operations") { Description = "with --matrix: operations that invariants and step properties judge; laws, micro-steps and the reference have fewer", DefaultValueFactory = _ => (int)new KillMatrixOptions().Operations };
            var to = new Option<string?>("--output") { Description = "with --matrix: write the page to this file, and its JSON beside it" };
            var transcripts = new Option<string?>("--transcripts")
            {
                Description = "folder of recorded transcripts to hold bugs of the reference against (default: properties/corpus/transcripts where it is)",
            };
            var workers = new Option<int>("--workers") { Description = "bugs hunted at the same time; they change nothing but the time", DefaultValueFactory = _ => Environment.ProcessorCount };
            var noShrink = new Option<bool>("--no-shrink") { Description = "leave the scenario that caught a bug as it was drawn" };
            var noProperties = new Option<bool>("--no-properties") { Description = "do not let each property hunt its own bug alone" };
            AcceptFrom(workers, 1);
            seeds.Validators.Add(result =>
            {
                if (result.Tokens.Count > 0 && int.TryParse(result.Tokens[0].Value, out int value) && value < 1)
                    result.AddError("--seeds is at least 1");
            });
            AcceptFrom(operations, 16);
            to.Validators.Add(result =>
            {
                if (result.Tokens.Count > 0 && Path.GetExtension(result.Tokens[0].Value) != ".md")
                    result.AddError("--output: a page ends with .md");
            });
            var command = new Command("bugs", "Plant each known bug in turn and say what catches it")
            {
                id, seeds, json, markdown, transcripts, workers, noShrink, noProperties, matrix, operations, to,
            };
            command.Validators.Add(result =>
            {
                bool asked = result.GetResult(matrix) is not null;
                if (!asked && (result.GetResult(to) is not null || result.GetResult(operations) is { Implicit: false }))
                    result.AddError("--output and --operations go with --matrix");
                if (asked && new Option[] { seeds, transcripts, noShrink, noProperties }.Any(option => result.GetResult(option) is { Implicit: false }))
                    result.AddError("--matrix has one seed, shrinks nothing, and takes no transcripts");
            });
            command.SetAction(parsed =>
            {
                if (parsed.GetValue(matrix))
                {
                    var measured = new KillMatrixOptions { Id = parsed.GetValue(id), Operations = parsed.GetValue(operations), Workers = parsed.GetValue(workers) };
                    return KillMatrixCommand.Run(
                        new KillMatrixCommandOptions(measured, parsed.GetValue(to), parsed.GetValue(json), parsed.GetValue(markdown)), output, errors);
                }
                string usual = Path.Combine("properties", "corpus", "transcripts");
                string? folder = parsed.GetValue(transcripts) ?? (Directory.Exists(usual) ? usual : null);
                var options = new BugsOptions(
                    parsed.GetValue(id), parsed.GetValue(seeds), parsed.GetValue(json), parsed.GetValue(markdown), folder,
                    parsed.GetValue(workers), !parsed.GetValue(noShrink), !parsed.GetValue(noProperties));
                return BugsCommand.Run(options, output, errors);
            });
            return command;
        }

        private static Command Merge(TextWriter output, TextWriter errors)
        {
            var files = new Argument<string[]>("FILE") { Description = "reports that check --json wrote, one of each shard", Arity = ArgumentArity.OneOrMore };
            var json = new Option<string?>("--json") { Description = "also write the joined report to this file as JSON" };
            var command = new Command("merge", "Join the reports of all shards of a campaign") { files, json };
            command.SetAction(parsed => MergeCommand.Run(parsed.GetValue(files)!, parsed.GetValue(json), output, errors));
            return command;
        }

        private static Command Cost(TextWriter output, TextWriter errors)
        {
            var files = new Argument<string[]>("SCENARIO") { Description = "scenario files", Arity = ArgumentArity.OneOrMore };
            var perOperation = new Option<bool>("--per-operation") { Description = "show every operation" };
            var json = new Option<string?>("--json") { Description = "also write the counts to this file as JSON" };
            var command = new Command("cost", "Count what costs time in scenarios: faults, entries read and written, folds, invalidations") { files, perOperation, json };
            command.SetAction(parsed => CostCommand.Run(
                new CostOptions(parsed.GetValue(files)!, parsed.GetValue(perOperation), parsed.GetValue(json)), CountedLayers.All, ConsoleFor(output), errors));
            return command;
        }

        private static Command PageFault3(TextWriter output, TextWriter errors)
        {
            var to = new Option<string?>("--output") { Description = "write the document to this file, and its chart beside it" };
            to.Validators.Add(result =>
            {
                if (result.Tokens.Count > 0 && Path.GetExtension(result.Tokens[0].Value) != ".md")
                    result.AddError("--output: a document ends with .md");
            });
            var command = new Command("page-fault3", "Explain a measured regression of contpte by counts: fit two cases of it, predict the other two") { to };
            command.SetAction(parsed => PageFault3Command.Run(parsed.GetValue(to), CountedLayers.All, output, errors));
            return command;
        }

        private static Command Features(TextWriter output)
        {
            var seeds = new Option<int>("--seeds") { Description = "search for all features so many times, and print how long it took" };
            var seed = new Option<ulong>("--seed") { Description = "the first seed", DefaultValueFactory = _ => 1 };
            var cases = new Option<long>("--cases") { Description = "most cases of one search", DefaultValueFactory = _ => 20_000 };
            var arch = new Option<string?>("--arch") { Description = "architecture of all machines: x86 or arm64" };
            arch.AcceptOnlyFromAmong("x86", "arm64");
            var contpte = new Option<string?>("--contpte") { Description = "entries of a contiguous-PTE block of all machines: 4, 8 or 16" };
            contpte.AcceptOnlyFromAmong("4", "8", "16");
            var set = new Option<string[]>("--set") { Description = "any other setting of all machines, as the machine line of a scenario has it: file=64", DefaultValueFactory = _ => [] };
            var plain = new Option<bool>("--plain") { Description = "do not let features steer what is drawn" };
            Option<string> machine = Machine();
            var examples = new Option<string?>("--examples") { Description = "write a short scenario for each feature into this folder" };
            var command = new Command("features", "List the state features, or measure how long generation takes to meet them all") { seeds, seed, cases, plain, machine, examples };
            command.SetAction(parsed =>
            {
                var machines = Enum.Parse<MachineChoice>(parsed.GetValue(machine)!, ignoreCase: true);
                var options = new CampaignOptions(parsed.GetValue(seed), machines, parsed.GetValue(cases), null) { Guided = !parsed.GetValue(plain) };
                if (parsed.GetValue(examples) is string folder)
                    return FeaturesCommand.WriteExamples(options, folder, output);
                return parsed.GetValue(seeds) > 0 ? FeaturesCommand.Search(options, parsed.GetValue(seeds), output) : FeaturesCommand.List(output);
            });
            return command;
        }

        private static Option<string> Machine()
        {
            var machine = new Option<string>("--machine")
            {
                Description = "default (tables of 8, 16, 64 and 512), tiny (8) or large (512, well filled)",
                DefaultValueFactory = _ => "default",
            };
            machine.AcceptOnlyFromAmong("default", "tiny", "large");
            return machine;
        }

        private static IAnsiConsole ConsoleFor(TextWriter output)
        {
            bool terminal = ReferenceEquals(output, Console.Out) && !Console.IsOutputRedirected;
            return AnsiConsole.Create(new AnsiConsoleSettings
            {
                Out = new AnsiConsoleOutput(output),
                Interactive = terminal ? InteractionSupport.Yes : InteractionSupport.No,
            });
        }
    }
}
