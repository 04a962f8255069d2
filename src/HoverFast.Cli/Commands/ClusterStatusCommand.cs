using System.CommandLine;
using HoverFast.Cli.Options;
using HoverFast.Cli.Screens;
using HoverFast.Cluster.Progress;

namespace HoverFast.Cli.Commands;

/// <summary><c>hoverfast cluster status</c>: how far the jobs of a folder of results are.</summary>
internal static class ClusterStatusCommand
{
    /// <summary>The command.</summary>
    public static Command Make()
    {
        var results = ClusterCommand.Results();
        var json = new Option<bool>("--json") { Description = "Print JSON, every slide included." };
        var watch = new Option<bool>("--watch") { Description = "Go on, and print it again when it has changed, until all is done or failed." };
        var every = NumberOption.Whole("--every", "Seconds between two looks of --watch.", 10, 1, 86_400);
        var command = new Command(
            "status",
            "Slides done, running, waiting, failed and why, pace and time left; from the folder's files alone.") { results, json, watch, every };
        command.SetAction(async (parsed, cancellation) =>
        {
            var folder = parsed.GetValue(results)!.FullName;
            var state = ClusterState.Read(folder);
            Print(state);
            while (parsed.GetValue(watch) && state.Slides.Any(s => s.State is not (SlideProgressState.Done or SlideProgressState.Failed)))
            {
                await Task.Delay(TimeSpan.FromSeconds(parsed.GetValue(every)), cancellation);
                var before = state.Slides;
                state = ClusterState.Read(folder);
                if (!state.Slides.Select(s => (s.Name, s.State)).SequenceEqual(before.Select(s => (s.Name, s.State))))
                {
                    Print(state);
                }
            }

            return ExitCode.Success;

            void Print(ClusterState now)
            {
                if (parsed.GetValue(json))
                {
                    Console.WriteLine(ClusterScreen.ToJson(now));
                }
                else
                {
                    ClusterScreen.Print(now);
                }
            }
        });
        return command;
    }
}
