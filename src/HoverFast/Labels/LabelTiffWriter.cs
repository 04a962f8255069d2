using System.Buffers.Binary;
using System.IO.Compression;
using System.Runtime.InteropServices;
using HoverFast.Slides;
using HoverFast.Slides.Tiff;

namespace HoverFast.Labels;

/// <summary>
/// Writes a tiled, deflated TIFF of 32-bit labels (BigTIFF where the plain form could not address it), tile by tile in any order. Tiles
/// that are never written are background and share one place in the file.
/// </summary>
internal sealed class LabelTiffWriter
{
    /// <summary>Pixels on a side of a tile.</summary>
    public const int TileSide = 256;

    private const long LargestPlainLabels = 1L << 30;

    private readonly Stream _file;
    private readonly TiffWriter _tiff;
    private readonly PixelSize _size;
    private readonly Mpp? _mpp;
    private readonly long[] _offsets;
    private readonly long[] _lengths;

    /// <summary>Begins a file.</summary>
    /// <param name="file">Empty and seekable; stays open. It must be readable for <see cref="Read"/>.</param>
    /// <param name="size">Pixels of the image.</param>
    /// <param name="mpp">Pixel size, for the resolution tags; null leaves them out.</param>
    public LabelTiffWriter(Stream file, PixelSize size, Mpp? mpp)
    {
        _file = file;
        _size = size;
        _mpp = mpp;
        Columns = (size.Width + TileSide - 1) / TileSide;
        Rows = (size.Height + TileSide - 1) / TileSide;
        _offsets = new long[Columns * Rows];
        _lengths = new long[Columns * Rows];

        // Deflate makes labels at least a little smaller, and rewritten tiles cost at most as much again: far below 4 GB.
        _tiff = new TiffWriter(file, size.Area * sizeof(int) > LargestPlainLabels);
    }

    /// <summary>Tiles side by side.</summary>
    public int Columns { get; }

    /// <summary>Tiles one above the other.</summary>
    public int Rows { get; }

    /// <summary>Whether a tile was written.</summary>
    public bool Has(int index) => _lengths[index] > 0;

    /// <summary>Writes a tile, at the end of the file; an earlier version of it is forgotten.</summary>
    /// <param name="index">Row of tiles x <see cref="Columns"/> + column.</param>
    /// <param name="labels">The whole square tile, row-major; what lies outside the image is 0.</param>
    public void Write(int index, ReadOnlySpan<int> labels)
    {
        _file.Seek(0, SeekOrigin.End);
        (_offsets[index], _lengths[index]) = Append(labels);
    }

    /// <summary>Reads a tile back that was written.</summary>
    public void Read(int index, Span<int> labels)
    {
        _file.Position = _offsets[index];
        var packed = new byte[_lengths[index]];
        _file.ReadExactly(packed);
        using var zlib = new ZLibStream(new MemoryStream(packed), CompressionMode.Decompress);
        zlib.ReadExactly(MemoryMarshal.AsBytes(labels));
        Swap(labels);
    }

    /// <summary>Writes the directory: the file is whole.</summary>
    public void Finish()
    {
        _file.Seek(0, SeekOrigin.End);
        if (_lengths.Contains(0))
        {
            var blank = Append(new int[TileSide * TileSide]);
            for (var i = 0; i < _offsets.Length; i++)
            {
                if (_lengths[i] == 0)
                {
                    (_offsets[i], _lengths[i]) = blank;
                }
            }
        }

        WriteDirectory();
    }

    private static void Swap(Span<int> labels)
    {
        if (!BitConverter.IsLittleEndian)
        {
            BinaryPrimitives.ReverseEndianness(labels, labels);
        }
    }

    private (long Offset, long Length) Append(ReadOnlySpan<int> labels)
    {
        var little = labels;
        if (!BitConverter.IsLittleEndian)
        {
            var swapped = labels.ToArray();
            Swap(swapped);
            little = swapped;
        }

        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            zlib.Write(MemoryMarshal.AsBytes(little));
        }

        return _tiff.Append(packed.GetBuffer().AsSpan(0, (int)packed.Length));
    }

    private void WriteDirectory()
    {
        const ushort Centimetre = 3;
        List<TiffField> fields =
        [
            TiffField.Long(TiffTag.ImageWidth, _size.Width),
            TiffField.Long(TiffTag.ImageLength, _size.Height),
            TiffField.Short(TiffTag.BitsPerSample, 32),
            TiffField.Short(TiffTag.Compression, (ushort)TiffCompression.AdobeDeflate),
            TiffField.Short(TiffTag.Photometric, 1),
            TiffField.Short(TiffTag.SamplesPerPixel, 1),
            TiffField.Long(TiffTag.TileWidth, TileSide),
            TiffField.Long(TiffTag.TileLength, TileSide),
            _tiff.Pointers(TiffTag.TileOffsets, _offsets),
            _tiff.Pointers(TiffTag.TileByteCounts, _lengths),
            TiffField.Short(TiffTag.SampleFormat, 1),
        ];
        if (_mpp is { } mpp)
        {
            var perCentimetre = 1e4 / mpp.MicronsPerPixel;
            fields.Add(TiffField.Thousandths(TiffTag.XResolution, perCentimetre));
            fields.Add(TiffField.Thousandths(TiffTag.YResolution, perCentimetre));
            fields.Add(TiffField.Short(TiffTag.ResolutionUnit, Centimetre));
        }

        _tiff.Link(_tiff.FirstLink, _tiff.WriteDirectory(fields, out _));
    }
}
