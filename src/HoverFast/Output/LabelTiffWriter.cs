using System.Buffers.Binary;
using System.IO.Compression;
using System.Runtime.InteropServices;
using HoverFast.Slides;
using HoverFast.Slides.Tiff;

namespace HoverFast.Output;

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
    private readonly PixelSize _size;
    private readonly Mpp? _mpp;
    private readonly bool _big;
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

        // Deflate makes labels at least a little smaller, and rewritten tiles cost at most as much again: far below 4 GB.
        _big = size.Area * sizeof(int) > LargestPlainLabels;
        Columns = (size.Width + TileSide - 1) / TileSide;
        Rows = (size.Height + TileSide - 1) / TileSide;
        _offsets = new long[Columns * Rows];
        _lengths = new long[Columns * Rows];
        file.Write(_big ? [(byte)'I', (byte)'I', 43, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0] : [(byte)'I', (byte)'I', 42, 0, 0, 0, 0, 0]);
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

        var place = (_file.Position, packed.Length);
        if (packed.Length % 2 == 1)
        {
            // TIFF wants everything on even places.
            packed.WriteByte(0);
        }

        packed.WriteTo(_file);
        return place;
    }

    private void WriteDirectory()
    {
        const ushort Short = 3;
        const ushort Long = 4;
        const ushort Fraction = 5;
        var wide = _big ? (ushort)16 : Long;
        var entries = new List<(ushort Tag, ushort Type, int Count, byte[] Values)>
        {
            (TiffTag.ImageWidth, Long, 1, Four(_size.Width)),
            (TiffTag.ImageLength, Long, 1, Four(_size.Height)),
            (TiffTag.BitsPerSample, Short, 1, [32, 0]),
            (TiffTag.Compression, Short, 1, [(byte)TiffCompression.AdobeDeflate, 0]),
            (TiffTag.Photometric, Short, 1, [1, 0]),
            (TiffTag.SamplesPerPixel, Short, 1, [1, 0]),
        };
        if (_mpp is { } mpp)
        {
            // Pixels per centimetre, in thousandths.
            var perCentimetre = (uint)Math.Round(1e4 / mpp.MicronsPerPixel * 1000);
            byte[] fraction = [.. Four((int)perCentimetre), .. Four(1000)];
            entries.Add((TiffTag.XResolution, Fraction, 1, fraction));
            entries.Add((TiffTag.YResolution, Fraction, 1, fraction));
            entries.Add((TiffTag.ResolutionUnit, Short, 1, [3, 0]));
        }

        entries.Add((TiffTag.TileWidth, Long, 1, Four(TileSide)));
        entries.Add((TiffTag.TileLength, Long, 1, Four(TileSide)));
        entries.Add((TiffTag.TileOffsets, wide, _offsets.Length, Pointers(_offsets)));
        entries.Add((TiffTag.TileByteCounts, wide, _lengths.Length, Pointers(_lengths)));
        entries.Add((TiffTag.SampleFormat, Short, 1, [1, 0]));
        entries.Sort((a, b) => a.Tag.CompareTo(b.Tag));
        var pointer = _big ? 8 : 4;
        var slots = entries.ConvertAll(e =>
        {
            if (e.Values.Length <= pointer)
            {
                return (byte[])[.. e.Values, .. new byte[pointer - e.Values.Length]];
            }

            var at = _file.Position;
            _file.Write(e.Values);
            return Pointers([at]);
        });
        var directory = _file.Position;
        _file.Write(_big ? [(byte)entries.Count, 0, 0, 0, 0, 0, 0, 0] : [(byte)entries.Count, 0]);
        for (var i = 0; i < entries.Count; i++)
        {
            _file.Write([(byte)entries[i].Tag, (byte)(entries[i].Tag >> 8), (byte)entries[i].Type, 0]);
            _file.Write(Pointers([entries[i].Count]));
            _file.Write(slots[i]);
        }

        _file.Write(new byte[pointer]);
        _file.Position = _big ? 8 : 4;
        _file.Write(Pointers([directory]));
        _file.Seek(0, SeekOrigin.End);

        static byte[] Four(int value)
        {
            var bytes = new byte[4];
            BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
            return bytes;
        }

    }

    private byte[] Pointers(long[] values)
    {
        var bytes = new byte[values.Length * (_big ? 8 : 4)];
        for (var i = 0; i < values.Length; i++)
        {
            if (_big)
            {
                BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(i * 8), values[i]);
            }
            else
            {
                BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(i * 4), checked((uint)values[i]));
            }
        }

        return bytes;
    }
}
