// Segments slides to files: dotnet run -c Release --project examples/SegmentToFiles -- slides/ results [um/px]
using HoverFast;
using HoverFast.Jobs;
using HoverFast.Slides;

if (args.Length is < 2 or > 3)
{
    Console.Error.WriteLine("usage: SegmentToFiles SLIDES FOLDER [UM_PER_PIXEL]");
    return 2;
}

// A slide that states no pixel size is refused unless one is given.
var calibrator = new SlideCalibrator { Stated = args.Length == 3 ? new Mpp(double.Parse(args[2])) : null };
using var segmenter = new SlideSegmenter(calibrator: calibrator);
var results = new ResultOptions { Kinds = [ResultKind.GeoJson, ResultKind.Csv] };
var failed = 0;
await foreach (var outcome in segmenter.SegmentAllAsync(SlideInputs.Expand([args[0]]), args[1], results))
{
    Console.WriteLine(outcome.State switch
    {
        SlideState.Failed => $"{outcome.Input.Name}: {outcome.Error!.Message}",
        SlideState.Kept => $"{outcome.Input.Name}: {outcome.Manifest!.Counts.Nuclei} nuclei, done before",
        _ => $"{outcome.Input.Name}: {outcome.Manifest!.Counts.Nuclei} nuclei in {outcome.Manifest.Counts.TissueArea:0.000} mm2",
    });
    failed += outcome.State == SlideState.Failed ? 1 : 0;
}

return failed == 0 ? 0 : 1;
