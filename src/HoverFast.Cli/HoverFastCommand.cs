using System.CommandLine;
using System.CommandLine.Help;
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
            EvaluateCommand.Make(),
            CompareCommand.Make(),
            ModelCommand.Make(),
            SampleCommand.Make(),
            DoctorCommand.Make(),
            EstimateCommand.Make(),
            BenchCommand.Make(),
            TuneCommand.Make(),
        };
        foreach (var command in (IEnumerable<Command>)[.. InferCommands.Make(), .. TrainingCommands.Make()])
        {
            root.Add(command);
        }

        var help = root.Options.OfType<HelpOption>().Single();
        help.Action = new ExamplesHelp((HelpAction)help.Action!);
        return root;
    }

    /// <summary>Parses and runs a command line; returns the exit code.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        if (TrainingCommands.AreMeant(args))
        {
            using var interrupt = new CancellationTokenSource();
            Console.CancelKeyPress += (_, e) => e.Cancel = true;
            return await TrainingCommands.RunAsync(args, interrupt.Token);
        }

        var parsed = Make().Parse(args);
        if (parsed.Errors.Count > 0)
        {
            await ExplainAsync(parsed);
            return ExitCode.Usage;
        }

        try
        {
            return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
        }
        catch (OperationCanceledException)
        {
            await Console.Error.WriteLineAsync("Stopped. The same command goes on from here.");
            return ExitCode.Cancelled;
        }
        catch (Exception e)
        {
            await Console.Error.WriteLineAsync("error: " + ProblemText.Of(e));
            return ProblemText.IsExpected(e) ? ExitCode.CannotStart : ExitCode.Fault;
        }
    }

    // The whole help would push the error off the screen; who names no command wants it.
    private static async Task ExplainAsync(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        if (command is RootCommand && parsed.UnmatchedTokens.Count == 0)
        {
            await parsed.InvokeAsync();
            return;
        }

        foreach (var error in parsed.Errors)
        {
            await Console.Error.WriteLineAsync($"error: {error.Message}");
        }

        await Console.Error.WriteLineAsync($"'hoverfast {(command is RootCommand ? "" : command.Name + " ")}--help' tells what can be given.");
    }
}
