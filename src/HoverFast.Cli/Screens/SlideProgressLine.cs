using System.Diagnostics;
using HoverFast.Pipeline;

namespace HoverFast.Cli.Screens;

/// <summary>Tells how far a slide is: one line that is written over on a terminal, a new line now and then in a log.</summary>
internal sealed class SlideProgressLine(string name, bool terminal)
{
    private static readonly TimeSpan _everyOnTerminal = TimeSpan.FromSeconds(0.2);
    private static readonly TimeSpan _everyInLog = TimeSpan.FromSeconds(20);

    private readonly long _start = Stopwatch.GetTimestamp();
    private long _last = Stopwatch.GetTimestamp();
    private int _width;

    /// <summary>Takes the news of one tile.</summary>
    public void Report(SlideProgress progress)
    {
        if (Stopwatch.GetElapsedTime(_last) < (terminal ? _everyOnTerminal : _everyInLog))
        {
            return;
        }

        _last = Stopwatch.GetTimestamp();
        var text = Describe(name, progress, Stopwatch.GetElapsedTime(_start));
        if (terminal)
        {
            Console.Error.Write("\r" + text.PadRight(_width));
            _width = text.Length;
        }
        else
        {
            Console.Error.WriteLine(text);
        }
    }

    /// <summary>Wipes the line on a terminal.</summary>
    public void End()
    {
        if (terminal && _width > 0)
        {
            Console.Error.Write("\r" + new string(' ', _width) + "\r");
        }
    }

    /// <summary>The text: share, rate and time left, reckoned from the tiles of this run.</summary>
    internal static string Describe(string name, SlideProgress progress, TimeSpan elapsed)
    {
        var now = progress.TilesDone - progress.TilesResumed;
        var rate = now / Math.Max(elapsed.TotalSeconds, 1e-3);
        var left = now == 0 ? "" : $", {TimeLeft.Text(TimeSpan.FromSeconds(Math.Ceiling((progress.TileCount - progress.TilesDone) / rate)))} left";
        return $"{name}: tile {progress.TilesDone} of {progress.TileCount} ({100.0 * progress.TilesDone / Math.Max(1, progress.TileCount):0} %), {rate:0.0} tiles/s, {progress.Nuclei} nuclei{left}";
    }
}
