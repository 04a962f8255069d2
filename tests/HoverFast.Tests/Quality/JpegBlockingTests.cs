using HoverFast.Quality;
using HoverFast.Slides;
using HoverFast.Tests.Guards;
using SkiaSharp;
using Xunit;

namespace HoverFast.Tests.Quality;

/// <summary>Real tissue, as it is and compressed.</summary>
public sealed class JpegBlockingTests : IDisposable
{
    private readonly RgbImage _tissue = RgbImageFile.Read(LabelledTiles.Image("tnbc", "09_4"));
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void TheStrongerTheCompressionTheMoreBlocksStandOut()
    {
        double[] values = [Of(_tissue), .. new[] { 75, 50, 30, 20, 10, 5 }.Select(q => Of(Compressed(q)))];
        Assert.Equal(values.Order(), values);
        Assert.InRange(values[0], -0.1, 1);
        Assert.True(values[3] < JpegBlocking.Strong);
        Assert.True(values[5] > JpegBlocking.Strong);
    }

    /// <summary>A crop whose corner is no block's.</summary>
    [Fact]
    public void WhereBlocksBeginIsFoundOut()
    {
        var picture = Compressed(10);
        var crop = new RgbImage(picture.Width - 3, picture.Height - 6);
        for (var y = 0; y < crop.Height; y++)
        {
            picture.Row(y + 6).Slice(3 * 3, 3 * crop.Width).CopyTo(crop.Row(y));
        }

        Assert.Equal(Of(picture), Of(crop), 0.2);
    }

    [Fact]
    public void ValuesAreThoseOfAKnownPicture()
    {
        // Columns of 8 pixels, 30 apart, on a slope of one step a pixel; rows are all the same.
        var picture = new RgbImage(64, 64);
        for (var i = 0; i < 64 * 64; i++)
        {
            var x = i % 64;
            picture.Pixels.AsSpan(3 * i, 3).Fill((byte)(x + (x / 8 % 2 * 30)));
        }

        // Between blocks, steps of 31 and 29 in turn; 31 four times of seven.
        var edge = ((4 * 31) + (3 * 29)) / 7.0;
        Assert.Equal((edge - 1) / Math.Sqrt(2), Of(picture), 9);
        Assert.Null(new JpegBlocking().Value);

        // A soft picture: hardly a step but between blocks.
        for (var i = 0; i < 64 * 64; i++)
        {
            picture.Pixels.AsSpan(3 * i, 3).Fill((byte)(100 + (i % 64 / 8 % 2 * 2)));
        }

        Assert.Equal(2 / 0.1 * JpegBlocking.Strong / 6, Of(picture), 9);

        // Glass.
        picture.Span.Fill(240);
        var glass = new JpegBlocking();
        glass.Add(picture);
        Assert.Null(glass.Value);
    }

    private static double Of(RgbImage picture)
    {
        var blocking = new JpegBlocking();
        blocking.Add(picture);
        return blocking.Value!.Value;
    }

    /// <summary>Compresses a picture.</summary>
    internal static byte[] Jpeg(RgbImage picture, int quality)
    {
        using var bitmap = new SKBitmap(new SKImageInfo(picture.Width, picture.Height, SKColorType.Rgb888x, SKAlphaType.Opaque));
        var pixels = bitmap.GetPixelSpan();
        for (var i = 0; i < picture.Width * picture.Height; i++)
        {
            picture.Pixels.AsSpan(3 * i, 3).CopyTo(pixels[(4 * i)..]);
        }

        using var encoded = bitmap.Encode(SKEncodedImageFormat.Jpeg, quality);
        return encoded.ToArray();
    }

    private RgbImage Compressed(int quality)
    {
        var file = _folder.File($"{quality}.jpg");
        File.WriteAllBytes(file, Jpeg(_tissue, quality));
        return RgbImageFile.Read(file);
    }
}
