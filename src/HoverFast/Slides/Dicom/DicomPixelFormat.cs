using HoverFast.Slides.Jpeg;
using HoverFast.Slides.Jpeg2000;

namespace HoverFast.Slides.Dicom;

/// <summary>How the frames of an instance are stored, and decodes them. Thread safe.</summary>
internal sealed class DicomPixelFormat
{
    private readonly Encoding _encoding;
    private readonly PixelSize _size;
    private readonly bool _isPlanar;
    private readonly bool _isInverted;
    private readonly string _photometric;

    /// <summary>Reads the format.</summary>
    /// <param name="elements">The instance's.</param>
    /// <param name="size">Pixels of a frame.</param>
    /// <exception cref="NotSupportedException">It isn't known.</exception>
    public DicomPixelFormat(DicomDataSet elements, PixelSize size)
    {
        ArgumentNullException.ThrowIfNull(elements);
        _size = size;
        TransferSyntax = elements.Text(DicomTag.TransferSyntax);
        _encoding = TransferSyntax switch
        {
            DicomTransferSyntax.ExplicitLittleEndian or DicomTransferSyntax.ImplicitLittleEndian => Encoding.None,
            DicomTransferSyntax.JpegBaseline => Encoding.Jpeg,
            DicomTransferSyntax.Jpeg2000Lossless or DicomTransferSyntax.Jpeg2000 => Encoding.Jpeg2000,
            _ => throw new NotSupportedException(
                $"Its transfer syntax {DicomTransferSyntax.Describe(TransferSyntax)} isn't supported; uncompressed, JPEG baseline and JPEG 2000 are. Convert it with a DICOM tool."),
        };
        Samples = (int)(elements.Integer(DicomTag.SamplesPerPixel) ?? 1);
        _photometric = elements.Text(DicomTag.Photometric);
        _isInverted = _photometric == "MONOCHROME1";
        _isPlanar = elements.Integer(DicomTag.PlanarConfiguration) == 1;
        var bits = elements.Integer(DicomTag.BitsAllocated) ?? 8;
        if (bits != 8
            || (elements.Integer(DicomTag.BitsStored) ?? bits) != bits
            || elements.Integer(DicomTag.PixelRepresentation) == 1
            || Samples is not (1 or 3))
        {
            throw new NotSupportedException("It isn't gray or RGB with 8 bits a sample.");
        }

        if (_photometric == "PALETTE COLOR")
        {
            throw new NotSupportedException("Its colours come from a palette, which isn't supported.");
        }

        if (_encoding == Encoding.None && _photometric is not ("RGB" or "MONOCHROME1" or "MONOCHROME2" or "" or Full or Halved))
        {
            throw new NotSupportedException($"Its colours are uncompressed {_photometric}, which isn't supported.");
        }
    }

    private const string Full = "YBR_FULL";
    private const string Halved = "YBR_FULL_422";

    private enum Encoding
    {
        None,
        Jpeg,
        Jpeg2000,
    }

    /// <summary>Samples of a pixel: 1 or 3.</summary>
    public int Samples { get; }

    /// <summary>How frames are compressed.</summary>
    public string TransferSyntax { get; }

    /// <summary>The powers of two by which frames can be shrunk while decoding.</summary>
    public IReadOnlyList<int> Reductions => _encoding == Encoding.Jpeg
        ? [.. JpegDecoder.Reductions.Where(r => _size.Width % r == 0 && _size.Height % r == 0)]
        : [1];

    /// <summary>Whether frames are JPEG pictures in colour, right as they are.</summary>
    public bool IsColourJpeg => _encoding == Encoding.Jpeg && Samples == 3 && !_isInverted;

    /// <summary>A frame as a JPEG file of its own, which says of its colours what the tags say; null where it is of another size.</summary>
    public byte[]? JpegOf(ReadOnlySpan<byte> data)
    {
        using var merged = new PooledBytes(JpegStream.MergedLength(0, data.Length));
        var stream = Merge(data, merged.Memory.Span);
        return JpegStream.ReadFrame(stream) == (_size.Width, _size.Height, 3) ? stream.ToArray() : null;
    }

    /// <summary>Decodes a frame to RGB.</summary>
    /// <exception cref="InvalidDataException">It is damaged.</exception>
    public void Decode(ReadOnlySpan<byte> data, int reduction, Span<byte> rgb)
    {
        switch (_encoding)
        {
            case Encoding.Jpeg:
                DecodeJpeg(data, reduction, rgb);
                break;
            case Encoding.Jpeg2000:
                if (Jpeg2000Decoder.ReadSize(data) != _size)
                {
                    throw new InvalidDataException("The JPEG 2000 data has another size than the tile.");
                }

                // The stream says itself whether its components are mixed (YBR_RCT, YBR_ICT): the tag only matters where they aren't.
                var colour =
                    _photometric.StartsWith("YBR", StringComparison.Ordinal) && _photometric != "YBR_RCT"
                        ? Jpeg2000Decoder.Colour.YCbCr
                        : Jpeg2000Decoder.Colour.Rgb;
                Jpeg2000Decoder.Decode(data, colour, rgb, _size.Width * 3);
                break;
            default:
                CopyRaw(data, rgb);
                break;
        }

        if (_isInverted)
        {
            foreach (ref var sample in rgb)
            {
                sample = (byte)(255 - sample);
            }
        }
    }

    /// <summary>What the stream says of its colours counts, where it says anything: tags lie more often than streams do.</summary>
    private Span<byte> Merge(ReadOnlySpan<byte> data, Span<byte> stream)
    {
        var stated = JpegStream.StatedColour([], data);
        var colour = stated != JpegStream.Colour.Unsaid ? stated
            : _photometric.StartsWith("YBR", StringComparison.Ordinal) ? JpegStream.Colour.YCbCr
            : JpegStream.Colour.Rgb;
        return stream[..JpegStream.Merge([], data, colour, stream)];
    }

    private void DecodeJpeg(ReadOnlySpan<byte> data, int reduction, Span<byte> rgb)
    {
        using var merged = new PooledBytes(JpegStream.MergedLength(0, data.Length));
        var stream = Merge(data, merged.Memory.Span);
        var (width, height, _) = JpegStream.ReadFrame(stream);
        if (new PixelSize(width, height) != _size)
        {
            throw new InvalidDataException("The JPEG data has another size than the tile.");
        }

        JpegDecoder.Best.Decode(stream, width, height, reduction, rgb, (width + reduction - 1) / reduction * 3);
    }

    private void CopyRaw(ReadOnlySpan<byte> data, Span<byte> rgb)
    {
        var pixels = (int)_size.Area;
        var needed = _photometric == Halved ? (long)pixels * 2 : (long)pixels * Samples;
        if (data.Length < needed)
        {
            throw new InvalidDataException($"The frame holds {data.Length} bytes where {needed} are needed.");
        }

        if (_photometric == Halved)
        {
            // Two pixels, then the Cb and Cr that they share (PS3.3 C.7.6.3.1.2).
            for (int i = 0, o = 0; o + 5 < pixels * 3; i += 4, o += 6)
            {
                (rgb[o], rgb[o + 1], rgb[o + 2]) = (data[i], data[i + 2], data[i + 3]);
                (rgb[o + 3], rgb[o + 4], rgb[o + 5]) = (data[i + 1], data[i + 2], data[i + 3]);
            }
        }
        else if (Samples == 3 && !_isPlanar)
        {
            data[..(pixels * 3)].CopyTo(rgb);
        }
        else
        {
            for (int i = 0, o = 0; i < pixels; i++, o += 3)
            {
                for (var c = 0; c < 3; c++)
                {
                    rgb[o + c] = data[Samples == 1 ? i : (c * pixels) + i];
                }
            }
        }

        if (Samples == 3 && _photometric is Full or Halved)
        {
            Jpeg2000Decoder.YCbCrToRgb(rgb[..(pixels * 3)]);
        }
    }
}
