using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using HoverFast.Files;
using HoverFast.Slides.Png;
using SkiaSharp;

namespace HoverFast.Slides;

/// <summary>A plain picture's file (PNG, JPEG, BMP, GIF, WebP), decoded band by band so that large ones don't fill the memory.</summary>
internal sealed class PictureFile : IDisposable
{
    private const int BandBytes = 4 << 20;

    private readonly string _path;
    private SKCodec _codec;

    private PictureFile(string path, SKCodec codec, long length, bool isDeep)
    {
        _path = path;
        _codec = codec;
        Length = length;
        IsDeep = isDeep;
        Size = new PixelSize(codec.Info.Width, codec.Info.Height);
        Format = codec.EncodedFormat.ToString().ToUpperInvariant();
        Orientation = codec.EncodedOrigin;
        ByRows = codec.StartScanlineDecode(new SKImageInfo(Size.Width, Size.Height, SKColorType.Rgba8888, AlphaType)) == SKCodecResult.Success
            && codec.ScanlineOrder == SKCodecScanlineOrder.TopDown;
    }

    /// <summary>Pixels as they are stored, before any turning.</summary>
    public PixelSize Size { get; }

    /// <summary>Bytes of the file.</summary>
    public long Length { get; }

    /// <summary>The format in words, for example "PNG".</summary>
    public string Format { get; }

    /// <summary>How the picture is to be turned (EXIF).</summary>
    public SKEncodedOrigin Orientation { get; }

    /// <summary>Whether samples have 16 bits (and <see cref="ReadDeep"/> gives them).</summary>
    public bool IsDeep { get; }

    /// <summary>Whether the codec gives row after row; else it holds the whole picture.</summary>
    public bool ByRows { get; }

    /// <summary>Whether decoding takes little memory beside the pixels. A progressive JPEG gives rows, but holds the coefficients of all.</summary>
    public bool IsLean => ByRows && _codec.EncodedFormat != SKEncodedImageFormat.Jpeg;

    /// <summary>Whether every pixel is opaque.</summary>
    public bool IsOpaque => _codec.Info.AlphaType == SKAlphaType.Opaque;

    /// <summary>Whether values may differ from those that were stored: 0 may have become 3.</summary>
    public bool IsLossy => _codec.EncodedFormat is not (SKEncodedImageFormat.Png or SKEncodedImageFormat.Bmp or SKEncodedImageFormat.Gif);

    private SKAlphaType AlphaType => IsOpaque ? SKAlphaType.Opaque : SKAlphaType.Unpremul;

    /// <summary>Opens a file and reads its header.</summary>
    /// <exception cref="SlideException">The file is missing, empty or no picture.</exception>
    public static PictureFile Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            var (length, isDeep) = (0L, false);
            using (var file = RegularFile.OpenRead(path))
            {
                length = file.Length;
                if (length == 0)
                {
                    throw new SlideException(path, "the file is empty.");
                }

                isDeep = IsDeepPng(file);
            }

            return new PictureFile(path, MakeCodec(path), length, isDeep);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SlideException(path, RgbImageFile.Unreadable(e), e);
        }
    }

    /// <summary>Decodes the picture as R, G, B, A of 8 bits each (alpha straight), band after band.</summary>
    /// <param name="take">Is given the first row of a band, how many rows it has, and their bytes.</param>
    /// <param name="colours">The colours to bring the picture to; null keeps the stored values.</param>
    /// <exception cref="SlideException">The picture is cut short or damaged.</exception>
    public unsafe void Read(TakeRows take, SKColorSpace? colours = null)
    {
        const int Bytes = 4;
        var (width, height) = (Size.Width, Size.Height);
        var info = new SKImageInfo(width, height, SKColorType.Rgba8888, AlphaType, colours);
        _codec.Dispose();
        _codec = MakeCodec(_path);
        var byRows = _codec.StartScanlineDecode(info) == SKCodecResult.Success && _codec.ScanlineOrder == SKCodecScanlineOrder.TopDown;
        var band = byRows ? Math.Clamp(BandBytes / (width * Bytes), 1, height) : height;
        var length = checked(width * band * Bytes);
        var rows = byRows ? ArrayPool<byte>.Shared.Rent(length) : GC.AllocateUninitializedArray<byte>(length);
        try
        {
            fixed (byte* target = rows)
            {
                for (var y = 0; y < height; y += band)
                {
                    var count = Math.Min(band, height - y);
                    var whole = byRows
                        ? _codec.GetScanlines((nint)target, count, width * Bytes) == count
                        : _codec.GetPixels(info, (nint)target) == SKCodecResult.Success;
                    if (!whole)
                    {
                        throw new SlideException(_path, "the picture is cut short or damaged.");
                    }

                    take(y, count, rows.AsSpan(0, width * count * Bytes));
                }
            }
        }
        finally
        {
            if (byRows)
            {
                ArrayPool<byte>.Shared.Return(rows);
            }
        }
    }

    /// <summary>Decodes a picture with 16-bit samples, row after row.</summary>
    /// <param name="take">Is given the row and its samples, as many for each pixel as the file holds: gray, gray and alpha, R G B, or R G B A.</param>
    /// <exception cref="SlideException">The picture is cut short or damaged.</exception>
    public void ReadDeep(TakeDeepRow take)
    {
        try
        {
            using var file = RegularFile.OpenRead(_path);
            using var rows = PngRows.Open(file);
            var samples = new ushort[rows.Width * rows.Channels];
            for (var y = 0; y < rows.Height; y++)
            {
                BinaryPrimitives.ReverseEndianness(MemoryMarshal.Cast<byte, ushort>(rows.Read()), samples);
                take(y, samples);
            }
        }
        catch (InvalidDataException e)
        {
            throw new SlideException(_path, $"the picture is cut short or damaged. {e.Message}", e);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _codec.Dispose();

    private static SKCodec MakeCodec(string path)
    {
        var codec = SKCodec.Create(path, out var opened);
        return codec ?? throw new SlideException(path, opened == SKCodecResult.IncompleteInput
            ? "the picture is cut short."
            : "is no picture that can be read. PNG, JPEG, BMP, GIF, WebP, TIFF and whole-slide formats can.");
    }

    /// <summary>Whether a file is a PNG of 16 bits that can be read row by row.</summary>
    private static bool IsDeepPng(FileStream file)
    {
        try
        {
            using var rows = PngRows.Open(file);
            return rows.Bits == 16 && !rows.IsInterlaced;
        }
        catch (InvalidDataException)
        {
            // No PNG, or a damaged one: the codec says so.
            return false;
        }
    }

    /// <summary>Takes decoded rows.</summary>
    internal delegate void TakeRows(int firstRow, int rows, ReadOnlySpan<byte> pixels);

    /// <summary>Takes a row of 16-bit samples.</summary>
    internal delegate void TakeDeepRow(int row, ReadOnlySpan<ushort> samples);
}
