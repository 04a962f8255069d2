using HoverFast.Labels;
using HoverFast.Model;
using HoverFast.Slides;
using HoverFast.Training.Data;
using HoverFast.Training.Optimisation;

namespace HoverFast.Training.Tests;

/// <summary>Small drawn data: dark discs on a pink ground.</summary>
internal static class Drawn
{
    public static StudentArchitecture TinyNetwork { get; } =
        new()
        {
            Stem = 2,
            Widths = [16, 32],
            EncoderConvolutions = [1, 2],
            DecoderConvolutions = [1],
            Residual = true,
        };

    public static LabelledImage Discs(int side, int seed) => Discs(side, seed, (90, 60, 150));

    /// <summary>Discs of any colour.</summary>
    public static LabelledImage Discs(int side, int seed, (byte R, byte G, byte B) colour) => Discs(side, seed, colour, (230, 170, 200));

    /// <summary>Discs of any colour on any ground.</summary>
    /// <param name="side">Pixels on a side.</param>
    /// <param name="seed">Where the discs lie.</param>
    /// <param name="colour">Their colour.</param>
    /// <param name="ground">The colour around them.</param>
    /// <param name="every">Colour of every other disc; null for the same.</param>
    public static LabelledImage Discs(
        int side,
        int seed,
        (byte R, byte G, byte B) colour,
        (byte R, byte G, byte B) ground,
        (byte R, byte G, byte B)? every = null)
    {
        var random = new Random(seed);
        var image = new RgbImage(side, side);
        var labels = new LabelImage(side, side);
        for (var i = 0; i < side * side; i++)
        {
            (image.Pixels[i * 3], image.Pixels[(i * 3) + 1], image.Pixels[(i * 3) + 2]) = ground;
        }

        for (var n = 1; n <= side / 10; n++)
        {
            var (cx, cy, r) = (random.Next(side), random.Next(side), random.Next(6, 12));
            for (var y = Math.Max(0, cy - r); y < Math.Min(side, cy + r); y++)
            {
                for (var x = Math.Max(0, cx - r); x < Math.Min(side, cx + r); x++)
                {
                    var at = (y * side) + x;
                    if (((x - cx) * (x - cx)) + ((y - cy) * (y - cy)) < r * r)
                    {
                        labels.Labels[at] = n;
                        (image.Pixels[at * 3], image.Pixels[(at * 3) + 1], image.Pixels[(at * 3) + 2]) = n % 2 == 0 ? every ?? colour : colour;
                    }
                }
            }
        }

        return new LabelledImage($"discs_{seed}", image, labels, new Mpp(0.25));
    }

    /// <summary>Writes a data set.</summary>
    public static void Write(string folder, params IEnumerable<LabelledImage> images)
    {
        Directory.CreateDirectory(Path.Combine(folder, "images"));
        Directory.CreateDirectory(Path.Combine(folder, "labels"));
        foreach (var image in images)
        {
            RgbImageFile.WritePng(Path.Combine(folder, "images", $"{image.Name}.png"), image.Image);
            LabelImageFile.WritePng(Path.Combine(folder, "labels", $"{image.Name}.png"), image.Labels);
        }
    }

    /// <summary>Writes a data set of two images and a configuration that trains on it.</summary>
    public static string Run(string folder, int steps)
    {
        Write(Path.Combine(folder, "data"), Discs(160, 1), Discs(160, 2));
        Write(Path.Combine(folder, "held"), Discs(160, 3), Discs(160, 4));
        var set = new DataSetConfiguration
        {
            Name = "drawn",
            Folder = "data",
            Mpp = 0.25,
        };
        var run = new TrainingConfiguration
        {
            Name = "tiny",
            Network = TinyNetwork,
            Train = [set],
            Validate = [set with { Folder = "held" }],
            Steps = steps,
            Batch = 2,
            CropSize = 64,
            ValidateEvery = 4,
            WarmUp = 2,
            Threads = 1,
        };
        var path = Path.Combine(folder, "run.json");
        File.WriteAllText(path, run.ToJson());
        return path;
    }
}
