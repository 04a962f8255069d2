using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using HoverFast.Cli;
using HoverFast.Slides;
using HoverFast.Synthetic;
using HoverFast.Tests.Pipeline;
using Xunit;

namespace HoverFast.Tests.Jobs;

/// <summary>
/// Two runs into one folder at once, with the same settings or others, of one slide or two of one name, some of them killed: only whole, right files are left,
/// and the next run comes to the right result. More pairs: HOVERFAST_PAIRS=200, others: HOVERFAST_FUZZ_SEED=7.
/// </summary>
public sealed class TwoRunsTests : IDisposable
{
    private static readonly string[][] _settings = [["--tile-size", "256"], ["--tile-size", "320"], ["--tile-size", "256", "--min-area", "60"]];
    private readonly TemporaryFolder _folder = new();
    private readonly string _model;

    public TwoRunsTests() => _model = DarknessModel.Write(_folder.Path);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task LeaveWholeAndRightFilesOnly()
    {
        var seed = FromEnvironment("HOVERFAST_FUZZ_SEED", 1);
        var pairs = FromEnvironment("HOVERFAST_PAIRS", 8);
        string[] slides = [_folder.File(Path.Combine("x", "s.svs")), _folder.File(Path.Combine("y", "s.svs"))];
        for (var i = 0; i < slides.Length; i++)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(slides[i])!);
            SyntheticSlide.Write(slides[i], new SyntheticSlideOptions { Size = new PixelSize(4000, 3000), Seed = i + 1, TissueFraction = 0.5 });
        }

        // What each run comes to when it is alone.
        var right = new Dictionary<(int Slide, int Settings), byte[]>();
        for (var slide = 0; slide < slides.Length; slide++)
        {
            for (var settings = 0; settings < _settings.Length; settings++)
            {
                var alone = _folder.File($"alone{slide}{settings}");
                Assert.Equal(ExitCode.Success, await HoverFastCommand.RunAsync([.. Command(slides[slide], settings), "-o", alone]));
                right[(slide, settings)] = await File.ReadAllBytesAsync(Path.Combine(alone, "s.geojson.gz"), TestContext.Current.CancellationToken);
            }
        }

        var (killed, refused, both) = (0, 0, 0);
        for (var pair = 0; pair < pairs; pair++)
        {
            var random = new Random(unchecked((seed * 1_000_003) + pair));
            var output = _folder.File($"pair{pair}");
            var runs = new (int Slide, int Settings)[] { (0, random.Next(3)), (random.Next(4) == 0 ? 1 : 0, random.Next(3)) };
            using var first = Start([.. Command(slides[runs[0].Slide], runs[0].Settings), "-o", output]);
            await Task.Delay(random.Next(0, 1200), TestContext.Current.CancellationToken);
            using var second = Start([.. Command(slides[runs[1].Slide], runs[1].Settings), "-o", output]);
            var victim = random.Next(4) switch { 0 => first, 1 => second, _ => null };
            if (victim is not null)
            {
                await Task.Delay(random.Next(100, 1500), TestContext.Current.CancellationToken);
                killed += victim.HasExited ? 0 : 1;
                victim.Kill(entireProcessTree: true);
            }

            var codes = new List<int>();
            foreach (var process in (Process[])[first, second])
            {
                await process.WaitForExitAsync(TestContext.Current.CancellationToken);
                codes.Add(process.ExitCode);
                if (process != victim)
                {
                    // One that was not killed is done, or was told that the name is another slide's.
                    Assert.True(
                        process.ExitCode == ExitCode.Success || (runs[0].Slide != runs[1].Slide && process.ExitCode == ExitCode.SomeFailed),
                        $"pair {pair} of seed {seed}: exit code {process.ExitCode}");
                }
            }

            both += codes is [0, 0] ? 1 : 0;
            refused += codes.Contains(ExitCode.SomeFailed) ? 1 : 0;
            var where = $"pair {pair} of seed {seed}: {runs[0]} and {runs[1]}, exit codes {string.Join(", ", codes)}";

            // Who is killed between its outputs and its manifest has taken the older manifest away already: whole files, and made again below.
            await CheckAsync(
                output,
                [.. runs.Select(r => right[r])],
                where,
                codes.TrueForAll(c => c is ExitCode.Success or ExitCode.SomeFailed) && codes.Contains(ExitCode.Success));

            // Whatever was left: the same command again comes to its result.
            var last = runs[0];
            var code = await HoverFastCommand.RunAsync([.. Command(slides[last.Slide], last.Settings), "-o", output]);
            if (runs[0].Slide == runs[1].Slide || code == ExitCode.Success)
            {
                Assert.True(code == ExitCode.Success, where);
                await CheckAsync(output, [right[last]], where, manifest: true);

                // A lock whose run was killed while it wrote it names nobody: it is waited out by its age.
                var files = Directory.EnumerateFileSystemEntries(output).Select(Path.GetFileName).Where(name => name != "s.lock" || victim is null);
                Assert.Equal(["s.geojson.gz", "s.manifest.json"], files.Order(StringComparer.Ordinal));
            }
            else
            {
                await CheckAsync(output, [right[runs[1]]], where, manifest: true);
            }

            Directory.Delete(output, recursive: true);
        }

        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{pairs} pairs of seed {seed}: {killed} runs killed, {refused} pairs with a slide refused, {both} pairs where both runs ended well");
    }

    /// <summary>A result, where there is one, is whole and one of the right ones; so is what the manifest says of it.</summary>
    private static async Task CheckAsync(string output, byte[][] right, string where, bool manifest)
    {
        var result = Path.Combine(output, "s.geojson.gz");
        byte[]? bytes = File.Exists(result) ? await File.ReadAllBytesAsync(result, TestContext.Current.CancellationToken) : null;
        Assert.True(bytes is null || right.Any(r => r.AsSpan().SequenceEqual(bytes)), where + ": the result is none of those that it may be");
        var path = Path.Combine(output, "s.manifest.json");
        Assert.True(!manifest || File.Exists(path), where + ": no manifest");
        if (File.Exists(path))
        {
            Assert.NotNull(bytes);
            var said = (string)JsonNode.Parse(await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken))!["outputs"]![0]!["sha256"]!;
            Assert.Equal(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes)), said);
        }
    }

    private string[] Command(string slide, int settings) => ["segment", slide, "--model", _model, "--threads", "1", .. _settings[settings]];

    private static int FromEnvironment(string name, int fallback) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var value) ? value : fallback;

    private static Process Start(string[] args)
    {
        var start = new ProcessStartInfo("dotnet") { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in (string[])[Path.Combine(AppContext.BaseDirectory, "hoverfast.dll"), .. args])
        {
            start.ArgumentList.Add(argument);
        }

        var process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }
}
