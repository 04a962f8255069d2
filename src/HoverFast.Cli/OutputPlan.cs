using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using HoverFast.Jobs;
using HoverFast.Model;
using HoverFast.Nuclei;
using HoverFast.Output;
using HoverFast.Output.Dicom;
using HoverFast.Pipeline;
using HoverFast.Slides;
using HoverFast.Stains;

namespace HoverFast.Cli;

/// <summary>Which results are written, and where: NAME.geojson.gz and so on, or in the folders that HoverFast's own command lines make.</summary>
internal sealed class OutputPlan
{
    /// <summary>QuPath's objects.</summary>
    public const string GeoJson = "geojson";

    /// <summary>A label image.</summary>
    public const string Labels = "labels";

    /// <summary>The picture with outlines.</summary>
    public const string Overlay = "overlay";

    private const string Csv = "csv";
    private const string Parquet = "parquet";
    private const string Overview = "overview";
    private const string DicomAnnotations = "dicom-ann";

    /// <summary>Pixels of a picture that is still looked at and drawn over as a whole.</summary>
    private const long LargestPicture = 64_000_000;

    /// <summary>Longer side of the overview, in pixels.</summary>
    private const double OverviewSide = 2000;

    private readonly string _folder;
    private readonly IReadOnlyList<string>? _kinds;
    private readonly bool _force;

    /// <summary>Makes the plan.</summary>
    /// <param name="folder">The folder of results.</param>
    /// <param name="kinds">Names parted by commas, or null for the defaults.</param>
    /// <param name="force">Whether what is done already is done again.</param>
    public OutputPlan(string folder, string? kinds, bool force)
    {
        _folder = folder;
        _kinds = kinds is null ? null : Split(kinds);
        _force = force;
    }

    /// <summary>The names that <c>--output</c> knows.</summary>
    public static IReadOnlyList<string> Names { get; } = [GeoJson, Csv, Parquet, Labels, Overlay, Overview, DicomAnnotations];

    /// <summary>How far outlines are simplified, in full-resolution pixels; 0 keeps them.</summary>
    public double Simplify { get; init; }

    /// <summary>Width of the lines of the overlay in pixels.</summary>
    public double OverlayWidth { get; init; } = OverlayOutput.UsualWidth;

    /// <summary>One colour for all lines of the overlay, or null for several.</summary>
    public (byte R, byte G, byte B)? OverlayColour { get; init; }

    /// <summary>The file of one kind of result, relative to the folder, where it is not the usual one; by name and kind.</summary>
    public Func<string, string, string>? FileOf { get; init; }

    /// <summary>The first name in a list that is none of <see cref="Names"/>, or null.</summary>
    public static string? Unknown(string kinds) => Split(kinds).FirstOrDefault(k => !Names.Contains(k));

    /// <summary>Makes the folder of results if it is missing; returns its path.</summary>
    /// <exception cref="IOException">It can't be made.</exception>
    public static string MakeFolder(DirectoryInfo folder)
    {
        try
        {
            return Directory.CreateDirectory(folder.FullName).FullName;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"{folder.FullName}: the folder of results can't be made ({e.Message}); name another one with -o.", e);
        }
    }

    /// <summary>Where an input's finished tiles are kept while it is under way.</summary>
    public string JournalOf(InputFile file) => Path.Combine(_folder, file.Name + ".journal");

    /// <summary>Segments one input and writes what is planned for it; null where that was there already.</summary>
    public async Task<SlideReport?> SegmentAsync(InputFile file, NucleusModel model, SegmentSettings settings, SlideCalibrator calibrator, Action<SlideProgress> progress, CancellationToken cancellation)
    {
        var manifest = Manifest.PathFor(_folder, file.Name);
        SlideContext? slide = null;
        NucleusWriter? writer = null;
        IReadOnlyList<INucleusOutput> outputs = [];
        var segmenter = new SlideSegmenter(model, settings, calibrator);
        var report = await segmenter.SegmentAsync(file.Path, JournalOf(file), Open, progress, cancellation);
        if (report is not null)
        {
            Manifest.Of(slide!, report, settings, writer!.Counts, outputs.Select(o => o.Path)).Write(manifest);
        }

        return report;

        IReadOnlyList<INucleusSink>? Open(SlideContext context)
        {
            // Simplified outlines make another result of the same nuclei.
            slide = Simplify == 0 ? context : context with { Key = Hash(string.Create(CultureInfo.InvariantCulture, $"{context.Key}; simplify {Simplify:R}")) };
            var small = IsPicture(context);
            var files = (_kinds ?? (small ? [GeoJson, Labels, Overlay] : [GeoJson])).Select(kind => (Kind: kind, Path: Place(file.Name, kind, small))).ToList();
            if (!_force && Manifest.TryRead(manifest)?.Stands(slide.Key, _folder, files.Select(f => f.Path)) == true)
            {
                return null;
            }

            // An older result must not stand beside half a new one.
            File.Delete(manifest);
            outputs = MakeAll(files, small, slide, settings);
            writer = new NucleusWriter(outputs, Convert.FromHexString(slide.Key), Simplify);
            return [writer];
        }
    }

    private static bool IsPicture(SlideContext context) => context.Slide.Levels.Count == 1 && context.Slide.Levels[0].Size.Area <= LargestPicture;

    // When one can't be made, those before it must not leave their beginnings behind.
    private List<INucleusOutput> MakeAll(IEnumerable<(string Kind, string Path)> files, bool small, SlideContext context, SegmentSettings settings)
    {
        var made = new List<INucleusOutput>();
        try
        {
            foreach (var (kind, path) in files)
            {
                made.Add(Make(kind, path, small, context, settings));
            }

            return made;
        }
        catch
        {
            made.ForEach(output => output.Dispose());
            throw;
        }
    }

    private INucleusOutput Make(string kind, string path, bool small, SlideContext context, SegmentSettings settings)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var names = NucleusMeasurements.NamesOf(settings.Measurements, settings.Stain);
        var mpp = context.Calibration.Mpp;
        var bounds = context.Slide.Bounds;
        var size = new PixelSize(bounds.Width, bounds.Height);

        // Type 0 is the background.
        var classes = context.Model.Types?.Skip(1).Select(t => new NucleusClass(t.Name, (byte)t.Colour[0], (byte)t.Colour[1], (byte)t.Colour[2])).ToList();
        return kind switch
        {
            GeoJson => new GeoJsonOutput(path, names, classes),
            Csv => new CsvOutput(path, mpp, names, classes),
            Parquet => new ParquetOutput(path, mpp, names, classes),
            Labels when small => new LabelImageOutput(path, size, mpp),
            Labels => new LabelTiffOutput(path, size, mpp),
            Overlay => new OverlayOutput(path, Picture(context, path), classes, OverlayWidth, OverlayColour),
            Overview => MakeOverview(path, context),
            DicomAnnotations => new DicomAnnotationsOutput(path, context, names, classes),
            _ => throw new ArgumentException($"no such output: {kind}", nameof(kind)),
        };
    }

    private static RgbImage Picture(SlideContext context, string path)
    {
        var bounds = context.Slide.Bounds;
        if ((long)bounds.Width * bounds.Height > LargestPicture)
        {
            throw new SlideException(context.Slide.Path, $"is too large for {Path.GetFileName(path)}; an overlay is for pictures of up to {LargestPicture / 1_000_000} million pixels. Open the GeoJSON in QuPath instead.");
        }

        var picture = new RgbImage(bounds.Width, bounds.Height);
        ReadBackdrop(picture, (x, y, part) => context.Slide.Read(0, 1, new PixelRect(bounds.X + x, bounds.Y + y, part.Width, part.Height), part));
        return picture;
    }

    /// <summary>Reads a picture to draw on, block by block. What is damaged stays white: whether the slide can be done is for its tiles to say.</summary>
    private static void ReadBackdrop(RgbImage picture, Action<int, int, RgbImage> read)
    {
        const int Block = 256;
        for (var y = 0; y < picture.Height; y += Block)
        {
            for (var x = 0; x < picture.Width; x += Block)
            {
                var part = new RgbImage(Math.Min(Block, picture.Width - x), Math.Min(Block, picture.Height - y));
                try
                {
                    read(x, y, part);
                }
                catch (SlideException e) when (e.Region is not null)
                {
                    part.Span.Fill(255);
                }

                for (var row = 0; row < part.Height; row++)
                {
                    part.Row(row).CopyTo(picture.Row(y + row)[(3 * x)..]);
                }
            }
        }
    }

    private static DensityOverviewOutput MakeOverview(string path, SlideContext context)
    {
        var bounds = context.Slide.Bounds;
        var mpp = context.Calibration.Mpp;
        var sampler = new SlideSampler(context.Slide, mpp, new Mpp(mpp.MicronsPerPixel * Math.Max(1, Math.Max(bounds.Width, bounds.Height) / OverviewSide)));
        var rect = sampler.Grid.FromFullResolution(bounds);
        var thumbnail = new RgbImage(rect.Width, rect.Height);
        ReadBackdrop(thumbnail, (x, y, part) => sampler.Read(new WorkingRect(rect.X + x, rect.Y + y, part.Width, part.Height), part));
        return new DensityOverviewOutput(path, thumbnail, sampler.Grid.Scale, mpp);
    }

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private static string[] Split(string kinds) => [.. kinds.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(k => k.ToLowerInvariant()).Distinct()];

    private string Place(string name, string kind, bool small) => Path.Combine(_folder, FileOf?.Invoke(name, kind) ?? kind switch
    {
        GeoJson => name + ".geojson.gz",
        Csv => name + ".csv",
        Parquet => name + ".parquet",
        Labels => name + (small ? ".labels.png" : ".labels.tif"),
        Overlay => name + ".overlay.png",
        DicomAnnotations => name + ".ann.dcm",
        _ => name + ".overview.png",
    });
}
