using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using HoverFast.Slides;
using Xunit;

namespace HoverFast.Tests.Slides;

/// <summary>
/// Our pixels against those of tifffile, Pillow and libvips, on files that these write: every two of byte order, BigTIFF, tiles or strips, planes, predictor,
/// compression, bits, palette, alpha and orientation meet in one of them. Another set of files: HOVERFAST_REFERENCE_SEED=7.
/// </summary>
public sealed class ReferenceReadersTests : IDisposable
{
    private const string Python = "/usr/bin/python3";

    private static readonly string[][] _tiffFactors =
    [
        ["tifffile", "pillow", "vips"],
        ["<", ">"],
        ["classic", "big"],
        ["tiles", "strips"],
        ["together", "planes"],
        ["no predictor", "predictor"],
        ["none", "deflate", "lzw", "packbits", "zstd", "jpeg", "jpeg420", "jp2k"],
        ["8", "16"],
        ["rgb", "gray", "palette", "rgba", "rgba-premultiplied"],
    ];

    private static readonly string[][] _pictureFactors =
    [
        ["PNG", "JPEG", "WEBP", "BMP", "GIF"],
        ["rgb", "gray", "palette", "rgba"],
        ["1", "2", "3", "4", "5", "6", "7", "8"],
    ];

    private readonly TemporaryFolder _folder = new();

    private static int Seed =>
        int.TryParse(Environment.GetEnvironmentVariable("HOVERFAST_REFERENCE_SEED"), CultureInfo.InvariantCulture, out var seed) ? seed : 1;

    [Fact]
    public async Task TiffsAreReadAsOthersReadThem()
    {
        var cases = PairwiseDesign.Choose(_tiffFactors, IsPossibleTiff, Seed);
        Assert.InRange(cases.Count, 25, 200);
        await Write(
            cases.ConvertAll(c =>
                (object)
                    new
                    {
                        Tool = c[0],
                        Order = c[1],
                        Big = c[2] == "big",
                        Layout = c[3],
                        Planar = c[4] == "planes",
                        Predictor = c[5] == "predictor",
                        Compression = c[6],
                        Bits = int.Parse(c[7], CultureInfo.InvariantCulture),
                        Kind = c[8],
                    }));
        for (var n = 0; n < cases.Count; n++)
        {
            // Premultiplied colours lose up to a level before they are laid over white; JPEG rounds where YCbCr becomes RGB.
            var isLossy = cases[n][6].StartsWith('j');
            AssertSame(n, $"{n}.tif", string.Join(", ", cases[n]), cases[n][8] == "rgba-premultiplied" ? 2 : isLossy ? 3 : 0);
        }
    }

    [Fact]
    public async Task PlainPicturesAreReadAsOthersReadThem()
    {
        var cases = PairwiseDesign.Choose(_pictureFactors, IsPossiblePicture, Seed);
        await Write(cases.ConvertAll(c => (object)new { Format = c[0], Kind = c[1], Orientation = int.Parse(c[2], CultureInfo.InvariantCulture) }));
        for (var n = 0; n < cases.Count; n++)
        {
            AssertSame(n, $"{n}.dat", string.Join(", ", cases[n]), cases[n][0] == "JPEG" ? 3 : 0);
        }
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>What the three programs can write.</summary>
    private static bool IsPossibleTiff(string[] c)
    {
        var (tool, order, big, layout, planes, predictor, compression, bits, kind) = (
            c[0],
            c[1],
            c[2] == "big",
            c[3],
            c[4] == "planes",
            c[5] == "predictor",
            c[6],
            c[7],
            c[8]);
        var (isAlpha, isLossy) = (kind.StartsWith("rgba", StringComparison.Ordinal), compression.StartsWith('j'));
        if ((planes && (tool != "tifffile" || kind is "gray" or "palette"))
            || (predictor && compression is not ("deflate" or "lzw" or "zstd"))
            || (kind == "palette" && (bits == "16" || predictor)))
        {
            return false;
        }

        return tool switch
        {
            "tifffile" => compression is "none" or "deflate",
            "pillow" => order == "<"
                && !big
                && layout == "strips"
                && !predictor
                && compression is not "jp2k" and not "jpeg420"
                && kind != "rgba-premultiplied"
                && (bits == "8" || (kind == "gray" && !isLossy))
                && (!isLossy || kind is "rgb" or "gray"),
            _ => order == "<"
                && kind != "palette"
                && (!isLossy || (bits == "8" && !isAlpha && (kind == "rgb" || compression == "jpeg")))
                && (compression != "jp2k" || layout == "tiles"),
        };
    }

    private static bool IsPossiblePicture(string[] c) => c[0] switch
    {
        "PNG" => c[2] == "1",
        "JPEG" => c[1] is "rgb" or "gray",
        "WEBP" => c[1] is "rgb" or "rgba",
        "BMP" => c[1] is "rgb" or "gray" or "palette" && c[2] == "1",
        _ => c[1] is "gray" or "palette" && c[2] == "1",
    };

    private async Task Write(IReadOnlyList<object> cases)
    {
        Assert.SkipUnless(
            File.Exists(Python) && await Run(Python, "-c", "import numpy, PIL, tifffile") == 0,
            "needs python3 with numpy, Pillow and tifffile (on Debian: apt-get install python3-numpy python3-pil python3-tifffile)");
        Assert.SkipUnless(await Run("/usr/bin/env", "vips", "--version") == 0, "needs libvips' program vips (on Debian: apt-get install libvips-tools)");
        var script = _folder.File("reference.py");
        using (var source = typeof(ReferenceReadersTests).Assembly.GetManifestResourceStream("reference.py")!)
        using (var file = File.Create(script))
        {
            await source.CopyToAsync(file, TestContext.Current.CancellationToken);
        }

        await File.WriteAllTextAsync(_folder.File("cases.json"), JsonSerializer.Serialize(cases), TestContext.Current.CancellationToken);
        Assert.Equal(0, await Run(Python, script, _folder.Path, _folder.File("cases.json")));
    }

    private void AssertSame(int number, string file, string what, int most)
    {
        using var slide = Slide.Open(_folder.File(file));
        var read = TestPicture.ReadLevel(slide);
        var expected = File.ReadAllBytes(_folder.File($"{number}.rgb"));
        Assert.True(expected.Length == read.Span.Length, $"{what}: {read.Size} pixels where {expected.Length / 3} are expected");
        var (largest, at) = (0, 0);
        for (var i = 0; i < expected.Length; i++)
        {
            if (Math.Abs(expected[i] - read.Span[i]) > largest)
            {
                (largest, at) = (Math.Abs(expected[i] - read.Span[i]), i);
            }
        }

        Assert.True(
            largest <= most,
            $"{what}: off by {largest} at {at / 3 % read.Width}, {at / 3 / read.Width}, channel {at % 3}; {most} allowed (seed {Seed})");
    }

    private static async Task<int> Run(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(
                new ProcessStartInfo(program, arguments)
                {
                    RedirectStandardError = true,
                    RedirectStandardOutput = true,
                    UseShellExecute = false,
                }
            )!;
            var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            TestContext.Current.TestOutputHelper?.WriteLine(await error);
            return process.ExitCode;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return -1;
        }
    }
}
