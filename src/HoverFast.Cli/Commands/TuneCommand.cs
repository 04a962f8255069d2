using System.CommandLine;
using HoverFast.Cli.Options;
using HoverFast.Cli.Screens;
using HoverFast.Files;
using HoverFast.Jobs;
using HoverFast.Pipeline;
using HoverFast.Slides;
using HoverFast.Synthetic;
using Spectre.Console;

namespace HoverFast.Cli.Commands;

/// <summary><c>hoverfast tune</c>: finds out how this machine segments fastest, and remembers it.</summary>
internal static class TuneCommand
{
    private static readonly PixelSize _size = new(8192, 8192);

    /// <summary>The command.</summary>
    public static Command Make()
    {
        var input = new Option<FileInfo?>("--input") { Description = "Slide of dense tissue to measure on; without it one is drawn." };
        var threads = NumberOption.Whole("--threads", "The most threads.", ThreadCount.Available, 1, ThreadCount.Most);
        var memory = NumberOption.Real("--memory", "The most memory in GB: larger tiles are faster but take more.", 1, 0.1, 1e6);
        var seconds = NumberOption.Real("--seconds", "Seconds for each combination.", 3, 0, 3600);
        var command = new Command(
            "tune",
            $"Find threads, tile size, precision and engine for this machine, in under a minute, and remember them for 'segment' and 'estimate' in {Tuning.DefaultPath}.")
        {
            input,
            threads,
            memory,
            seconds,
        };
        command.SetAction(
            async (parsed, cancellation) =>
            {
                using var folder = new ScratchFolder("tune");
                var slide = parsed.GetValue(input)?.FullName;
                if (slide is null)
                {
                    slide = folder.File("drawn.svs");
                    SyntheticSlide.Write(slide, new SyntheticSlideOptions { Size = _size, TissueFraction = 1 });
                }
                else if (!File.Exists(slide) && !Directory.Exists(slide))
                {
                    throw new SlideException(slide, "there is no such slide. Leave --input out to tune on a drawn one.");
                }

                var tuner = new Tuner(slide, parsed.GetValue(threads), (long)(parsed.GetValue(memory) * 1e9), parsed.GetValue(seconds));
                var tuning = await tuner.RunAsync(
                    t =>
                        Screen.Out.WriteLine(
                            $"{t.Model} ({t.Engine}), {t.Threads} threads, tiles of {t.TileSize}: {t.SquareMillimetresPerSecond:0.000} mm2/s, {t.PeakMemoryBytes / 1048576.0:0} MiB"),
                    cancellation);
                tuning.Write(Tuning.DefaultPath);
                Screen.Out.WriteLine($"best: {tuning}: {tuning.SquareMillimetresPerSecond:0.000} mm2/s");
                Screen.Out.WriteLine(
                    $"remembered in {Tuning.DefaultPath}; 'segment' and 'estimate' use it from now on. Threads don't change a result. "
                        + "Another tile size or engine makes it another result by its key, so finished slides are done again; nuclei differ by rounding at most.");
            });
        return command;
    }
}
