using System.CommandLine;
using HoverFast.Cli.Measuring;
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
        var threads = new Option<int>("--threads") { Description = "The most threads.", DefaultValueFactory = _ => ThreadCount.Available };
        var memory = new Option<double>("--memory") { Description = "The most memory in GB: larger tiles are faster but take more.", DefaultValueFactory = _ => 1 };
        var seconds = new Option<double>("--seconds") { Description = "Seconds for each combination.", DefaultValueFactory = _ => 3 };
        var command = new Command("tune", $"Find threads, tile size, precision and engine for this machine, in under a minute, and remember them for 'segment' and 'estimate' in {Tuning.DefaultPath}.")
        {
            input, threads, memory, seconds,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            var folder = Directory.CreateTempSubdirectory("hoverfast-tune-");
            try
            {
                var slide = parsed.GetValue(input)?.FullName ?? Path.Combine(folder.FullName, "drawn.svs");
                if (!File.Exists(slide))
                {
                    SyntheticSlide.Write(slide, new SyntheticSlideOptions { Size = _size, TissueFraction = 1 });
                }

                var tuner = new Tuner(slide, Math.Max(1, parsed.GetValue(threads)), (long)(parsed.GetValue(memory) * 1e9), Math.Max(0, parsed.GetValue(seconds)));
                var tuning = await tuner.RunAsync(
                    t => HoverFastCommand.Screen.WriteLine($"{t.Model} ({t.Engine}), {t.Threads} threads, tiles of {t.TileSize}: {t.SquareMillimetresPerSecond:0.000} mm2/s, {t.PeakMemoryBytes / 1048576.0:0} MiB"),
                    cancellation);
                tuning.Write(Tuning.DefaultPath);
                HoverFastCommand.Screen.WriteLine($"best: {tuning}: {tuning.SquareMillimetresPerSecond:0.000} mm2/s");
                HoverFastCommand.Screen.WriteLine($"remembered in {Tuning.DefaultPath}; 'segment' and 'estimate' use it from now on. Threads don't change a result. Another tile size or engine makes it another result by its key, so finished slides are done again; nuclei differ by rounding at most.");
            }
            finally
            {
                folder.Delete(recursive: true);
            }
        });
        return command;
    }
}
