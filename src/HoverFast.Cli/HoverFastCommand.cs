using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Parsing;
using HoverFast.Cli.Commands;
using HoverFast.Cli.Screens;

namespace HoverFast.Cli;

/// <summary>The command <c>hoverfast</c> with all that it can do.</summary>
internal static class HoverFastCommand
{
    /// <summary>Makes the tree of commands.</summary>
    public static RootCommand Make()
    {
        var root = new RootCommand("Finds every cell nucleus in whole-slide histology images, on a plain CPU.")
        {
            SegmentCommand.Make(),
            WatchCommand.Make(),
            ClusterCommand.Make(),
            CollectCommand.Make(),
            EvaluateCommand.Make(),
            CompareCommand.Make(),
            ReviewCommand.Make(),
            InfoCommand.Make(),
            ModelCommand.Make(),
            SampleCommand.Make(),
            DoctorCommand.Make(),
            EstimateCommand.Make(),
            BenchCommand.Make(),
            TuneCommand.Make(),
        };
        foreach (
            var command in (IEnumerable<Command>)
                [
                    .. VerifyCommand.Make(), ExplainCommand.Make(), DriftCommand.Make(), ValidateCommand.Make(), ControlCommand.Make(), .. InferCommands.Make(),
                    .. HandedOverCommands.Make(),
                ])
        {
            root.Add(command);
        }

        var help = root.Options.OfType<HelpOption>().Single();
        help.Action = new ExamplesHelp((HelpAction)help.Action!);
        RefuseEmpty(root);
        return root;
    }

    /// <summary>No value is empty: a variable of a script that was not set must not pass for the folder above, or for no choice.</summary>
    private static void RefuseEmpty(Command command)
    {
        foreach (var option in command.Options)
        {
            option.Validators.Add(r => Check(r, option.Name));
        }

        foreach (var argument in command.Arguments)
        {
            argument.Validators.Add(r => Check(r, argument.Name));
        }

        foreach (var sub in command.Subcommands)
        {
            RefuseEmpty(sub);
        }

        static void Check(SymbolResult result, string name)
        {
            if (result.Tokens.Any(t => string.IsNullOrWhiteSpace(t.Value)))
            {
                result.AddError($"{name} has an empty value.");
            }
        }
    }

    /// <summary>Parses and runs a command line; returns the exit code.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        if (HandedOverCommands.AreMeant(args))
        {
            using var interrupt = new CancellationTokenSource();
            Console.CancelKeyPress += (_, e) => e.Cancel = true;
            return await HandedOverCommands.RunAsync(args, interrupt.Token);
        }

        using var signals = new StopSignals(StopSignals.TimeToClose);
        try
        {
            var parsed = Make().Parse(args);
            if (parsed.Errors.Count > 0)
            {
                await ExplainAsync(parsed);
                return ExitCode.Usage;
            }

            ProblemText.Running = parsed.CommandResult.Command;
            return await parsed.InvokeAsync(
                new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null },
                signals.Token);
        }
        catch (OperationCanceledException)
        {
            await Console.Error.WriteLineAsync(ProblemText.Running is { Name: "segment" or "infer_wsi" or "infer_roi" or "watch" or "task" }
                ? "Stopped. The same command goes on from here."
                : "Stopped.");
            return signals.ExitCode;
        }
        catch (Exception e)
        {
            await Console.Error.WriteLineAsync("error: " + ProblemText.Of(e));
            return ProblemText.IsExpected(e) ? ExitCode.CannotStart : ExitCode.Fault;
        }
    }

    /// <summary>What is wrong with a command line, a line each: what was typed is shown without its line breaks.</summary>
    internal static IEnumerable<string> ErrorsOf(ParseResult parsed) =>
        parsed.Errors.Select(e => string.Concat(e.Message.Select(c => char.IsControl(c) ? ' ' : c)).Trim()).Distinct();

    /// <summary>Where to read what a command takes.</summary>
    internal static string HintOf(Command command) =>
        $"'hoverfast {(command is RootCommand ? "" : ExamplesHelp.PathOf(command) + " ")}--help' tells what can be given.";

    // The whole help would push the error off the screen; who names no command wants it.
    private static async Task ExplainAsync(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        if (command is RootCommand && parsed.UnmatchedTokens.Count == 0)
        {
            await parsed.InvokeAsync();
            return;
        }

        foreach (var error in ErrorsOf(parsed))
        {
            await Console.Error.WriteLineAsync("error: " + error);
        }

        await Console.Error.WriteLineAsync(HintOf(command));
    }
}
