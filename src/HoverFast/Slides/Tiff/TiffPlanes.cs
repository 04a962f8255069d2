using System.Buffers;

namespace HoverFast.Slides.Tiff;

/// <summary>Red, green and blue in three pages of one shade each, as OME-TIFF and ImageJ store them, as one level.</summary>
internal sealed class TiffPlanes : ITileSource
{
    private readonly IReadOnlyList<TiffImage> _planes;

    /// <summary>Puts three pages together.</summary>
    /// <exception cref="NotSupportedException">They differ in size or layout.</exception>
    public TiffPlanes(IReadOnlyList<TiffImage> planes)
    {
        _planes = planes;
        if (planes.Count != 3 || planes.Any(p => !p.IsGray || p.Size != planes[0].Size || p.TileSize != planes[0].TileSize || p.Bits != planes[0].Bits))
        {
            throw new NotSupportedException("Its channels differ in size or layout; save them as one RGB picture.");
        }
    }

    /// <summary>The pages.</summary>
    public IReadOnlyList<TiffImage> Planes => _planes;

    /// <inheritdoc/>
    public PixelSize Size => _planes[0].Size;

    /// <inheritdoc/>
    public PixelSize TileSize => _planes[0].TileSize;

    /// <inheritdoc/>
    public IReadOnlyList<int> Reductions => _planes[0].Reductions;

    /// <inheritdoc/>
    public bool Holds(int column, int row) => _planes[0].Holds(column, row);

    /// <inheritdoc/>
    public bool Decode(int column, int row, int reduction, Span<byte> rgb)
    {
        var gray = ArrayPool<byte>.Shared.Rent(rgb.Length);
        try
        {
            var any = false;
            for (var c = 0; c < _planes.Count; c++)
            {
                var plane = gray.AsSpan(0, rgb.Length);
                if (_planes[c].Decode(column, row, reduction, plane))
                {
                    any = true;
                }
                else
                {
                    plane.Fill(255);
                }

                for (var i = c; i < rgb.Length; i += 3)
                {
                    rgb[i] = plane[i];
                }
            }

            return any;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(gray);
        }
    }
}
