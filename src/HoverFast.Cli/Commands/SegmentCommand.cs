using System.CommandLine;
using HoverFast.Cli.Options;
using HoverFast.Cli.Screens;
using HoverFast.Jobs;
using HoverFast.Slides;
using HoverFast.Synthetic;

namespace HoverFast.Cli.Commands;

/// <summary><c>hoverfast segment</c>: slides and pictures in, nuclei out.</summary>
internal static class SegmentCommand
{
    /// <summary>The command.</summary>
    public static Command Make()
    {
        var inputs = InputArgument.Make(
            "INPUT",
            "Slides and pictures: files, folders, patterns such as 'slides/*.svs', or a DICOMweb server's address.",
            ArgumentArity.ZeroOrMore);
        var output = new Option<DirectoryInfo>("--out", "-o")
        {
            Description = "Folder for the results; made if it is missing.",
            DefaultValueFactory = _ => new DirectoryInfo("hoverfast-results"),
        };
        var sample = new Option<bool>("--sample") { Description = "Draw a small sample picture into the output folder and segment it." };
        var shard = new ShardOption();
        var batch = new BatchOptions();
        var log = new LogOptions();
        var dicomWeb = new DicomWebOptions();

        var command = new Command("segment", "Find the nuclei of slides and pictures. Finished inputs are kept, interrupted ones go on where they were.")
        {
            inputs,
            output,
            sample,
        };
        shard.AddTo(command);
        batch.AddTo(command);
        log.AddTo(command);
        dicomWeb.AddTo(command, inputs);
        command.Validators.Add(r =>
        {
            if (r.GetResult(inputs) is not { Tokens.Count: > 0 } && r.GetResult(sample) is not { Implicit: false })
            {
                r.AddError("Name at least one INPUT, or use --sample.");
            }

            // The sample's pixel size would be that of all.
            if (r.GetResult(inputs) is { Tokens.Count: > 0 } && r.GetResult(sample) is { Implicit: false })
            {
                r.AddError("--sample segments a picture that it draws, and nothing else: leave out the INPUTs, or --sample.");
            }
        });
        command.SetAction(async (parsed, cancellation) =>
        {
            var folder = parsed.GetValue(output)!.FullName;
            var files = SlideInputs.Expand(dicomWeb.Complete(parsed, parsed.GetValue(inputs) ?? []));
            Mpp? drawn = null;
            if (parsed.GetValue(sample))
            {
                var path = Path.Combine(folder, "sample.png");
                SamplePicture.Write(path, 1024, SampleCommand.SampleMpp, 1);
                files = [.. files, SlideInputs.Of(path)];
                drawn = SampleCommand.SampleMpp;
            }

            var (model, segmenter) = batch.Load(parsed, batch.Calibrator(parsed, files, drawn));
            using var loaded = model;
            using var owned = segmenter;
            using var second = batch.LoadSecond(parsed);
            using var watchers = log.Open(parsed);
            return await BatchScreen.RunAsync(segmenter, shard.Of(parsed, files), folder, batch.Results(parsed, second), cancellation, watchers);
        });
        return command;
    }
}
