using System.CommandLine;
using HoverFast.Cli.Options;
using HoverFast.Cli.Screens;
using HoverFast.Cluster.Batches;
using HoverFast.Cluster.Watching;

namespace HoverFast.Cli.Commands;

/// <summary><c>hoverfast watch</c>: slides are segmented as a scanner lays them into a folder.</summary>
internal static class WatchCommand
{
    /// <summary>The command.</summary>
    public static Command Make()
    {
        var defaults = new WatchOptions();
        var folder = new Argument<DirectoryInfo>("FOLDER") { Description = "Where slides come in; folders in it are watched too." };
        folder.AcceptExistingOnly();
        var output = new Option<DirectoryInfo>("--out", "-o") { Description = "Folder for the results; made if it is missing.", Required = true };
        var every = NumberOption.Real("--every", "Seconds between two looks.", defaults.Every.TotalSeconds, 0.1, 86_400);
        var rest = NumberOption.Real(
            "--rest",
            "Seconds for which nothing of a slide may have changed before it counts as whole.",
            defaults.Rest.TotalSeconds,
            0,
            86_400);
        var attempts = NumberOption.Whole("--attempts", "How often a slide is tried that fails for a reason which may pass.", defaults.Attempts, 1, 1000);
        var once = new Option<bool>("--once") { Description = "End when nothing is left to do or to wait for, for schedulers such as cron." };
        var program = new Option<FileInfo>("--run")
        {
            Description =
                "A program to run after each slide; it finds the slide in environment variables: HOVERFAST_STATE, _SLIDE, _NAME, _MANIFEST, _NUCLEI, _ERROR.",
        };
        program.AcceptExistingOnly();
        var address = new Option<Uri?>("--post")
        {
            Description = "An http or https address to which the end of each slide is posted as JSON.",
            CustomParser = r => Uri.TryCreate(r.Tokens[0].Value, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" ? uri : Refuse(r),
        };
        var batch = new BatchOptions();
        var log = new LogOptions();
        var command = new Command("watch", "Segment slides as they come into a folder, each when it is whole. Stop and start it at any time.")
        {
            folder, output, every, rest, attempts, once, program, address,
        };
        batch.AddTo(command);
        log.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            var (model, segmenter) = batch.Load(parsed, batch.Calibrator(parsed, inputs: null));
            using var loaded = model;
            using var owned = segmenter;
            using var second = batch.LoadSecond(parsed);
            using var watchers = log.Open(parsed);
            IBatchWatcher[] all = watchers.IsQuiet ? [.. watchers.All] : [.. watchers.All, new WatchLines(Console.Out)];
            var watch = new FolderWatch(
                segmenter,
                parsed.GetRequiredValue(folder).FullName,
                parsed.GetRequiredValue(output).FullName,
                batch.Results(parsed, second),
                new WatchOptions
                {
                    Every = TimeSpan.FromSeconds(parsed.GetValue(every)),
                    Rest = TimeSpan.FromSeconds(parsed.GetValue(rest)),
                    Attempts = parsed.GetValue(attempts),
                    Once = parsed.GetValue(once),
                    Program = parsed.GetValue(program)?.FullName,
                    Address = parsed.GetValue(address),
                },
                all,
                WatchLines.Note);
            return await watch.RunAsync(cancellation) > 0 ? ExitCode.SomeFailed : ExitCode.Success;
        });
        return command;

        static Uri? Refuse(System.CommandLine.Parsing.ArgumentResult result)
        {
            result.AddError("--post takes an address that begins with http:// or https://.");
            return null;
        }
    }
}
