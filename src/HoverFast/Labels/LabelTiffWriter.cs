using System.Buffers.Binary;
using System.Globalization;
using System.IO.Compression;
using System.Runtime.InteropServices;
using HoverFast.Slides;
using HoverFast.Slides.Tiff;

namespace HoverFast.Labels;

/// <summary>
/// Writes labels as OME-TIFF: tiled, deflated 32-bit numbers with a sign (QuPath reads no other whole numbers of 32 bits), smaller levels as SubIFDs, BigTIFF
/// where the plain form could not address it. Tiles of full resolution come in any order; those that never come are background and share one place in the
/// file. Smaller levels take every second pixel of the level before: labels can't be averaged.
/// </summary>
internal sealed class LabelTiffWriter
{
    private const int Side = LabelTiffLevel.TileSide;

    private const long LargestPlainLabels = 1L << 30;

    private readonly Stream _file;
    private readonly TiffWriter _tiff;
    private readonly Mpp? _mpp;
    private readonly List<LabelTiffLevel> _levels = [];

    /// <summary>Begins a file.</summary>
    /// <param name="file">Empty, seekable and readable; stays open.</param>
    /// <param name="size">Pixels of the image.</param>
    /// <param name="mpp">Pixel size, for OME's description and the resolution tags; null leaves them out.</param>
    public LabelTiffWriter(Stream file, PixelSize size, Mpp? mpp)
    {
        _file = file;
        _mpp = mpp;
        for (var level = new LabelTiffLevel(size); level is not null; level = level.Next())
        {
            _levels.Add(level);
        }

        // Deflate makes labels at least a little smaller, smaller levels add a third, and rewritten tiles cost at most as much again: far below 4 GB.
        _tiff = new TiffWriter(file, size.Area * sizeof(int) > LargestPlainLabels);
    }

    /// <summary>The level of full resolution.</summary>
    public LabelTiffLevel Full => _levels[0];

    /// <summary>Writes a tile of full resolution, at the end of the file; an earlier version of it is forgotten.</summary>
    /// <param name="index">Row of tiles x <see cref="LabelTiffLevel.Columns"/> + column.</param>
    /// <param name="labels">The whole square tile, row-major; what lies outside the image is 0.</param>
    public void Write(int index, ReadOnlySpan<int> labels) => Write(Full, index, labels);

    /// <summary>Reads a tile of full resolution back; false where none was written.</summary>
    public bool TryRead(int index, Span<int> labels) => TryRead(Full, index, labels);

    /// <summary>Writes the smaller levels and the directories: the file is whole.</summary>
    public void Finish()
    {
        for (var i = 1; i < _levels.Count; i++)
        {
            Shrink(_levels[i - 1], _levels[i]);
        }

        _file.Seek(0, SeekOrigin.End);
        (long Offset, long Length)? blank = null;
        foreach (var level in _levels)
        {
            for (var i = 0; i < level.Offsets.Length; i++)
            {
                if (level.Lengths[i] == 0)
                {
                    (level.Offsets[i], level.Lengths[i]) = blank ??= Append(new int[Side * Side]);
                }
            }
        }

        var smaller = _levels.Skip(1).Select(level => _tiff.WriteDirectory([.. Fields(level), TiffField.Long(TiffTag.NewSubfileType, 1)], out _)).ToArray();
        List<TiffField> fields = [.. Fields(Full), TiffField.Text(TiffTag.ImageDescription, Description())];
        if (smaller.Length > 0)
        {
            fields.Add(_tiff.Pointers(TiffTag.SubIfds, smaller));
        }

        if (_mpp is { } mpp)
        {
            const ushort Centimetre = 3;
            var perCentimetre = 1e4 / mpp.MicronsPerPixel;
            fields.Add(TiffField.Thousandths(TiffTag.XResolution, perCentimetre));
            fields.Add(TiffField.Thousandths(TiffTag.YResolution, perCentimetre));
            fields.Add(TiffField.Short(TiffTag.ResolutionUnit, Centimetre));
        }

        _tiff.Link(_tiff.FirstLink, _tiff.WriteDirectory(fields, out _));
    }

    private static void Swap(Span<int> labels)
    {
        if (!BitConverter.IsLittleEndian)
        {
            BinaryPrimitives.ReverseEndianness(labels, labels);
        }
    }

    private void Write(LabelTiffLevel level, int index, ReadOnlySpan<int> labels)
    {
        _file.Seek(0, SeekOrigin.End);
        (level.Offsets[index], level.Lengths[index]) = Append(labels);
    }

    private bool TryRead(LabelTiffLevel level, int index, Span<int> labels)
    {
        if (level.Lengths[index] == 0)
        {
            return false;
        }

        _file.Position = level.Offsets[index];
        var packed = new byte[level.Lengths[index]];
        _file.ReadExactly(packed);
        using var zlib = new ZLibStream(new MemoryStream(packed), CompressionMode.Decompress);
        zlib.ReadExactly(MemoryMarshal.AsBytes(labels));
        Swap(labels);
        return true;
    }

    /// <summary>Makes a level from the one before, each tile from four, so that memory stays the same.</summary>
    private void Shrink(LabelTiffLevel from, LabelTiffLevel to)
    {
        const int Half = Side / 2;
        var larger = new int[Side * Side];
        var tile = new int[Side * Side];
        for (var i = 0; i < to.Offsets.Length; i++)
        {
            var (row, column) = Math.DivRem(i, to.Columns);
            Array.Clear(tile);
            var isBlank = true;
            for (var part = 0; part < 4; part++)
            {
                var (fromRow, fromColumn) = ((2 * row) + (part / 2), (2 * column) + (part % 2));
                if (fromRow >= from.Rows || fromColumn >= from.Columns || !TryRead(from, (fromRow * from.Columns) + fromColumn, larger))
                {
                    continue;
                }

                isBlank = false;
                for (var y = 0; y < Half; y++)
                {
                    var target = tile.AsSpan((((part / 2 * Half) + y) * Side) + (part % 2 * Half), Half);
                    for (var x = 0; x < Half; x++)
                    {
                        target[x] = larger[(2 * y * Side) + (2 * x)];
                    }
                }
            }

            if (!isBlank)
            {
                Write(to, i, tile);
            }
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

    private IEnumerable<TiffField> Fields(LabelTiffLevel level)
    {
        const ushort WithSign = 2;
        return
        [
            TiffField.Long(TiffTag.ImageWidth, level.Size.Width),
            TiffField.Long(TiffTag.ImageLength, level.Size.Height),
            TiffField.Short(TiffTag.BitsPerSample, 32),
            TiffField.Short(TiffTag.Compression, (ushort)TiffCompression.AdobeDeflate),
            TiffField.Short(TiffTag.Photometric, 1),
            TiffField.Short(TiffTag.SamplesPerPixel, 1),
            TiffField.Long(TiffTag.TileWidth, Side),
            TiffField.Long(TiffTag.TileLength, Side),
            _tiff.Pointers(TiffTag.TileOffsets, level.Offsets),
            _tiff.Pointers(TiffTag.TileByteCounts, level.Lengths),
            TiffField.Short(TiffTag.SampleFormat, WithSign),
        ];
    }

    /// <summary>OME-XML of one plane of labels; sizes of pixels are in um, OME's default.</summary>
    private string Description()
    {
        const string Schema = "http://www.openmicroscopy.org/Schemas/OME/2016-06";
        var size = _mpp is { } mpp
            ? string.Create(CultureInfo.InvariantCulture, $" PhysicalSizeX=\"{mpp.MicronsPerPixel:R}\" PhysicalSizeY=\"{mpp.MicronsPerPixel:R}\"")
            : "";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"""
            <?xml version="1.0" encoding="UTF-8"?><OME xmlns="{Schema}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="{Schema} {Schema}/ome.xsd" Creator="HoverFast for .NET"><Image ID="Image:0" Name="Nuclei"><Pixels ID="Pixels:0" DimensionOrder="XYCZT" Type="int32" SizeX="{Full.Size.Width}" SizeY="{Full.Size.Height}" SizeC="1" SizeZ="1" SizeT="1" BigEndian="false"{size}><Channel ID="Channel:0:0" SamplesPerPixel="1"/><TiffData IFD="0" PlaneCount="1"/></Pixels></Image></OME>
            """);
    }
}
