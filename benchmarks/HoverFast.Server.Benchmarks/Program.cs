using HoverFast.Server.Benchmarks;

// Measures the viewer on a result: hoverfast-serve-benchmark RESULTS SLIDES [MINUTES], or RESULTS SLIDES pan MINUTES, which only pans and tells the server's
// memory each minute. The slide with the most nuclei is taken.
if (args.Length is < 2 or > 4 || (args.Length == 4 && args[2] != "pan"))
{
    Console.Error.WriteLine("RESULTS SLIDES [minutes of random tiles, 1], or RESULTS SLIDES pan MINUTES");
    return 2;
}

var isPan = args.Length == 4;
var minutes = args.Length > 2 ? double.Parse(args[^1], System.Globalization.CultureInfo.InvariantCulture) : 1;
var own = Path.Combine(args[0], ".viewer");
if (!isPan && Directory.Exists(Path.Combine(own, "nuclei")))
{
    Directory.Delete(Path.Combine(own, "nuclei"), recursive: true);
}

var server = await MeasuredServer.StartAsync(args[0], args[1]);
var id = (await server.GetAsync("/api/slides"))
    .EnumerateArray()
    .Where(s => s.GetProperty("hasResult").GetBoolean())
    .MaxBy(s => s.GetProperty("nuclei").GetInt64())
    .GetProperty("id")
    .GetString()!;
var slide = await server.GetAsync($"/api/slides/{id}");
var summary = slide.GetProperty("summary");
Console.WriteLine($"{summary.GetProperty("name")}: {slide.GetProperty("width")} x {slide.GetProperty("height")} px, {summary.GetProperty("nuclei")} nuclei");
var before = server.CpuSeconds;
var (nuclei, seconds) = await server.NucleiAsync(id);
if (isPan)
{
    await new PanningClients(server, id, slide, nuclei).RunAsync(TimeSpan.FromMinutes(minutes));
    server.Dispose();
    return 0;
}

Tell(
    "index, nuclei a second",
    $"{nuclei.GetProperty("count").GetInt32() / seconds:#,0} ({seconds:0.0} s, {server.CpuSeconds - before:0.0} s of processor time)"
);
Tell(
    "index, bytes a nucleus",
    $"{Directory.GetFiles(Path.Combine(own, "nuclei")).Sum(f => new FileInfo(f).Length) / nuclei.GetProperty("count").GetDouble():0}"
);
Tell("memory after the index, now and peak, MB", $"{server.Memory.Now / 1e6:0} {server.Memory.Peak / 1e6:0}");
server.Dispose();

// A server that has just been started, the index being there.
server = await MeasuredServer.StartAsync(args[0], args[1]);
await PageMeasurement.RunAsync(
    server.Client.BaseAddress!,
    id,
    slide.GetProperty("width").GetInt32(),
    slide.GetProperty("height").GetInt32(),
    slide.GetProperty("mpp").GetDouble(),
    Tell
);
var load = new TileLoad(server, id, slide, nuclei);
foreach (var vector in new[] { false, true })
{
    var times = await load.RunAsync(vector, TimeSpan.FromSeconds(15));
    Tell(
        $"{(vector ? "vector" : "slide")} tiles of {TileLoad.Clients} clients, a second, median and p95 in ms",
        $"{times.Count / 15.0:0} {times[times.Count / 2]:0.0} {times[(int)(times.Count * 0.95)]:0.0}");
}

var memory = new List<long>();
var part = TimeSpan.FromMinutes(minutes) / 12;
for (var i = 0; i < 12; i++)
{
    await load.RunAsync(vector: i % 2 == 1, part);
    memory.Add(server.Memory.Now);
}

Tell($"memory in {minutes} min of random tiles, MB", string.Join(' ', memory.Select(m => $"{m / 1e6:0}")));
Tell("memory at its peak, MB", $"{server.Memory.Peak / 1e6:0}");
server.Dispose();
return 0;

static void Tell(string what, string figure) => Console.WriteLine($"{what, -62} {figure}");
