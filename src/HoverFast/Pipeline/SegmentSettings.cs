using System.Globalization;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using HoverFast.Files;
using HoverFast.Model;
using HoverFast.Nuclei;
using HoverFast.Slides;
using HoverFast.Stains;

namespace HoverFast.Pipeline;

/// <summary>How slides are segmented. The defaults suit H&amp;E on any machine.</summary>
public sealed record SegmentSettings
{
    /// <summary>The largest side of a tile, in working pixels, that may be asked for.</summary>
    public const int LargestTileSize = 16_384;

    /// <summary>Working pixels on a side of a tile with its halo; null for what suits the model.</summary>
    public int? TileSize { get; init; }

    /// <summary>Threads that may be busy at once; at least 1. Does not change the result.</summary>
    public int Threads { get; init; } = ThreadCount.Available;

    /// <summary>Whether regions that can't be decoded are taken as blank (and listed) instead of giving the slide up.</summary>
    public bool SkipCorrupt { get; init; }

    /// <summary>The stain.</summary>
    public Stain Stain { get; init; }

    /// <summary>
    /// Mirrored and turned views of each tile that the network is asked about, 1 to 8; its answers are averaged. More are slower and more exact.
    /// </summary>
    public int Views { get; init; } = 1;

    /// <summary>Which weights of an adapted model segment.</summary>
    public WeightChoice Weights { get; init; }

    /// <summary>How maps become nuclei.</summary>
    public FinderSettings Finder { get; init; } = new();

    /// <summary>Which measurements each nucleus gets.</summary>
    public MeasurementChoice Measurements { get; init; }

    /// <summary>Whether colours are brought to sRGB where the file carries an ICC profile. Models are trained on colours as they are stored.</summary>
    public bool ToSrgb { get; init; }

    /// <summary>A folder of tissue masks, or null to detect tissue.</summary>
    public string? MaskFolder { get; init; }

    /// <summary>A GeoJSON file with the only region to search, or null for all tissue.</summary>
    public string? Region { get; init; }

    /// <summary>Where threads and tile size come from in words, where a measurement of the machine chose them; else null.</summary>
    public string? Tuning { get; init; }

    /// <summary>
    /// Hands out no more tiles after this time, once each thread has had one, for measuring: the report then tells what the finished tiles came to.
    /// </summary>
    internal TimeSpan? Budget { get; init; }

    /// <summary>Moves the tile grid, in working pixels: the nuclei must not depend on it.</summary>
    internal PixelSize GridOffset { get; init; }

    /// <summary>Refuses what makes no sense.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A setting lies outside of its range.</exception>
    /// <exception cref="ArgumentNullException">There are no <see cref="Finder"/> settings.</exception>
    internal void Check()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Threads, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(TileSize ?? 1, 1, nameof(TileSize));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(TileSize ?? 1, LargestTileSize, nameof(TileSize));
        ArgumentOutOfRangeException.ThrowIfLessThan(Views, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Views, TestTimeAugmentation.Most);
        ThrowIfUndefined(Stain);
        ThrowIfUndefined(Weights);
        ThrowIfUndefined(Measurements);
        ArgumentNullException.ThrowIfNull(Finder);
        Finder.Check();
    }

    /// <summary>Refuses a number that is none of an enum's values: whatever asks for one of them would take it for another.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is none.</exception>
    internal static void ThrowIfUndefined<T>(T value, [CallerArgumentExpression(nameof(value))] string? name = null)
        where T : struct, Enum
    {
        if (!Enum.IsDefined(value))
        {
            throw new ArgumentOutOfRangeException(name, value, $"There is no such {typeof(T).Name}.");
        }
    }

    /// <summary>Everything that changes the result, as text to hash.</summary>
    /// <param name="mask">The slide's mask picture, or null.</param>
    /// <exception cref="SlideException">The mask or the region can't be read.</exception>
    internal string Fingerprint(string? mask) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"tile {TileSize} {GridOffset}; skip {SkipCorrupt}; {Stain}; views {Views}; {Measurements}; {Finder}; mask {HashOf(mask)}; region {HashOf(Region)}{(ToSrgb ? "; sRGB" : "")}{(Weights == WeightChoice.Auto ? "" : $"; weights {Weights}")}");

    private const long MostMaskBytes = 1L << 30;

    private static string HashOf(string? file)
    {
        try
        {
            return file is null ? "none" : Convert.ToHexStringLower(SHA256.HashData(RegularFile.ReadAllBytes(file, MostMaskBytes)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SlideException(file!, RgbImageFile.Unreadable(e), e);
        }
    }
}
