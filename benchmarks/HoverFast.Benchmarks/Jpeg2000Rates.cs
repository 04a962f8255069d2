using System.Diagnostics;
using System.Globalization;
using HoverFast.Slides.Jpeg2000;
using HoverFast.Slides.Tiff;

namespace HoverFast.Benchmarks;

/// <summary>What a slide's JPEG 2000 tiles cost by the decoder that comes along and by OpenJPEG, on one thread, and how far the pixels differ.</summary>
internal static class Jpeg2000Rates
{
    private const int MostTiles = 60;
    private const int Repetitions = 3;

    /// <summary>Runs.</summary>
    /// <param name="args">A TIFF (SVS) with JPEG 2000 tiles.</param>
    public static int Run(ReadOnlySpan<string> args)
    {
        if (args.Length != 1)
        {
            Console.Error.WriteLine("Name a TIFF with JPEG 2000 tiles: -- jpeg2000 SLIDE.svs");
            return 2;
        }

        var tiles = Tiles(args[0]);
        var own = Measure(tiles, null, out var ownPixels);
        Print("the decoder that comes along", own, tiles);
        if (OpenJpegDecoder.Installed is not { } library)
        {
            Console.WriteLine("OpenJPEG is not installed.");
            return 0;
        }

        var other = Measure(tiles, library, out var otherPixels);
        Print("OpenJPEG", other, tiles);
        var differences = ownPixels.Zip(otherPixels).SelectMany(t => t.First.Zip(t.Second, (a, b) => Math.Abs(a - b))).CountBy(d => d).OrderBy(d => d.Key);
        Console.WriteLine($"ratio {own / other:0.0}; differences {string.Join(", ", differences.Select(d => $"{d.Key}: {d.Value}"))}");
        return 0;
    }

    private static List<byte[]> Tiles(string path)
    {
        using var file = TiffFile.Open(path);
        var page = file.Directories[0];
        var offsets = page.Numbers(TiffTag.TileOffsets);
        var lengths = page.Numbers(TiffTag.TileByteCounts);
        var tiles = new List<byte[]>();
        for (var i = 0; i < offsets.Length && tiles.Count < MostTiles; i += Math.Max(1, offsets.Length / MostTiles))
        {
            if (lengths[i] > 0)
            {
                var tile = new byte[lengths[i]];
                file.Read(offsets[i], tile);
                tiles.Add(tile);
            }
        }

        return tiles;
    }

    private static double Measure(List<byte[]> tiles, OpenJpegDecoder? library, out List<byte[]> pixels)
    {
        var best = double.MaxValue;
        pixels = [];
        for (var n = 0; n < Repetitions; n++)
        {
            var decoded = new List<byte[]>();
            var start = Stopwatch.GetTimestamp();
            foreach (var tile in tiles)
            {
                var size = Jpeg2000Decoder.ReadSize(tile);
                var rgb = new byte[size.Area * 3];
                Jpeg2000Decoder.Decode(tile, Jpeg2000Decoder.Colour.Rgb, rgb, size.Width * 3, library);
                decoded.Add(rgb);
            }

            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            pixels = decoded;
        }

        return best;
    }

    private static void Print(string name, double milliseconds, List<byte[]> tiles)
    {
        var pixels = tiles.Sum(t => Jpeg2000Decoder.ReadSize(t).Area);
        Console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{name}: {milliseconds / tiles.Count:0.00} ms a tile, {milliseconds / pixels * 1e6:0.0} ms a megapixel ({tiles.Count} tiles)"));
    }
}
