using System.Text.Json;

namespace HoverFast.Server.Benchmarks;

/// <summary>
/// Clients that look around as people do: each moves its view a little at a time, zooms now and then, asks for the tiles of slide and outlines that have come
/// into view, and clicks a nucleus or counts a region once in a while. The server's memory is told every minute.
/// </summary>
internal sealed class PanningClients(MeasuredServer server, string id, JsonElement slide, JsonElement nuclei)
{
    private const int Clients = 3;
    private const int ViewWidth = 1500;
    private const int ViewHeight = 1000;
    private static readonly TimeSpan _step = TimeSpan.FromMilliseconds(250);

    private readonly double _width = slide.GetProperty("width").GetDouble();
    private readonly double _height = slide.GetProperty("height").GetDouble();
    private readonly double _outlinesFrom = nuclei.GetProperty("outlinesFrom").GetDouble();
    private readonly string _token = server.GetAsync("/api/me").GetAwaiter().GetResult().GetProperty("token").GetString()!;
    private long _answers;

    /// <summary>Pans for a time; a line a minute, then the trend of the second half.</summary>
    public async Task RunAsync(TimeSpan time)
    {
        using var stop = new CancellationTokenSource(time);
        var clients = Enumerable.Range(1, Clients).Select(seed => Task.Run(() => PanAsync(new Random(seed), stop.Token), CancellationToken.None)).ToList();
        var memory = new List<double>();
        for (var minute = 1; minute <= time.TotalMinutes; minute++)
        {
            await Task.Delay(TimeSpan.FromMinutes(1), CancellationToken.None);
            memory.Add(server.Memory.Now / 1e6);
            Console.WriteLine($"minute {minute}: {memory[^1]:0} MB, {Interlocked.Read(ref _answers):#,0} answers");
        }

        await Task.WhenAll(clients);
        var late = memory.Skip(memory.Count / 2).ToList();
        if (late.Count > 1)
        {
            var (x, y) = ((late.Count - 1) / 2.0, late.Average());
            var slope = late.Select((m, i) => (i - x) * (m - y)).Sum() / late.Select((_, i) => (i - x) * (i - x)).Sum();
            Console.WriteLine(
                $"second half: {late.Min():0} to {late.Max():0} MB, trend {slope * 60:+0.0;-0.0} MB an hour; peak {server.Memory.Peak / 1e6:0} MB");
        }
    }

    private async Task PanAsync(Random random, CancellationToken stop)
    {
        var (x, y, resolution) = (_width / 2, _height / 2, 4.0);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        while (!stop.IsCancellationRequested)
        {
            if (random.NextDouble() < 0.1)
            {
                // A browser keeps what it has seen for a while.
                resolution = Math.Pow(2, (random.NextDouble() * 8) - 1);
                seen.Clear();
            }

            x = Math.Clamp(x + ((random.NextDouble() - 0.5) * ViewWidth * resolution), 0, _width);
            y = Math.Clamp(y + ((random.NextDouble() - 0.5) * ViewHeight * resolution), 0, _height);
            try
            {
                var paths = SlideTiles(x, y, resolution).Concat(resolution <= _outlinesFrom ? VectorTiles(x, y, resolution) : []).Where(seen.Add).ToList();
                await Parallel.ForEachAsync(paths, new ParallelOptions { MaxDegreeOfParallelism = 6, CancellationToken = stop }, async (path, c) =>
                {
                    _ = await server.Client.GetByteArrayAsync(path, c);
                    Interlocked.Increment(ref _answers);
                });
                if (random.Next(20) == 0)
                {
                    _ = await server.Client.GetByteArrayAsync(FormattableString.Invariant($"/api/slides/{id}/nuclei/at?x={x:0.0}&y={y:0.0}"), stop);
                }

                if (random.Next(100) == 0)
                {
                    await CountAsync(x, y, stop);
                }

                await Task.Delay(_step, stop);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private async Task CountAsync(double x, double y, CancellationToken stop)
    {
        double[][] box = [[x, y], [x + 3000, y], [x + 3000, y + 2000], [x, y + 2000]];
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/slides/{id}/nuclei/region")
        {
            Content = new StringContent(JsonSerializer.Serialize(new { polygon = box }), System.Text.Encoding.UTF8, "application/json"),
        };
        request.Headers.Add("X-HoverFast-Token", _token);
        using var answer = await server.Client.SendAsync(request, stop);
        answer.EnsureSuccessStatusCode();
    }

    private IEnumerable<string> SlideTiles(double x, double y, double resolution)
    {
        var levels = slide.GetProperty("levels").EnumerateArray().ToList();
        var level = Math.Max(0, levels.FindLastIndex(l => l.GetProperty("resolution").GetDouble() <= resolution * 1.01));
        double Of(string name) => levels[level].GetProperty(name).GetDouble();
        return Grid(x, y, resolution, Of("resolution") * Of("tileWidth"), Of("resolution") * Of("tileHeight"))
            .Select(t => $"/api/slides/{id}/tiles/{level}/{t.X}/{t.Y}");
    }

    private IEnumerable<string> VectorTiles(double x, double y, double resolution)
    {
        var resolutions = nuclei.GetProperty("resolutions").EnumerateArray().Select(r => r.GetDouble()).ToList();
        var zoom = Math.Max(0, resolutions.FindLastIndex(r => r >= resolution));
        var side = resolutions[zoom] * nuclei.GetProperty("tileSize").GetDouble();
        return Grid(x, y, resolution, side, side).Select(t => $"/api/slides/{id}/nuclei/tiles/{zoom}/{t.X}/{t.Y}");
    }

    private IEnumerable<(int X, int Y)> Grid(double x, double y, double resolution, double width, double height)
    {
        var (halfWidth, halfHeight) = (ViewWidth * resolution / 2, ViewHeight * resolution / 2);
        for (var row = (int)Math.Floor(Math.Max(0, y - halfHeight) / height); row * height < Math.Min(_height, y + halfHeight); row++)
        {
            for (var column = (int)Math.Floor(Math.Max(0, x - halfWidth) / width); column * width < Math.Min(_width, x + halfWidth); column++)
            {
                yield return (column, row);
            }
        }
    }
}
