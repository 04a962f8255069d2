using BenchmarkDotNet.Attributes;
using HoverFast.Model;
using HoverFast.Slides.Jpeg;
using SkiaSharp;

namespace HoverFast.Benchmarks;

/// <summary>A stored tile of 256 x 256 pixels (JPEG, quality 80): decoded whole, and at half its size as 0.25 um/px slides are read.</summary>
public class DecodeBenchmarks
{
    private const int Side = 256;
    private readonly byte[] _rgb = new byte[Side * Side * 3];
    private byte[] _jpeg = [];
    private JpegDecoder? _decoder;

    /// <summary>Names of the decoders that the machine has.</summary>
    public static IEnumerable<string> Decoders => TurboJpegDecoder.TryCreate() is null ? ["Skia"] : ["Skia", "libjpeg-turbo"];

    [ParamsSource(nameof(Decoders))]
    public string Decoder { get; set; } = "";

    [Params(1, 2)]
    public int Reduction { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        using var tissue = new BenchmarkTissue();
        using var model = NucleusModel.LoadBuiltIn();
        var tile = tissue.Tile(model);
        using var bitmap = new SKBitmap(Side, Side, SKColorType.Rgba8888, SKAlphaType.Opaque);
        for (var y = 0; y < Side; y++)
        {
            for (var x = 0; x < Side; x++)
            {
                var p = tile.Row(y).Slice(x * 3, 3);
                bitmap.SetPixel(x, y, new SKColor(p[0], p[1], p[2]));
            }
        }

        using var data = bitmap.Encode(SKEncodedImageFormat.Jpeg, 80);
        _jpeg = data.ToArray();
        _decoder = Decoder == "Skia" ? new SkiaJpegDecoder() : TurboJpegDecoder.TryCreate();
    }

    [Benchmark]
    public void Decode() => _decoder!.Decode(_jpeg, Side, Side, Reduction, _rgb, Side / Reduction * 3);
}
