using System.CommandLine;
using System.CommandLine.Parsing;
using FolioCheck.Cli;
using FolioCheck.Implementation;
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
            Check(output),
            Replay(output, errors),
            Bugs(output, errors),
        };

        private static Command Check(TextWriter output)
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
            machine.AcceptOnlyFromAmong("default", "tiny", "large");
            cases.Validators.Add(result =>
            {
                if (result.Tokens.Count > 0 && long.TryParse(result.Tokens[0].Value, out long value) && value < 1)
                    result.AddError("--cases is at least 1");
            });
            time.Validators.Add(result =>
            {
                if (result.Tokens.Count > 0 && Duration.Parse(result.Tokens[0].Value) is null)
                    result.AddError($"--time: '{result.Tokens[0].Value}' is no length of time: 60s, 5m, 2h");
            });
            var command = new Command("check", "Hold the implementation against the reference on random scenarios") { seed, cases, time, machine, json, save };
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
                var options = new CheckOptions(campaign, parsed.GetValue(json), parsed.GetValue(save)!);
                return Task.FromResult(CheckCommand.Run(options, OptimizedMemory.Create, ConsoleFor(output), cancellation));
            });
            return command;
        }

        private static Command Replay(TextWriter output, TextWriter errors)
        {
            var files = new Argument<string[]>("FILE")
            {
                Description = "recorded transcripts (.jsonl, .jsonl.gz) or scenario files",
                Arity = ArgumentArity.OneOrMore,
            };
            var command = new Command("replay", "Hold reference and implementation against recorded transcripts or scenario files") { files };
            command.SetAction(parsed => ReplayCommand.Run(parsed.GetValue(files)!, output, errors));
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
