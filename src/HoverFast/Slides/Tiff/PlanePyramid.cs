using System.Buffers.Binary;
using System.IO.Compression;
using System.Runtime.InteropServices;

namespace HoverFast.Slides.Tiff;

/// <summary>
/// Writes one plane of numbers into a TIFF: deflated tiles of full resolution in any order, smaller levels as SubIFDs. Tiles that never come are zero and
/// share one place in the file.
/// </summary>
/// <typeparam name="T">The numbers: 32-bit labels, or bytes.</typeparam>
internal sealed class PlanePyramid<T>
    where T : unmanaged
{
    private const int Side = PlaneLevel.TileSide;

    private readonly Stream _file;
    private readonly TiffWriter _tiff;
    private readonly Func<T, T, T, T, T> _shrink;
    private readonly List<PlaneLevel> _levels = [];

    /// <summary>Begins a plane.</summary>
    /// <param name="file">Where the writer writes; seekable and readable.</param>
    /// <param name="tiff">The writer.</param>
    /// <param name="size">Pixels of the plane.</param>
    /// <param name="shrink">Makes a pixel of a smaller level from four: upper left, upper right, lower left, lower right. Four zeros give zero.</param>
    public PlanePyramid(Stream file, TiffWriter tiff, PixelSize size, Func<T, T, T, T, T> shrink)
    {
        (_file, _tiff, _shrink) = (file, tiff, shrink);
        for (var level = new PlaneLevel(size); level is not null; level = level.Next())
        {
            _levels.Add(level);
        }
    }

    /// <summary>The level of full resolution.</summary>
    public PlaneLevel Full => _levels[0];

    /// <summary>Writes a tile of full resolution, at the end of the file; an earlier version of it is forgotten.</summary>
    /// <param name="index">Row of tiles x <see cref="PlaneLevel.Columns"/> + column.</param>
    /// <param name="tile">The whole square tile, row-major; what lies outside the plane is zero.</param>
    public void Write(int index, ReadOnlySpan<T> tile) => Write(Full, index, tile);

    /// <summary>Reads a tile of full resolution back; false where none was written.</summary>
    public bool TryRead(int index, Span<T> tile) => TryRead(Full, index, tile);

    /// <summary>Makes the smaller levels, and gives all tiles that never came their place.</summary>
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
                    (level.Offsets[i], level.Lengths[i]) = blank ??= Append(new T[Side * Side]);
                }
            }
        }
    }

    /// <summary>Writes the directories of all levels, once the plane is finished.</summary>
    /// <param name="sampleFormat">TIFF's number for what the values are: 1 without sign, 2 with sign.</param>
    /// <param name="more">Further fields of full resolution.</param>
    /// <param name="link">Where the place of the next directory can be noted.</param>
    /// <returns>Where the directory of full resolution lies.</returns>
    public long WriteDirectories(ushort sampleFormat, IEnumerable<TiffField> more, out long link)
    {
        var smaller = _levels
            .Skip(1)
            .Select(level => _tiff.WriteDirectory([.. Fields(level, sampleFormat), TiffField.Long(TiffTag.NewSubfileType, 1)], out _))
            .ToArray();
        return _tiff.WriteDirectory(
            [.. Fields(Full, sampleFormat), .. more, .. smaller.Length > 0 ? [_tiff.Pointers(TiffTag.SubIfds, smaller)] : Array.Empty<TiffField>()],
            out link);
    }

    private static void Swap(Span<T> values)
    {
        if (!BitConverter.IsLittleEndian && typeof(T) == typeof(int))
        {
            var numbers = MemoryMarshal.Cast<T, int>(values);
            BinaryPrimitives.ReverseEndianness(numbers, numbers);
        }
    }

    private void Write(PlaneLevel level, int index, ReadOnlySpan<T> tile)
    {
        _file.Seek(0, SeekOrigin.End);
        (level.Offsets[index], level.Lengths[index]) = Append(tile);
    }

    private bool TryRead(PlaneLevel level, int index, Span<T> tile)
    {
        if (level.Lengths[index] == 0)
        {
            return false;
        }

        _file.Position = level.Offsets[index];
        var packed = new byte[level.Lengths[index]];
        _file.ReadExactly(packed);
        using var zlib = new ZLibStream(new MemoryStream(packed), CompressionMode.Decompress);
        zlib.ReadExactly(MemoryMarshal.AsBytes(tile));
        Swap(tile);
        return true;
    }

    /// <summary>Makes a level from the one before, each tile from four, so that memory stays the same.</summary>
    private void Shrink(PlaneLevel from, PlaneLevel to)
    {
        const int Half = Side / 2;
        var larger = new T[Side * Side];
        var tile = new T[Side * Side];
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

                // At the plane's edge its last column and row stand for those beyond.
                var (right, bottom) = (from.Size.Width - 1 - (fromColumn * Side), from.Size.Height - 1 - (fromRow * Side));
                for (var y = 0; y < Half; y++)
                {
                    var target = tile.AsSpan((((part / 2 * Half) + y) * Side) + (part % 2 * Half), Half);
                    var upper = larger.AsSpan(2 * y * Side, Side);
                    var lower = larger.AsSpan(((2 * y) + (2 * y < bottom ? 1 : 0)) * Side, Side);
                    for (var x = 0; x < Half; x++)
                    {
                        var next = (2 * x) + (2 * x < right ? 1 : 0);
                        target[x] = _shrink(upper[2 * x], upper[next], lower[2 * x], lower[next]);
                    }
                }
            }

            if (!isBlank)
            {
                Write(to, i, tile);
            }
        }
    }

    private (long Offset, long Length) Append(ReadOnlySpan<T> tile)
    {
        var little = tile;
        if (!BitConverter.IsLittleEndian)
        {
            var swapped = tile.ToArray();
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

    private unsafe IEnumerable<TiffField> Fields(PlaneLevel level, ushort sampleFormat) =>
    [
        TiffField.Long(TiffTag.ImageWidth, level.Size.Width),
        TiffField.Long(TiffTag.ImageLength, level.Size.Height),
        TiffField.Short(TiffTag.BitsPerSample, (ushort)(8 * sizeof(T))),
        TiffField.Short(TiffTag.Compression, (ushort)TiffCompression.AdobeDeflate),
        TiffField.Short(TiffTag.Photometric, 1),
        TiffField.Short(TiffTag.SamplesPerPixel, 1),
        TiffField.Long(TiffTag.TileWidth, Side),
        TiffField.Long(TiffTag.TileLength, Side),
        _tiff.Pointers(TiffTag.TileOffsets, level.Offsets),
        _tiff.Pointers(TiffTag.TileByteCounts, level.Lengths),
        TiffField.Short(TiffTag.SampleFormat, sampleFormat),
    ];
}
