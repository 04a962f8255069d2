using HoverFast.Files;
using HoverFast.Slides;
using SkiaSharp;

namespace HoverFast.Synthetic;

/// <summary>
/// Writes whole slides of any size for tests and benchmarks: a pyramid of JPEG tiles with islands of tissue on white glass. The tissue of an
/// island is a piece that repeats without a seam, so that a slide of 100,000 x 80,000 pixels takes seconds while reading it costs what a real one costs.
/// </summary>
public sealed class SyntheticSlide
{
    private const int Tile = 256;
    private const int DrawnPiece = 4 * Tile;
    private static readonly int[] _downsamples = [1, 4, 16];

    private readonly SyntheticSlideOptions _options;
    private readonly List<Piece> _pieces;
    private readonly byte[] _islands;
    private readonly int _columns;
    private readonly int _rows;

    private SyntheticSlide(SyntheticSlideOptions options, List<Piece> pieces)
    {
        _options = options;
        _pieces = pieces;
        _columns = (options.Size.Width + Tile - 1) / Tile;
        _rows = (options.Size.Height + Tile - 1) / Tile;
        _islands = PlaceIslands();
    }

    /// <summary>How many of the full-resolution tiles hold tissue.</summary>
    public int TissueTiles => _islands.Count(i => i > 0);

    /// <summary>
    /// The nuclei that lie wholly in tissue, in full-resolution pixels, row by row of pieces; none where the tissue is made of real pictures. Those that the
    /// edge of an island cuts are left out.
    /// </summary>
    internal IEnumerable<DrawnNucleus> Nuclei
    {
        get
        {
            for (var y = 0; y < _options.Size.Height; y += DrawnPiece)
            {
                for (var x = 0; x < _options.Size.Width; x += DrawnPiece)
                {
                    for (var p = 0; p < _pieces.Count; p++)
                    {
                        foreach (var nucleus in _pieces[p].Nuclei)
                        {
                            var moved = nucleus with { X = nucleus.X + x, Y = nucleus.Y + y };
                            if (IsWhole(moved, p + 1))
                            {
                                yield return moved;
                            }
                        }
                    }
                }
            }
        }
    }

    /// <summary>Writes a slide (whole or not at all).</summary>
    /// <param name="path">The file, usually X.svs or X.ome.tiff.</param>
    /// <param name="options">What it shall look like.</param>
    /// <returns>The slide's contents, for comparison.</returns>
    public static SyntheticSlide Write(string path, SyntheticSlideOptions options)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(options);
        var slide = new SyntheticSlide(options, MakePieces(options));
        PartialFile.Write(path, slide.WriteTo);
        return slide;
    }

    /// <summary>Writes the file's bytes from the stream's position on.</summary>
    /// <param name="file">Seekable. Classic TIFF is written only where the largest possible file fits in 4 GB.</param>
    private void WriteTo(Stream file)
    {
        var mostBytes = _options.ShareTiles ? 0 : TissueTiles * (long)Tile * Tile;
        var writer = new PyramidTiffWriter(file, _options.BigTiff || _options.Format == SyntheticFormat.OmeTiff || mostBytes > 2_000_000_000);
        var isAperio = _options.Format == SyntheticFormat.Svs;
        for (var level = 0; level < _downsamples.Length; level++)
        {
            WriteLevel(writer, level, isAperio);
            if (isAperio && level == 0)
            {
                WriteThumbnail(writer);
            }
        }

        writer.Finish(nested: !isAperio);
    }

    private static List<Piece> MakePieces(SyntheticSlideOptions options)
    {
        if (options.RealTiles is { } folder)
        {
            return RealPieces(folder, options);
        }

        var mpp = options.Mpp ?? new Mpp(0.25);
        var pieces = new List<Piece>();
        for (var i = 0; i < options.Pieces; i++)
        {
            var tissue = DrawnTissue.Draw(DrawnPiece, DrawnPiece, mpp, (options.Seed * 1000) + i, endless: true);
            pieces.Add(new Piece(tissue.Image, tissue.Nuclei));
        }

        return pieces;
    }

    private static List<Piece> RealPieces(string folder, SyntheticSlideOptions options)
    {
        var files = Directory.Exists(folder)
            ? Directory
                .GetFiles(folder)
                .Where(f => Path.GetExtension(f).ToUpperInvariant() is ".PNG" or ".JPG" or ".JPEG")
                .Order(StringComparer.Ordinal)
                .ToArray()
            : [];
        if (files.Length == 0)
        {
            throw new SlideException(folder, "the folder holds no PNG or JPEG pictures to build tissue of.");
        }

        var random = new SeededRandom((ulong)options.Seed + 77);
        var pieces = new List<Piece>();
        for (var i = 0; i < options.Pieces; i++)
        {
            var picture = RgbImageFile.Read(files[(int)((long)i * files.Length / options.Pieces) % files.Length]);
            pieces.Add(new Piece(Vary(Mirror(picture, files[0]), ref random), []));
        }

        return pieces;
    }

    /// <summary>Lays a picture beside its mirror images, so that it repeats without a seam.</summary>
    private static RgbImage Mirror(RgbImage picture, string path)
    {
        var half = Math.Min(picture.Width, picture.Height) / (Tile / 2) * (Tile / 2);
        if (half == 0)
        {
            throw new SlideException(path, $"a picture to build tissue of must have at least {Tile / 2} x {Tile / 2} pixels.");
        }

        var mirrored = new RgbImage(2 * half, 2 * half);
        for (var y = 0; y < 2 * half; y++)
        {
            var from = picture.Row(y < half ? y : (2 * half) - 1 - y);
            var to = mirrored.Row(y);
            for (var x = 0; x < 2 * half; x++)
            {
                from.Slice((x < half ? x : (2 * half) - 1 - x) * 3, 3).CopyTo(to[(x * 3)..]);
            }
        }

        return mirrored;
    }

    /// <summary>Makes the stain a little weaker or stronger, each channel by itself.</summary>
    private static RgbImage Vary(RgbImage picture, ref SeededRandom random)
    {
        Span<byte> table = stackalloc byte[256];
        for (var c = 0; c < 3; c++)
        {
            var strength = random.Between(0.85f, 1.15f);
            for (var v = 0; v < 256; v++)
            {
                table[v] = (byte)MathF.Round(255 * MathF.Pow(v / 255f, strength));
            }

            for (var i = c; i < picture.Span.Length; i += 3)
            {
                picture.Pixels[i] = table[picture.Pixels[i]];
            }
        }

        return picture;
    }

    /// <summary>Scatters ellipses until they cover the wanted part. 0 is glass, n the piece n - 1.</summary>
    private byte[] PlaceIslands()
    {
        var islands = new byte[_columns * _rows];
        var wanted = (long)Math.Round(Math.Clamp(_options.TissueFraction, 0, 1) * islands.Length);
        if (wanted == islands.Length)
        {
            Array.Fill(islands, (byte)1);
            return islands;
        }

        var random = new SeededRandom((ulong)_options.Seed * 31);
        long covered = 0;
        for (var n = 0; covered < wanted; n++)
        {
            var radius = MathF.Sqrt(wanted / MathF.PI) * random.Between(0.25f, 0.6f) / (1 + (n * 0.05f));
            var (rx, ry) = (MathF.Max(0.6f, radius * random.Between(0.7f, 1.4f)), MathF.Max(0.6f, radius));
            var (cx, cy) = (random.Between(0, _columns), random.Between(0, _rows));
            var piece = (byte)(1 + (n % _pieces.Count));
            for (var y = Math.Max(0, (int)(cy - ry)); y < Math.Min(_rows, cy + ry) && covered < wanted; y++)
            {
                for (var x = Math.Max(0, (int)(cx - rx)); x < Math.Min(_columns, cx + rx) && covered < wanted; x++)
                {
                    var (dx, dy) = ((x + 0.5f - cx) / rx, (y + 0.5f - cy) / ry);
                    if ((dx * dx) + (dy * dy) <= 1 && islands[(y * _columns) + x] == 0)
                    {
                        islands[(y * _columns) + x] = piece;
                        covered++;
                    }
                }
            }
        }

        return islands;
    }

    private bool IsWhole(DrawnNucleus nucleus, int island)
    {
        var reach = (nucleus.MajorRadius * 1.15) + 2;
        var (left, top) = ((int)Math.Floor(nucleus.X - reach), (int)Math.Floor(nucleus.Y - reach));
        var (right, bottom) = ((int)Math.Ceiling(nucleus.X + reach), (int)Math.Ceiling(nucleus.Y + reach));
        if (left < 0 || top < 0 || right > _options.Size.Width || bottom > _options.Size.Height)
        {
            return false;
        }

        for (var row = top / Tile; row <= (bottom - 1) / Tile; row++)
        {
            for (var column = left / Tile; column <= (right - 1) / Tile; column++)
            {
                if (_islands[(row * _columns) + column] != island)
                {
                    return false;
                }
            }
        }

        return true;
    }

    private void WriteLevel(PyramidTiffWriter writer, int level, bool isAperio)
    {
        var downsample = _downsamples[level];
        var size = new PixelSize(Math.Max(1, _options.Size.Width / downsample), Math.Max(1, _options.Size.Height / downsample));
        var page = writer.BeginPage(size, new PixelSize(Tile, Tile), Description(level, size), tiled: true, reduced: !isAperio && level > 0);
        var columns = (size.Width + Tile - 1) / Tile;
        var encoded = new Dictionary<TileKey, byte[]>();
        var places = new Dictionary<TileKey, (long Offset, long Length)>();
        var image = new RgbImage(Tile, Tile);

        // A reader doubts a large slide of few bytes: tiles are stored again until it has enough.
        var (least, end) = (ReadingLimits.LeastBytes(size, 3), 0L);
        for (var i = 0; i < page.Offsets.Length; i++)
        {
            var key = KeyOf(i % columns, i / columns, downsample);
            if (places.TryGetValue(key, out var place) && (_options.ShareTiles || key.IsWhite) && end >= least)
            {
                page.Put(i, place);
                continue;
            }

            if (!encoded.TryGetValue(key, out var jpeg))
            {
                Paint(key, downsample, image);
                jpeg = EncodeJpeg(image, _options.JpegQuality);

                // Coarse tiles hardly repeat where islands end: only what repeats is kept.
                if (downsample == 1 || key.IsUniform)
                {
                    encoded[key] = jpeg;
                }
            }

            place = writer.WriteTile(jpeg);
            end = place.Offset + place.Length;
            places[key] = place;
            page.Put(i, place);
        }
    }

    private void WriteThumbnail(PyramidTiffWriter writer)
    {
        // Aperio's second page: one strip, not part of the pyramid. Each full-resolution tile is a dot of its mean colour.
        var size = new PixelSize(Math.Min(_columns, 2000), Math.Min(_rows, 2000));
        var image = new RgbImage(size.Width, size.Height);
        for (var y = 0; y < size.Height; y++)
        {
            for (var x = 0; x < size.Width; x++)
            {
                var island = _islands[(y * _columns) + x];
                (island == 0 ? [255, 255, 255] : _pieces[island - 1].Mean).CopyTo(image.Row(y)[(x * 3)..]);
            }
        }

        var description = $"Aperio Image Library v12.0.16 \r\n{_options.Size.Width}x{_options.Size.Height} -> {size.Width}x{size.Height} - ";
        var page = writer.BeginPage(size, size, description, tiled: false, reduced: false);
        page.Put(0, writer.WriteTile(EncodeJpeg(image, _options.JpegQuality)));
    }

    private string? Description(int level, PixelSize size)
    {
        var full = _options.Size;
        if (_options.Format == SyntheticFormat.Svs)
        {
            var head = "Aperio Image Library v12.0.16 \r\n" + $"{full.Width}x{full.Height} [0,0 {full.Width}x{full.Height}] ({Tile}x{Tile})";
            var scale = _options.Mpp is { } mpp ? FormattableString.Invariant($"|AppMag = {10 / mpp.MicronsPerPixel:0.##}|MPP = {mpp.MicronsPerPixel:0.0000}") : string.Empty;
            return level == 0
                ? $"{head} JPEG/YCC Q={_options.JpegQuality}{scale}"
                : $"{head} -> {size.Width}x{size.Height} JPEG/YCC Q={_options.JpegQuality}";
        }

        if (level > 0)
        {
            return null;
        }

        var physical = _options.Mpp is { } m
            ? FormattableString.Invariant(
                $" PhysicalSizeX=\"{m.MicronsPerPixel}\" PhysicalSizeY=\"{m.MicronsPerPixel}\" PhysicalSizeXUnit=\"µm\" PhysicalSizeYUnit=\"µm\"")
            : string.Empty;
        return "<?xml version=\"1.0\" encoding=\"UTF-8\"?><OME xmlns=\"http://www.openmicroscopy.org/Schemas/OME/2016-06\"><Image ID=\"Image:0\">"
            + $"<Pixels ID=\"Pixels:0\" DimensionOrder=\"XYCZT\" Type=\"uint8\" SizeX=\"{full.Width}\" SizeY=\"{full.Height}\" SizeC=\"3\" SizeZ=\"1\" SizeT=\"1\"{physical}>"
            + "<Channel ID=\"Channel:0:0\" SamplesPerPixel=\"3\"/><TiffData IFD=\"0\" PlaneCount=\"1\"/></Pixels></Image></OME>";
    }

    /// <summary>What a tile shows: for each full-resolution tile under it, the island and the place in its piece.</summary>
    private TileKey KeyOf(int column, int row, int downsample)
    {
        var parts = new int[downsample * downsample];
        for (var i = 0; i < parts.Length; i++)
        {
            var (c, r) = ((column * downsample) + (i % downsample), (row * downsample) + (i / downsample));
            var island = c < _columns && r < _rows ? _islands[(r * _columns) + c] : 0;
            if (island > 0)
            {
                var tiles = _pieces[island - 1].Tiles;
                parts[i] = 1 + ((((island - 1) * 64) + (r % tiles)) * 64) + (c % tiles);
            }
        }

        return new TileKey(parts);
    }

    private void Paint(TileKey key, int downsample, RgbImage image)
    {
        image.Span.Fill(255);
        var side = Tile / downsample;
        for (var i = 0; i < key.Parts.Length; i++)
        {
            if (key.Parts[i] == 0)
            {
                continue;
            }

            var part = key.Parts[i] - 1;
            var piece = _pieces[part / 4096].At(downsample);
            var (fromX, fromY) = (part % 64 * side, part / 64 % 64 * side);
            var (toX, toY) = (i % downsample * side, i / downsample * side);
            for (var y = 0; y < side; y++)
            {
                piece.Row(fromY + y).Slice(fromX * 3, side * 3).CopyTo(image.Row(toY + y)[(toX * 3)..]);
            }
        }
    }

    private static byte[] EncodeJpeg(RgbImage image, int quality)
    {
        using var bitmap = new SKBitmap(new SKImageInfo(image.Width, image.Height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        RgbaToRgb.Expand(image.Span, bitmap);
        using var pixmap = bitmap.PeekPixels();
        using var data = pixmap.Encode(new SKJpegEncoderOptions(quality, SKJpegEncoderDownsample.Downsample420, SKJpegEncoderAlphaOption.Ignore))
            ?? throw new InvalidOperationException("Skia can't encode JPEG.");
        return data.ToArray();
    }

    /// <summary>A piece of tissue that repeats without a seam.</summary>
    private sealed class Piece
    {
        private readonly Dictionary<int, RgbImage> _smaller = [];

        public Piece(RgbImage image, IReadOnlyList<DrawnNucleus> nuclei)
        {
            Nuclei = nuclei;
            foreach (var downsample in _downsamples)
            {
                _smaller[downsample] = downsample == 1 ? image : Shrink(image, downsample);
            }

            var mean = Shrink(image, image.Width);
            Mean = mean.Span.ToArray();
        }

        public IReadOnlyList<DrawnNucleus> Nuclei { get; }

        /// <summary>Tiles in a row and in a column.</summary>
        public int Tiles => _smaller[1].Width / Tile;

        public byte[] Mean { get; }

        public RgbImage At(int downsample) => _smaller[downsample];

        private static RgbImage Shrink(RgbImage image, int factor)
        {
            var small = new RgbImage(image.Width / factor, image.Height / factor);
            for (var o = 0; o < small.Span.Length; o++)
            {
                var (c, x, y) = (o % 3, o / 3 % small.Width * factor, o / 3 / small.Width * factor);
                long sum = 0;
                for (var j = 0; j < factor; j++)
                {
                    var row = image.Row(y + j);
                    for (var i = 0; i < factor; i++)
                    {
                        sum += row[((x + i) * 3) + c];
                    }
                }

                small.Pixels[o] = (byte)(sum / ((long)factor * factor));
            }

            return small;
        }
    }

    private readonly struct TileKey(int[] parts) : IEquatable<TileKey>
    {
        public int[] Parts { get; } = parts;

        public bool IsWhite => !Parts.AsSpan().ContainsAnyExcept(0);

        /// <summary>Whether it shows one island alone (or glass alone).</summary>
        public bool IsUniform
        {
            get
            {
                var first = (Parts[0] + 4095) / 4096;
                return Parts.All(p => (p + 4095) / 4096 == first);
            }
        }

        public bool Equals(TileKey other) => Parts.AsSpan().SequenceEqual(other.Parts);

        public override bool Equals(object? obj) => obj is TileKey other && Equals(other);

        public override int GetHashCode()
        {
            var hash = default(HashCode);
            hash.AddBytes(System.Runtime.InteropServices.MemoryMarshal.AsBytes(Parts.AsSpan()));
            return hash.ToHashCode();
        }
    }
}
