using HoverFast.Slides;
using HoverFast.Synthetic;
using HoverFast.Tests.Guards;
using Xunit;

namespace HoverFast.Tests.Cluster;

/// <summary>Small slides, and the command that segments them.</summary>
internal sealed class BatchOfSlides : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    /// <summary>Draws slides.</summary>
    /// <param name="count">How many.</param>
    /// <param name="side">Their width and height in pixels.</param>
    public BatchOfSlides(int count, int side = 1024)
    {
        Slides = Directory.CreateDirectory(_folder.File("slides")).FullName;
        for (var i = 0; i < count; i++)
        {
            Draw(Path.Combine(Slides, $"s{i:00}.svs"), side, i + 1);
        }
    }

    /// <summary>The folder of the slides.</summary>
    public string Slides { get; }

    /// <summary>The network: one that finds the drawn nuclei, since equal results without any prove nothing.</summary>
    public string Model { get; } = "hoverfast-he-fast";

    /// <summary>A file or folder beside them.</summary>
    public string File(string name) => _folder.File(name);

    /// <summary>Draws a slide.</summary>
    public static void Draw(string path, int side, int seed) =>
        SyntheticSlide.Write(path, new SyntheticSlideOptions { Size = new PixelSize(side, side), Seed = seed, TissueFraction = 0.9, Pieces = 1 });

    /// <summary>Segments all slides into a folder, in a process of its own.</summary>
    public Task<ChildProcess.Ended> SegmentAsync(string results, params string[] more) =>
        ChildProcess.HoverFastAsync(["segment", Slides, "-o", results, "--model", Model, "--threads", "1", "--write", "geojson", .. more]);

    /// <summary>Holds all GeoJSON files of two folders against each other, byte by byte.</summary>
    public static void RequireSameResults(string expected, string actual, int count)
    {
        var names = Directory.GetFiles(expected, "*.geojson.gz").Select(Path.GetFileName).Order(StringComparer.Ordinal).ToList();
        Assert.Equal(count, names.Count);
        Assert.Equal(names, Directory.GetFiles(actual, "*.geojson.gz").Select(Path.GetFileName).Order(StringComparer.Ordinal));
        foreach (var name in names)
        {
            Assert.True(
                System.IO.File.ReadAllBytes(Path.Combine(expected, name!)).AsSpan().SequenceEqual(System.IO.File.ReadAllBytes(Path.Combine(actual, name!))),
                name);
        }
    }

    public void Dispose() => _folder.Dispose();
}
