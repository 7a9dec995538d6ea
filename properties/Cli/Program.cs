using System.CommandLine;
using System.CommandLine.Parsing;
using FolioCheck.Cli;
using FolioCheck.Live;
using FolioCheck.Properties;
using Spectre.Console;

return CommandLine.Run(args, Console.Out, Console.Error);

namespace FolioCheck.Cli
{
    /// <summary>The command line: options of every command, and what errors look like.</summary>
    public static class CommandLine
    {
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
                return parsed.Invoke(new InvocationConfiguration { Output = output, Error = errors, EnableDefaultExceptionHandler = false });
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
            Serve(output, errors),
            Bugs(output, errors),
        };

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
            var machine = new Option<string>("--machine")
            {
                Description = "default (tables of 8, 16, 64 and 512), tiny (8) or large (512, well filled)",
                DefaultValueFactory = _ => "default",
            };
            var json = new Option<string?>("--json") { Description = "also write the result rows to this file as JSON" };
            var save = new Option<string>("--save") { Description = "folder for a failing scenario", DefaultValueFactory = _ => "." };
            var outside = new Option<bool>("--from-outside") { Description = "look at the kernel from outside only, without bpf" };
            machine.AcceptOnlyFromAmong("default", "tiny", "large");
            cases.Validators.Add(result =>
            {
                if (result.Tokens.Count > 0 && long.TryParse(result.Tokens[0].Value, out long value) && value < 1)
                    result.AddError("--cases is at least 1");
            });
            AcceptDuration(time);
            Option<string> system = System();
            Option<string> limit = Limit();
            var command = new Command("check", "Hold a system against the reference on random scenarios") { seed, cases, time, machine, system, outside, limit, json, save };
            command.Validators.Add(result =>
            {
                if (result.GetResult(cases) is not null && result.GetResult(time) is not null)
                    result.AddError("--cases and --time exclude each other");
            });
            command.SetAction((parsed, cancellation) =>
            {
                var machines = Enum.Parse<MachineChoice>(parsed.GetValue(machine)!, ignoreCase: true);
                TimeSpan? span = parsed.GetValue(time) is string text ? Duration.Parse(text) : null;
                var campaign = new CampaignOptions(parsed.GetValue(seed), machines, parsed.GetValue(cases), span);
                string chosen = parsed.GetValue(system)!;
                var options = new CheckOptions(campaign, parsed.GetValue(json), parsed.GetValue(save)!, chosen);
                if (chosen == SystemChoice.Kernel)
                    return Task.Run(() => LiveCheckCommand.Run(options, parsed.GetValue(outside), output, cancellation), CancellationToken.None);
                return Task.FromResult(SystemChoice.Run(
                    chosen, Duration.Parse(parsed.GetValue(limit)!)!.Value, errors,
                    tested => CheckCommand.Run(options, tested, ConsoleFor(output), cancellation)));
            });
            return command;
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

        private static Command Serve(TextWriter output, TextWriter errors)
        {
            var bug = new Option<string?>("--bug") { Description = "with one of the planted bugs of mutation/bugs in it" };
            var command = new Command("serve", "Be a program under test: answer on standard input and output, as properties/Exec/README.md says") { bug };
            command.SetAction(parsed => ServeCommand.Run(parsed.GetValue(bug), Console.In, output, errors));
            return command;
        }

        private static Command Bugs(TextWriter output, TextWriter errors)
        {
            var id = new Option<string?>("--id") { Description = "one bug only" };
            var seeds = new Option<int>("--seeds") { Description = "hunts for each bug", DefaultValueFactory = _ => 1 };
            var json = new Option<string?>("--json") { Description = "also write the rows to this file as JSON" };
            var markdown = new Option<bool>("--markdown") { Description = "print the tables of mutation/README.md" };
            var transcripts = new Option<string?>("--transcripts")
            {
                Description = "folder of recorded transcripts to hold bugs of the reference against (default: properties/corpus/transcripts where it is)",
            };
            seeds.Validators.Add(result =>
            {
                if (result.Tokens.Count > 0 && int.TryParse(result.Tokens[0].Value, out int value) && value < 1)
                    result.AddError("--seeds is at least 1");
            });
            var command = new Command("bugs", "Plant each known bug in turn and say what catches it") { id, seeds, json, markdown, transcripts };
            command.SetAction(parsed =>
            {
                string usual = Path.Combine("properties", "corpus", "transcripts");
                string? folder = parsed.GetValue(transcripts) ?? (Directory.Exists(usual) ? usual : null);
                var options = new BugsOptions(parsed.GetValue(id), parsed.GetValue(seeds), parsed.GetValue(json), parsed.GetValue(markdown), folder);
                return BugsCommand.Run(options, output, errors);
            });
            return command;
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
