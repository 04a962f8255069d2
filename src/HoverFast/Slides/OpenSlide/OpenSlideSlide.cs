using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace HoverFast.Slides.OpenSlide;

/// <summary>A slide read through OpenSlide: the formats that this program doesn't read by itself (NDPI, MRXS, SCN, BIF, VMS, VMU, SVSlide).</summary>
internal sealed unsafe class OpenSlideSlide : ISlide
{
    private const int UnknownTile = 512;

    private readonly OpenSlideLibrary _library;
    private readonly Lock _lock = new();

    /// <summary>What new readers are given; null after an error, until the next one comes.</summary>
    private Opened? _opened;
    private bool _isClosed;

    /// <summary>Whether the library takes the pixel before where a place lies between two of a level, as of Leica's; of other formats it mixes them.</summary>
    private readonly bool _takesPixelBefore;

    private OpenSlideSlide(string path, OpenSlideLibrary library)
    {
        Path = path;
        _library = library;
        _opened = Open();
        var count = library.LevelCount(Handle);
        if (count < 1)
        {
            throw Failed();
        }

        var levels = new SlideLevel[count];
        for (var i = 0; i < count; i++)
        {
            long width;
            long height;
            library.LevelDimensions(Handle, i, &width, &height);
            if (width is < 1 or > int.MaxValue || height is < 1 or > int.MaxValue)
            {
                Dispose();
                throw new SlideException(path, $"OpenSlide states an absurd size for level {i}: {width} x {height}.");
            }

            var tile = new PixelSize(
                (int)(Number($"openslide.level[{i}].tile-width") ?? UnknownTile),
                (int)(Number($"openslide.level[{i}].tile-height") ?? UnknownTile));
            levels[i] = new SlideLevel(i, new PixelSize((int)width, (int)height), Math.Max(1, library.LevelDownsample(Handle, i)), tile);
        }

        Levels = levels;
        _takesPixelBefore = Text("openslide.vendor") == "leica";
        Format = $"{Text("openslide.vendor") ?? "slide"} (OpenSlide)";
        Calibration =
            Number("openslide.mpp-x") is { } mpp && Mpp.IsPossible(mpp)
                ? new SlideCalibration(new Mpp(mpp), "openslide.mpp-x")
                {
                    Height = Number("openslide.mpp-y") is { } mppY && mppY != mpp && Mpp.IsPossible(mppY) ? new Mpp(mppY) : null,
                }
                : null;
        Details = new SlideDetails
        {
            Scanner = Text("openslide.vendor") is { } vendor
                ? $"{vendor} {Text("tiff.Model") ?? Text("hamamatsu.Product") ?? Text("mirax.GENERAL.SLIDE_TYPE")}".Trim()
                : null,
            Magnification = Number("openslide.objective-power"),
            Associated = AssociatedPictures(),
        };
        var whole = new PixelRect(0, 0, levels[0].Size.Width, levels[0].Size.Height);
        Bounds = Number("openslide.bounds-x") is { } x && Number("openslide.bounds-y") is { } y
            && Number("openslide.bounds-width") is { } w && Number("openslide.bounds-height") is { } h
            ? new PixelRect((int)x, (int)y, (int)w, (int)h).Intersect(whole)
            : whole;
    }

    /// <inheritdoc/>
    public string Path { get; }

    /// <inheritdoc/>
    public string Format { get; }

    /// <inheritdoc/>
    public IReadOnlyList<SlideLevel> Levels { get; }

    /// <inheritdoc/>
    public SlideCalibration? Calibration { get; }

    /// <inheritdoc/>
    public PixelRect Bounds { get; }

    /// <inheritdoc/>
    public SlideDetails Details { get; }

    /// <summary>Handles of the library that are open: one at most, but for those of errors that others are still reading through.</summary>
    public int Handles { get; private set; }

    /// <summary>Opens a slide.</summary>
    /// <param name="path">The file.</param>
    /// <param name="kind">The format in words, for the message.</param>
    /// <param name="library">The library, or null where it isn't installed.</param>
    /// <exception cref="SlideException">The library is missing (the message says how to install it) or can't open the file.</exception>
    public static OpenSlideSlide Open(string path, string kind, OpenSlideLibrary? library) => library is null
        ? throw new SlideException(path, $"{kind} slides are read through OpenSlide, which this machine doesn't have. {OpenSlideLibrary.HowToInstall}")
        : new OpenSlideSlide(path, library);

    /// <inheritdoc/>
    public IReadOnlyList<int> ReductionsOf(int level) => [1];

    /// <inheritdoc/>
    public void Read(int level, int reduction, PixelRect region, RgbImage destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        ArgumentOutOfRangeException.ThrowIfNotEqual(reduction, 1);
        RegionCopy.Check(region, destination);
        var (size, downsample) = (Levels[level].Size, Levels[level].Downsample);
        var inside = region.Intersect(new PixelRect(0, 0, size.Width, size.Height));
        if (inside != region)
        {
            destination.Span.Fill(255);
        }

        if (inside.Width <= 0 || inside.Height <= 0)
        {
            return;
        }

        var length = checked(inside.Width * inside.Height);
        var pixels = ArrayPool<uint>.Shared.Rent(length);
        var opened = Take();
        try
        {
            fixed (uint* target = pixels)
            {
                _library.ReadRegion(
                    opened.Handle,
                    target,
                    StartOf(inside.X, downsample),
                    StartOf(inside.Y, downsample),
                    level,
                    inside.Width,
                    inside.Height);
            }

            if (_library.Error(opened.Handle) is var error && error is not null)
            {
                Abandon(opened);
                var place = new PixelRect(
                    (int)(inside.X * downsample),
                    (int)(inside.Y * downsample),
                    (int)Math.Ceiling(inside.Width * downsample),
                    (int)Math.Ceiling(inside.Height * downsample));
                throw new SlideException(Path, $"a region of level {level} can't be read: {Marshal.PtrToStringUTF8((nint)error)}.") { Region = place };
            }

            for (var row = 0; row < inside.Height; row++)
            {
                OverWhite(
                    pixels.AsSpan(row * inside.Width, inside.Width),
                    destination.Row(inside.Y - region.Y + row)[((inside.X - region.X) * 3)..]);
            }
        }
        finally
        {
            GiveBack(opened);
            ArrayPool<uint>.Shared.Return(pixels);
        }
    }

    /// <summary>Reads a picture beside the slide, such as its label.</summary>
    /// <param name="picture">As <see cref="SlideDetails.Associated"/> lists it, with its size.</param>
    /// <exception cref="SlideException">OpenSlide can't read it.</exception>
    public RgbImage ReadAssociated(AssociatedPicture picture)
    {
        var size = picture.Size ?? throw new ArgumentException($"{picture.Name} has no size.", nameof(picture));
        if (size.Area > RgbImageFile.MostPixels)
        {
            throw new SlideException(Path, $"its picture {picture.Name} is too large to show ({size} pixels).");
        }

        var pixels = new uint[size.Area];
        var opened = Take();
        try
        {
            fixed (uint* target = pixels)
            fixed (byte* name = Encoding.UTF8.GetBytes(picture.Name + "\0"))
            {
                _library.ReadAssociated(opened.Handle, name, target);
            }

            if (_library.Error(opened.Handle) is var error && error is not null)
            {
                Abandon(opened);
                throw new SlideException(Path, $"its picture {picture.Name} can't be read: {Marshal.PtrToStringUTF8((nint)error)}.");
            }
        }
        finally
        {
            GiveBack(opened);
        }

        var image = new RgbImage(size.Width, size.Height);
        OverWhite(pixels, image.Span);
        return image;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            _isClosed = true;
            var opened = _opened;
            _opened = null;
            if (opened is { Readers: 0 })
            {
                Close(opened);
            }
        }
    }

    /// <summary>Lays premultiplied ARGB over white; what lies outside of the scan is transparent.</summary>
    internal static void OverWhite(ReadOnlySpan<uint> argb, Span<byte> rgb)
    {
        for (int i = 0, o = 0; i < argb.Length; i++, o += 3)
        {
            var pixel = argb[i];
            var white = 255 - (pixel >> 24);
            rgb[o] = (byte)Math.Min(255, ((pixel >> 16) & 0xFF) + white);
            rgb[o + 1] = (byte)Math.Min(255, ((pixel >> 8) & 0xFF) + white);
            rgb[o + 2] = (byte)Math.Min(255, (pixel & 0xFF) + white);
        }
    }

    /// <summary>Where in level 0 a column or row of a level begins that is smaller by a factor which may be no whole number.</summary>
    private long StartOf(int place, double downsample)
    {
        if (!_takesPixelBefore)
        {
            return (long)Math.Round(place * downsample);
        }

        var start = (long)Math.Ceiling(place * downsample);
        return start / downsample < place ? start + 1 : start;
    }

    private List<AssociatedPicture> AssociatedPictures()
    {
        var pictures = new List<AssociatedPicture>();
        for (var names = _library.AssociatedNames(Handle); names is not null && *names is not null; names++)
        {
            long width;
            long height;
            _library.AssociatedSize(Handle, *names, &width, &height);
            pictures.Add(
                new AssociatedPicture(
                    Marshal.PtrToStringUTF8((nint)(*names)) ?? "?",
                    width is > 0 and < int.MaxValue && height is > 0 and < int.MaxValue ? new PixelSize((int)width, (int)height) : null));
        }

        return pictures;
    }

    /// <summary>The library's handle, while the slide is being opened.</summary>
    private nint Handle => _opened!.Handle;

    private Opened Open()
    {
        nint handle;
        fixed (byte* name = Encoding.UTF8.GetBytes(Path + "\0"))
        {
            handle = _library.Open(name);
        }

        if (handle == 0)
        {
            throw new SlideException(Path, "OpenSlide doesn't know this file's format.");
        }

        if (_library.Error(handle) is var error && error is not null)
        {
            var message = Marshal.PtrToStringUTF8((nint)error);
            _library.Close(handle);
            throw new SlideException(Path, $"OpenSlide can't open it: {message}.");
        }

        Handles++;
        return new Opened(handle);
    }

    /// <summary>Something to read through, to be given back.</summary>
    private Opened Take()
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isClosed, this);
            _opened ??= Open();
            _opened.Readers++;
            return _opened;
        }
    }

    private void GiveBack(Opened opened)
    {
        lock (_lock)
        {
            opened.Readers--;
            if (opened != _opened && opened.Readers == 0)
            {
                Close(opened);
            }
        }
    }

    private void Close(Opened opened)
    {
        _library.Close(opened.Handle);
        Handles--;
    }

    /// <summary>
    /// After an error OpenSlide's handle is dead: the rest of the slide is read through a new one. Others may still be reading through the old one, which holds
    /// decoded tiles: the last of them closes it.
    /// </summary>
    private void Abandon(Opened dead)
    {
        lock (_lock)
        {
            if (_opened == dead)
            {
                _opened = null;
            }
        }
    }

    private SlideException Failed()
    {
        var message = Marshal.PtrToStringUTF8((nint)_library.Error(Handle));
        Dispose();
        return new SlideException(Path, $"OpenSlide can't read it: {message}.");
    }

    private string? Text(string property)
    {
        fixed (byte* name = Encoding.UTF8.GetBytes(property + "\0"))
        {
            return Marshal.PtrToStringUTF8((nint)_library.Property(Handle, name));
        }
    }

    private double? Number(string property) =>
        double.TryParse(Text(property), NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && Math.Abs(value) < int.MaxValue ? value : null;

    /// <summary>A slide as the library has opened it.</summary>
    /// <param name="handle">The library's handle.</param>
    private sealed class Opened(nint handle)
    {
        public nint Handle => handle;

        /// <summary>How many are reading through it.</summary>
        public int Readers { get; set; }
    }
}
