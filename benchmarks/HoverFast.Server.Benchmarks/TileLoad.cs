using System.Diagnostics;
using System.Text.Json;

namespace HoverFast.Server.Benchmarks;

/// <summary>Clients that ask for random tiles, one after the other each.</summary>
internal sealed class TileLoad(MeasuredServer server, string id, JsonElement slide, JsonElement nuclei)
{
    /// <summary>Clients at once.</summary>
    public const int Clients = 4;

    /// <summary>Nobody asks for more than fifty tiles a second; the server refuses clients that ask for far more.</summary>
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(20);

    /// <summary>Milliseconds of each answer, sorted.</summary>
    public async Task<List<double>> RunAsync(bool vector, TimeSpan time)
    {
        var times = await Task.WhenAll(Enumerable.Range(0, Clients).Select(client => Task.Run(() => OneAsync(vector, time, client))));
        return [.. times.SelectMany(t => t).Order()];
    }

    private async Task<List<double>> OneAsync(bool vector, TimeSpan time, int seed)
    {
        var random = new Random(seed + (vector ? 100 : 0));
        var times = new List<double>();
        for (var start = Stopwatch.StartNew(); start.Elapsed < time; )
        {
            var path = vector ? VectorPath(random) : SlidePath(random);
            var before = Stopwatch.GetTimestamp();
            _ = await server.Client.GetByteArrayAsync(path);
            times.Add(Stopwatch.GetElapsedTime(before).TotalMilliseconds);
            if (_pause - Stopwatch.GetElapsedTime(before) is { Ticks: > 0 } rest)
            {
                await Task.Delay(rest);
            }
        }

        return times;
    }

    // Every level alike: people zoom as often as they pan.
    private string SlidePath(Random random)
    {
        var levels = slide.GetProperty("levels");
        var level = random.Next(levels.GetArrayLength());
        int Tiles(string side, string tile) =>
            (int)Math.Ceiling(levels[level].GetProperty(side).GetDouble() / levels[level].GetProperty(tile).GetDouble());
        return $"/api/slides/{id}/tiles/{level}/{random.Next(Tiles("width", "tileWidth"))}/{random.Next(Tiles("height", "tileHeight"))}";
    }

    // The zooms at which outlines are shown.
    private string VectorPath(Random random)
    {
        var zoom = random.Next(1, nuclei.GetProperty("resolutions").GetArrayLength());
        var side = nuclei.GetProperty("resolutions")[zoom].GetDouble() * nuclei.GetProperty("tileSize").GetDouble();
        int Tiles(string length) => (int)Math.Ceiling(slide.GetProperty(length).GetDouble() / side);
        return $"/api/slides/{id}/nuclei/tiles/{zoom}/{random.Next(Tiles("width"))}/{random.Next(Tiles("height"))}";
    }
}
