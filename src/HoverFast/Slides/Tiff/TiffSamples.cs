namespace HoverFast.Slides.Tiff;

/// <summary>How a page's pixels are stored: samples of a pixel, their bits, colours and alpha (TIFF 6.0, sections 3 to 8 and 18).</summary>
internal sealed class TiffSamples
{
    /// <summary>Reads the tags.</summary>
    /// <exception cref="InvalidDataException">They are damaged or contradict each other.</exception>
    /// <exception cref="NotSupportedException">The pixels are stored in a way that isn't known.</exception>
    public TiffSamples(TiffDirectory directory, TiffCompression compression)
    {
        Count = (int)Math.Clamp(directory.Number(TiffTag.SamplesPerPixel, 1), 0, 1000);
        var bits = directory.Numbers(TiffTag.BitsPerSample, 1000);
        Bits = bits.Length == 0 ? 1 : (int)Math.Min(bits[0], 1000);
        Photometric = (int)Math.Clamp(directory.Number(TiffTag.Photometric, Count >= 3 ? 2 : 1), 0, int.MaxValue);
        IsPlanar = directory.Number(TiffTag.PlanarConfiguration, 1) == 2 && Count > 1;
        IsPredicted = compression.TakesPredictor()
            && directory.Number(TiffTag.Predictor, 1) switch
            {
                1 => false,
                2 => true,
                var other => throw new NotSupportedException($"It uses predictor {other}; 1 and 2 are supported."),
            };
        Check(directory, compression, bits);
        IsYCbCr = Photometric == 6 || compression == TiffCompression.AperioJpeg2000YCbCr;
        (Alpha, IsPremultiplied) = FindAlpha(directory);
        if (Photometric == 3)
        {
            Palette = ReadPalette(directory);
        }
    }

    /// <summary>Samples of a pixel, 1 to 8.</summary>
    public int Count { get; }

    /// <summary>Bits of a sample as they are stored: 1, 8 or 16.</summary>
    public int Bits { get; }

    /// <summary>The tag of that name: 0 gray whose 0 is white, 1 gray, 2 RGB, 3 palette, 6 YCbCr.</summary>
    public int Photometric { get; }

    /// <summary>Whether each sample has a plane of its own.</summary>
    public bool IsPlanar { get; }

    /// <summary>Whether samples are stored as differences to the pixel before (section 14).</summary>
    public bool IsPredicted { get; }

    /// <summary>Whether three samples are YCbCr.</summary>
    public bool IsYCbCr { get; }

    /// <summary>Which sample is the alpha; -1 where none is.</summary>
    public int Alpha { get; }

    /// <summary>Whether colours are multiplied by the alpha.</summary>
    public bool IsPremultiplied { get; }

    /// <summary>256 RGB triples, where samples count in a palette.</summary>
    public byte[] Palette { get; } = [];

    /// <summary>Whether pixels are one shade of gray.</summary>
    public bool IsGray => Count == 1 && Photometric is 0 or 1;

    /// <summary>Samples of a pixel that are its colour; those after them are alpha or anything else.</summary>
    public int Colours => Photometric is 0 or 1 or 3 ? 1 : 3;

    /// <summary>Stored bytes of a pixel.</summary>
    public int PixelBytes => Math.Max(1, Count * Bits / 8);

    /// <summary>Stored bytes of a row, of one plane where there are several.</summary>
    public long RowBytes(int width) => (((long)width * (IsPlanar ? 1 : Count) * Bits) + 7) / 8;

    private void Check(TiffDirectory directory, TiffCompression compression, long[] bits)
    {
        if (Count is < 1 or > 8 || (IsPlanar && Count > 4))
        {
            throw new NotSupportedException($"It has {Count} samples a pixel; gray, palette, RGB and RGBA pictures are supported.");
        }

        var isJpeg2000 = compression.IsJpeg2000();
        var isBilevel = Bits == 1 && Count == 1 && Photometric is 0 or 1 && !IsPredicted;
        if ((Bits is not (8 or 16) && !isBilevel) || bits.Any(b => b != Bits))
        {
            throw new NotSupportedException($"It has {Bits} bits a sample; 8 and 16 are supported, and 1 in gray.");
        }

        if (directory.Number(TiffTag.SampleFormat, 1) is not (1 or 4))
        {
            throw new NotSupportedException("Its samples are signed or floating-point numbers; unsigned ones are supported.");
        }

        var supported = Photometric switch
        {
            0 or 1 => true,
            2 => Count >= 3,
            3 => Count == 1 && Bits == 8,
            6 => Count == 3 && (compression == TiffCompression.Jpeg || isJpeg2000),
            _ => false,
        };
        if (!supported)
        {
            throw new NotSupportedException(
                $"Its colours (photometric interpretation {Photometric}, {Count} samples) can't be read; gray, palette, RGB, RGBA and JPEG's YCbCr can.");
        }

        if (compression == TiffCompression.Jpeg && Bits != 8)
        {
            throw new NotSupportedException("It holds JPEG data with other than 8 bits.");
        }

        if (IsPlanar && isJpeg2000 && Bits != 8)
        {
            throw new NotSupportedException($"It holds JPEG 2000 data of {Bits} bits in separate planes; 8 are supported there.");
        }
    }

    private static byte[] ReadPalette(TiffDirectory directory)
    {
        var map = directory.Numbers(TiffTag.ColorMap, 3 << 8);
        if (map.Length < 3 << 8)
        {
            throw new InvalidDataException("Its palette is missing or too short.");
        }

        // Some writers store 8 bits where 16 are meant.
        var shift = map.Any(v => v > 255) ? 8 : 0;
        var palette = new byte[3 << 8];
        for (var i = 0; i < 256; i++)
        {
            for (var c = 0; c < 3; c++)
            {
                palette[(i * 3) + c] = (byte)(map[(c * 256) + i] >> shift);
            }
        }

        return palette;
    }

    /// <summary>
    /// Which sample is the alpha, and whether colours are multiplied by it (tag 338, TIFF 6.0 section 18). A fourth sample that isn't said to be alpha means
    /// nothing.
    /// </summary>
    private (int Sample, bool IsPremultiplied) FindAlpha(TiffDirectory directory)
    {
        const int Premultiplied = 1;
        const int Straight = 2;
        var extra = directory.Numbers(TiffTag.ExtraSamples, Count);
        var at = Array.FindIndex(extra, e => e is Premultiplied or Straight);
        var sample = at + Colours;
        return at < 0 || sample >= Count || Photometric == 3 ? (-1, false) : (sample, extra[at] == Premultiplied);
    }
}
