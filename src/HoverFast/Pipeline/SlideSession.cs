using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using HoverFast.Model;
using HoverFast.Nuclei;
using HoverFast.Quality;
using HoverFast.Slides;
using HoverFast.Stains;
using HoverFast.Tiles;
using HoverFast.Tissue;

namespace HoverFast.Pipeline;

/// <summary>
/// A slide that is about to be segmented: opened, calibrated and keyed once. Its tissue is looked for when it is first asked for, so that a
/// finished result is recognised before.
/// </summary>
internal sealed class SlideSession : IDisposable
{
    /// <summary>
    /// What computes, for the key: to be raised with every change of the program that changes nuclei, outlines or measurements. A test holds
    /// the hashes of known results against it.
    /// </summary>
    public const string ResultRevision = "0.1.0.7";

    /// <summary>
    /// Microns beyond a core that a nucleus of its own can reach: half of the longest. It adds to the network's receptive field.
    /// </summary>
    private const double NucleusReach = 20;

    private readonly string? _mask;
    private TissueMask? _tissue;
    private ChosenWeights? _weights;

    private SlideSession(string path, ISlide slide, NucleusModel model, SegmentSettings settings, SlideCalibration calibration, string? mask)
    {
        Path = path;
        Slide = slide;
        Model = model;
        Settings = settings;
        Calibration = calibration;
        Sampler = new SlideSampler(slide, calibration.Mpp, new Mpp(model.Card.Mpp));
        Fingerprint = (slide as TiledSlide)?.Identity ?? SlideFingerprint.Of(slide.Path);
        _mask = mask;
        Key = KeyFor(settings);
    }

    /// <summary>The file that was named; the open one may be a copy.</summary>
    public string Path { get; }

    /// <summary>The open slide.</summary>
    public ISlide Slide { get; }

    /// <summary>The model; <see cref="Weights"/> tells which of its networks segments.</summary>
    public NucleusModel Model { get; }

    /// <summary>How it is segmented; the tile size and how nuclei are found are settled.</summary>
    public SegmentSettings Settings { get; }

    /// <summary>Its pixel size and where that comes from.</summary>
    public SlideCalibration Calibration { get; }

    /// <summary>Reads it on the working grid.</summary>
    public SlideSampler Sampler { get; }

    /// <summary>The working grid.</summary>
    public WorkingGrid Grid => Sampler.Grid;

    /// <summary>Hash of the slide, lower-case hexadecimal.</summary>
    public string Fingerprint { get; }

    /// <summary>SHA-256 of all that the result depends on.</summary>
    public byte[] Key { get; }

    /// <summary>The nucleus types that are told, type 1 first; empty where none are. Type 0, the background, is left out.</summary>
    public IReadOnlyList<ModelCard.NucleusType> Types => TellsTypes(Model.Card, Settings) ? [.. Model.Card.Types!.Skip(1)] : [];

    /// <summary>The names of what is measured of each nucleus.</summary>
    public IReadOnlyList<MeasurementName> MeasurementNames =>
        NucleusMeasurements.NamesOf(Settings.Measurements, Settings.Stain, TellsTypes(Model.Card, Settings));

    /// <summary>Whether nuclei get types: where the model knows some, and in the stain that it learned them in.</summary>
    public static bool TellsTypes(ModelCard card, SegmentSettings settings) => card.Types is not null && settings.Stain == Stain.HaematoxylinEosin;

    /// <summary>Opens and calibrates a slide.</summary>
    /// <param name="path">The file.</param>
    /// <param name="model">The network; stays the caller's.</param>
    /// <param name="settings">How it will be segmented.</param>
    /// <param name="calibrator">Settles its pixel size.</param>
    /// <param name="cancellation">Stops the waiting for a server, while the slide is open too.</param>
    /// <exception cref="SlideException">The slide can't be opened or calibrated, or has no mask where masks are asked for.</exception>
    public static SlideSession Open(
        string path,
        NucleusModel model,
        SegmentSettings settings,
        SlideCalibrator calibrator,
        CancellationToken cancellation = default)
    {
        return Open(path, settings, Calibrated, cancellation);

        SlideSession Calibrated(ISlide slide)
        {
            var mask = settings.MaskFolder is { } folder ? FindMask(folder, path) : null;
            var settled = settings with
            {
                TileSize = settings.TileSize ?? model.SuggestedTileSize,
                Finder = settings.Finder.Settled(MatchCalibration.HoldsFor(model.Card)),
            };
            return new SlideSession(path, slide, model, settled, calibrator.Resolve(slide), mask);
        }
    }

    /// <summary>The same slide, calibrated as this one, read from a copy of its files.</summary>
    /// <param name="copy">The copy of the file to open.</param>
    /// <exception cref="SlideException">The copy is another slide: the file changed meanwhile.</exception>
    public SlideSession ReadFrom(string copy)
    {
        var session = Open(copy, Settings, slide => new SlideSession(Path, slide, Model, Settings, Calibration, _mask), CancellationToken.None);
        if (!session.Key.AsSpan().SequenceEqual(Key))
        {
            session.Dispose();
            throw new SlideException(Path, "changed while it was copied; run the command again once it is whole.");
        }

        return session;
    }

    /// <summary>Whether what is read is another slide by now than when it was opened. One that is away for a moment says nothing.</summary>
    public bool HasChanged()
    {
        try
        {
            return (Slide as TiledSlide)?.Identity is null && SlideFingerprint.Of(Slide.Path) != Fingerprint;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or SlideException)
        {
            return false;
        }
    }

    /// <summary>Where nuclei are looked for: found at the first call, kept for the next.</summary>
    public TissueMask Tissue(CancellationToken cancellation = default) => _tissue ??= FindTissue(cancellation);

    /// <summary>Where nuclei are looked for on a slide, by the settings of a finished result.</summary>
    /// <param name="slide">The slide.</param>
    /// <param name="mpp">Its pixel size.</param>
    /// <param name="maskFolder">Folder of masks, or null.</param>
    /// <param name="region">File of regions, or null.</param>
    /// <param name="threads">Threads.</param>
    /// <param name="cancellation">Ends the search.</param>
    /// <exception cref="SlideException">A mask or region is gone or can't be read.</exception>
    public static TissueMask TissueOf(ISlide slide, Mpp mpp, string? maskFolder, string? region, int threads, CancellationToken cancellation) =>
        FindTissue(slide, mpp, maskFolder is { } folder ? FindMask(folder, slide.Path) : null, region, threads, cancellation);

    /// <summary>Which weights segment it: looked for at the first call, kept for the next.</summary>
    public ChosenWeights Weights(CancellationToken cancellation = default) => _weights ??= ChosenWeights.For(this, cancellation);

    /// <summary>The tiles with tissue, in the grid's order.</summary>
    public IReadOnlyList<Tile> Tiles(CancellationToken cancellation)
    {
        var grid = GridFor(Model.Card, Settings, Grid.FromFullResolution(Slide.Bounds));
        return grid.Tiles(Tissue(cancellation), Grid.Mpp, whole: Model.Card.FixedInput is not null);
    }

    /// <summary>The main line's steps on this slide.</summary>
    /// <param name="cancellation">Ends the search for tissue and weights.</param>
    /// <param name="keepsMaps">Whether the maps of each tile's core are handed on.</param>
    /// <param name="second">A second model, whose disagreement is then part of them; or null.</param>
    public SlideSteps Steps(CancellationToken cancellation, bool keepsMaps = false, NucleusModel? second = null) =>
        new(Sampler, Weights(cancellation).Model, Tissue(cancellation), Slide.Bounds, Settings)
        {
            KeepsMaps = keepsMaps,
            Second = second is null ? null : new SecondOpinion(Slide, Calibration.Mpp, second, Settings.Stain),
        };

    /// <summary>The tiles' grid over an area of the working grid.</summary>
    public static TileGrid GridFor(ModelCard card, SegmentSettings settings, WorkingRect area)
    {
        var halo = Math.Max(card.Margin, SlideSteps.EffectiveRadius(card)) + (int)Math.Ceiling(NucleusReach / card.Mpp);
        var size = Math.Max(settings.TileSize ?? throw new ArgumentException("The tile size isn't settled.", nameof(settings)), (2 * halo) + (4 * card.Stride));
        return new TileGrid(area, size, halo, card.Stride, settings.GridOffset);
    }

    /// <inheritdoc/>
    public void Dispose() => Slide.Dispose();

    private static SlideSession Open(string path, SegmentSettings settings, Func<ISlide, SlideSession> make, CancellationToken cancellation)
    {
        var slide = Slides.Slide.OpenUntilStopped(path, cancellation);
        try
        {
            slide = settings.ToSrgb ? SrgbSlide.Of(slide) : slide;
            return make(slide);
        }
        catch
        {
            slide.Dispose();
            throw;
        }
    }

    private static string FindMask(string folder, string path) =>
        MaskImage.Find(folder, path)
        ?? throw new SlideException(path, $"has no mask in {folder}; call it {MaskImage.NameFor(path)}.png.");

    private TissueMask FindTissue(CancellationToken cancellation) =>
        FindTissue(Slide, Calibration.Mpp, _mask, Settings.Region, Settings.Threads, cancellation);

    private static TissueMask FindTissue(ISlide slide, Mpp mpp, string? maskFile, string? regionFile, int threads, CancellationToken cancellation)
    {
        var size = slide.Levels[0].Size;
        var region = regionFile is { } file ? AnnotationRegion.Read(file, size, slide.Bounds, mpp) : null;
        if (maskFile is not null)
        {
            var mask = MaskImage.Read(maskFile, size, slide.Bounds, mpp);
            return region is null ? mask : mask.And(region);
        }

        // Who draws a region has looked at it: nothing in it is left out.
        return region ?? TissueDetector.Detect(slide, mpp, threads, cancellation);
    }

    /// <summary>What <see cref="Key"/> would be with other settings.</summary>
    internal byte[] KeyFor(SegmentSettings settings)
    {
        // Another device rounds otherwise.
        var device = Model.Device == ComputeDevice.Cpu ? "" : $"; device {Model.Device}";
        var text = string.Create(
            CultureInfo.InvariantCulture,
            $"{ResultRevision}; slide {Fingerprint}; mpp {Calibration.Mpp.MicronsPerPixel:R}; model {Model.Identity}; engine {Model.EngineKey}{device}; {settings.Fingerprint(_mask)}");
        return SHA256.HashData(Encoding.UTF8.GetBytes(text));
    }
}
