using System.CommandLine;
using HoverFast.Jobs;
using HoverFast.Model;
using HoverFast.Nuclei;
using HoverFast.Pipeline;
using HoverFast.Slides;
using HoverFast.Stains;

namespace HoverFast.Cli.Options;

/// <summary>All options that say how slides are segmented and what is written of them: the same wherever a batch is run.</summary>
internal sealed class BatchOptions
{
    private readonly Option<string?> _kinds = ResultKindsOption.Make();
    private readonly Option<string?> _second = new("--second-model")
    {
        Description = "With --write maps: a second model (as --model), a teacher for example; the maps tell where it disagrees.",
    };
    private readonly Option<string> _overlayBy = new("--overlay-by")
    {
        Description = "What the overlay's colours tell: type (where the model knows none, neighbours take turns), or match-probability.",
        DefaultValueFactory = _ => "type",
    };
    private readonly Option<string?> _store = new("--store")
    {
        Description = "Send the DICOM annotations to this DICOMweb server (STOW-RS), for example http://host/dicom-web.",
    };
    private readonly Option<string> _measurements = new("--measurements")
    {
        Description = "Measurements of each nucleus: none, basic or all.",
        DefaultValueFactory = _ => "basic",
    };
    private readonly Option<DirectoryInfo> _masks = new("--mask-dir")
    {
        Description = "Folder of tissue masks, one picture per slide at any scale (HistoQC's, for example); instead of detecting tissue.",
    };
    private readonly Option<FileInfo> _region = new("--region") { Description = "GeoJSON from QuPath: search only inside its annotations." };
    private readonly Option<double?> _minArea = NumberOption.Real("--min-area", "Smallest nucleus in um2 (default: 4; 6 for imported models).", 0, 1000);
    private readonly Option<double?> _minMatch = NumberOption.Real(
        "--min-match",
        "Leave out nuclei of a lower match probability (default: 0.25, which gives the best PQ on unseen tissue; 0 for imported models). 0 keeps all that are drawn; higher values leave fewer false nuclei and miss more.",
        0,
        1);
    private readonly Option<bool> _skipCorrupt = new("--skip-corrupt")
    {
        Description = "Take damaged regions as blank and list them, instead of giving the slide up.",
    };
    private readonly Option<bool> _force = new("--force") { Description = "Segment again what is done already." };
    private readonly Option<bool> _audit = new("--audit")
    {
        Description = "Write each run down in the results folder's audit.jsonl: who, when, what, hashes; 'hoverfast verify' checks it.",
    };
    private readonly Option<bool> _excludeArtefacts = new("--exclude-artefacts")
    {
        Description =
            "Leave out fields (256 um) that are out of focus, over- or underexposed, folded, dusty, under a bubble or drawn on; the manifest tells which.",
    };
    private readonly Option<double?> _refuseBelow = NumberOption.Real(
        "--refuse-below",
        "Expected PQ below which a slide is refused: nothing is written, and it counts as failed.",
        0,
        1);
    private readonly Option<string> _stain = new("--stain")
    {
        Description = "he, or ihc-dab for immunohistochemistry (the network then sees the haematoxylin alone).",
        DefaultValueFactory = _ => "he",
    };
    private readonly Option<bool> _stage = new("--stage")
    {
        Description = "Copy each slide to a near disk first (the folder of temporary files, TMPDIR), and delete the copy afterwards.",
    };
    private readonly CalibrationOptions _calibration = new();
    private readonly SegmentOptions _segmenting = new();
    private readonly Option<bool> _icc = new("--icc")
    {
        Description =
            "Bring colours to sRGB where the file carries an ICC profile. Models are trained on colours as they are stored, so this is for scanners whose stored colours are far off.",
    };

    /// <summary>Makes the options.</summary>
    public BatchOptions()
    {
        _measurements.AcceptOnlyFromAmong("none", "basic", "all");
        _stain.AcceptOnlyFromAmong("he", "ihc-dab");
        _overlayBy.AcceptOnlyFromAmong("type", "match-probability");
        _masks.AcceptExistingOnly();
        _region.AcceptExistingOnly();
    }

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (var option in (Option[])
            [
                _kinds,
                _second,
                _overlayBy,
                _store,
                _measurements,
                _masks,
                _region,
                _minArea,
                _minMatch,
                _skipCorrupt,
                _force,
                _refuseBelow,
                _excludeArtefacts,
                _audit,
                _stain,
                _stage,
            ])
        {
            command.Add(option);
        }

        _calibration.AddTo(command);
        command.Add(_icc);
        _segmenting.AddTo(command);
        command.Validators.Add(r =>
        {
            if (r.GetResult(_store) is { Tokens.Count: > 0 }
                && (r.GetResult(_kinds) is { Tokens.Count: > 0 } ? r.GetValue(_kinds) : null)?.Contains("dicom-ann", StringComparison.OrdinalIgnoreCase) != true
            )
            {
                r.AddError("--store sends DICOM annotations: add --write dicom-ann.");
            }

            if (r.GetResult(_second) is { Tokens.Count: > 0 }
                && (r.GetResult(_kinds) is { Tokens.Count: > 0 } ? r.GetValue(_kinds) : null)?.Contains("maps", StringComparison.OrdinalIgnoreCase) != true)
            {
                r.AddError("--second-model tells in the maps where it disagrees: add --write maps.");
            }

            if (r.GetResult(_overlayBy) is { Implicit: false }
                && r.GetResult(_kinds) is { Tokens.Count: > 0 }
                && r.GetValue(_kinds)?.Contains("overlay", StringComparison.OrdinalIgnoreCase) == false)
            {
                r.AddError("--overlay-by colours the overlay: add --write overlay.");
            }
        });
    }

    /// <summary>What was given of these options, as a command line that means the same in any folder.</summary>
    public static IReadOnlyList<string> Given(ParseResult parsed)
    {
        var mine = new Command("segment");
        new BatchOptions().AddTo(mine);
        var names = mine.Options.Select(o => o.Name).ToHashSet(StringComparer.Ordinal);
        var given = new List<string>();
        foreach (var option in parsed.CommandResult.Command.Options.Where(o => names.Contains(o.Name) && parsed.GetResult(o) is { Implicit: false }))
        {
            var isFile = typeof(FileSystemInfo).IsAssignableFrom(option.ValueType);
            given.Add(option.Name);
            given.AddRange(
                parsed
                    .GetResult(option)!
                    .Tokens.Select(t => isFile || (option.Name is "--model" or "--second-model" && IsPlace(t.Value)) ? Path.GetFullPath(t.Value) : t.Value));
        }

        return given;

        // A model's file, or a folder of results of whose models one is in use; as the catalogue, a built-in model's name before a file of that name.
        static bool IsPlace(string model) => !NucleusModel.BuiltIn.Contains(model) && (File.Exists(model) || Directory.Exists(model));
    }

    /// <summary>Reads a command line that <see cref="Given"/> made.</summary>
    /// <exception cref="IOException">It makes no sense here: a file is gone, or another version of the program made it.</exception>
    public ParseResult Parse(IReadOnlyList<string> given)
    {
        var command = new Command("segment");
        AddTo(command);
        var parsed = command.Parse(given);
        return parsed.Errors.Count == 0
            ? parsed
            : throw new IOException($"the plan's options can't be used: {string.Join(' ', parsed.Errors.Select(e => e.Message))}");
    }

    /// <summary>Settles the slides' pixel sizes.</summary>
    public SlideCalibrator Calibrator(ParseResult parsed, IReadOnlyList<SlideInput>? inputs, Mpp? usual = null) =>
        _calibration.Calibrator(parsed, inputs, usual);

    /// <summary>Loads the model and makes the segmenter; both are the caller's to dispose.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="calibrator">See <see cref="Calibrator"/>.</param>
    public (NucleusModel Model, SlideSegmenter Segmenter) Load(ParseResult parsed, SlideCalibrator calibrator)
    {
        var (model, settings) = _segmenting.Load(parsed, new SegmentSettings
        {
            SkipCorrupt = parsed.GetValue(_skipCorrupt),
            Stain = parsed.GetValue(_stain) == "ihc-dab" ? Stain.HaematoxylinDab : Stain.HaematoxylinEosin,
            Measurements = Enum.Parse<MeasurementChoice>(parsed.GetValue(_measurements)!, ignoreCase: true),
            ToSrgb = parsed.GetValue(_icc),
            MaskFolder = parsed.GetValue(_masks)?.FullName,
            Region = parsed.GetValue(_region)?.FullName,
            Finder = new FinderSettings { MinArea = parsed.GetValue(_minArea), MinMatchProbability = parsed.GetValue(_minMatch) },
        });
        try
        {
            return (model, new SlideSegmenter(model, settings, calibrator));
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>Loads the second model, which is the caller's to dispose; null where none is asked for.</summary>
    public NucleusModel? LoadSecond(ParseResult parsed) => parsed.GetValue(_second) is { } name ? ModelCatalog.Load(name) : null;

    /// <summary>What is written.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="second">See <see cref="LoadSecond"/>.</param>
    public ResultOptions Results(ParseResult parsed, NucleusModel? second) => new()
    {
        SecondModel = second,
        Kinds = ResultKindsOption.Parse(parsed.GetValue(_kinds)),
        OverlayColours = parsed.GetValue(_overlayBy) == "match-probability" ? OverlayColours.MatchProbability : OverlayColours.Type,
        Force = parsed.GetValue(_force),
        Audit = parsed.GetValue(_audit),
        ExcludeArtefacts = parsed.GetValue(_excludeArtefacts),
        RefuseBelow = parsed.GetValue(_refuseBelow),
        StoreAt = parsed.GetValue(_store),
        StageIn = parsed.GetValue(_stage) ? Path.GetTempPath() : null,
    };
}
