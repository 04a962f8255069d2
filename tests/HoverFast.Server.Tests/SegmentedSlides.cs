using HoverFast.Jobs;
using HoverFast.Nuclei;
using HoverFast.Pipeline;
using HoverFast.Server.Tests;
using HoverFast.Slides;
using HoverFast.Synthetic;
using HoverFast.Tests;
using Xunit;

[assembly: AssemblyFixture(typeof(SegmentedSlides))]

namespace HoverFast.Server.Tests;

/// <summary>
/// Two drawn slides, one of them with its result, and a server of them: made once. Tests that change something take copies and a server of their own.
/// </summary>
public sealed class SegmentedSlides : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private readonly Lock _gate = new();
    private Task<RunningServer>? _server;

    /// <summary>The slide with a result.</summary>
    public const string Done = "done";

    /// <summary>The slide without.</summary>
    public const string New = "new";

    /// <summary>The folder of slides.</summary>
    public string Slides => _folder.File("slides");

    /// <summary>The folder of results.</summary>
    public string Results => _folder.File("results");

    /// <summary>The result.</summary>
    public Manifest Manifest { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Directory.CreateDirectory(Slides);
        var options = new SyntheticSlideOptions
        {
            Size = new PixelSize(4000, 3000),
            TissueFraction = 0.3,
            Pieces = 2,
        };
        SyntheticSlide.Write(Path.Combine(Slides, Done + ".svs"), options);
        SyntheticSlide.Write(Path.Combine(Slides, New + ".svs"), options with { Seed = 2 });
        using var segmenter = new SlideSegmenter(settings: new SegmentSettings { Measurements = MeasurementChoice.All });
        var outcome = await segmenter.SegmentAsync(
            Path.Combine(Slides, Done + ".svs"),
            Results,
            new ResultOptions { Kinds = [ResultKind.GeoJson, ResultKind.Quality] });
        Manifest = outcome.Manifest!;
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            (await _server).Dispose();
        }

        _folder.Dispose();
    }

    /// <summary>A server for all tests that change nothing; it stays on.</summary>
    internal Task<RunningServer> ServerAsync()
    {
        lock (_gate)
        {
            return _server ??= RunningServer.StartAsync(CopyResults(_folder.File("copy")), Slides);
        }
    }

    /// <summary>A copy of the results that a test may change.</summary>
    internal string CopyResults(TemporaryFolder folder) => CopyResults(folder.File("results"));

    private string CopyResults(string to)
    {
        var copy = Directory.CreateDirectory(to).FullName;
        foreach (var file in Directory.GetFiles(Results))
        {
            File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        }

        return copy;
    }
}
