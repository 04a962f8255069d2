using System.Text.Json;
using HoverFast.Jobs;
using HoverFast.Model;
using HoverFast.Model.Onnx;
using HoverFast.Pipeline;
using HoverFast.Quality;
using HoverFast.Slides;
using HoverFast.Tests.Slides;
using HoverFast.Tissue;
using Xunit;

namespace HoverFast.Tests.Pipeline;

/// <summary>
/// Models that carry their start. The start finds the discs of any picture; the adapted ones find none, so that the count tells who segmented.
/// </summary>
public sealed class ChosenWeightsTests : IDisposable
{
    private const int Discs = 24;
    private readonly TemporaryFolder _folder = new();
    private readonly string _start;
    private readonly string _pink;
    private readonly string _violet;
    private readonly string _grey;

    public ChosenWeightsTests()
    {
        _start = DarknessModel.Write(_folder.Path, name: "start");
        _pink = Draw("pink.png", (220, 160, 200));
        _violet = Draw("violet.png", (190, 130, 210));
        _grey = Draw("grey.png", (200, 200, 210));
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(WeightChoice.Auto, 0, Discs)]
    [InlineData(WeightChoice.Adapted, 0, 0)]
    [InlineData(WeightChoice.Start, Discs, Discs)]
    public async Task TheTissueChoosesTheWeightsUnlessTheyAreNamed(WeightChoice asked, int onOwn, int onOther)
    {
        using var model = NucleusModel.Load(Adapted(_start, _pink));
        var (own, other) = (await Run(model, _pink, asked), await Run(model, _violet, asked));

        Assert.Equal((onOwn, onOther), (own.Report!.Nuclei, other.Report!.Nuclei));
        var (ofOwn, ofOther) = (own.Manifest!.Model.Weights!, other.Manifest!.Model.Weights!);
        Assert.Equal((asked.ToString(), asked.ToString()), (ofOwn.Asked, ofOther.Asked));
        Assert.Equal((onOwn == 0 ? "adapted" : "start", onOther == 0 ? "adapted" : "start"), (ofOwn.Name, ofOther.Name));
        Assert.Equal(ModelCard.HashOf(File.ReadAllBytes(onOther == 0 ? model.Path : _start)), ofOther.Sha256);
        Assert.Equal(asked == WeightChoice.Auto ? (1.0, 0.0, 1) : (null, null, 0), (ofOwn.OwnShare, ofOther.OwnShare, ofOther.Places));
        Assert.Equal("adapted", other.Manifest.Model.Name);

        // Who did not choose is told.
        Assert.DoesNotContain(own.Report.Warnings, w => w.Kind == SlideWarningKind.OtherTissue);
        Assert.Equal(
            asked == WeightChoice.Auto
                ? ["Only 0 % of the tissue looked at (1 places) looks like the tiles that adapted was adapted to: the weights of start segmented it."]
                : [],
            other.Report.Warnings.Where(w => w.Kind == SlideWarningKind.OtherTissue).Select(w => w.Text));
    }

    [Fact]
    public async Task AModelAdaptedTwiceKnowsBothTissues()
    {
        // The second one knows grey; what is pink it leaves to the first, and all else to the start of both.
        var first = Adapted(_start, _pink);
        using var model = NucleusModel.Load(Adapted(first, _grey, "twice"));
        Assert.Equal(("adapted", "start"), (model.Start!.Card.Name, model.Start.Start!.Card.Name));
        string?[] who = [.. await Names(_grey), .. await Names(_pink), .. await Names(_violet)];
        Assert.Equal(["twice", "adapted", "start"], who);

        async Task<string?[]> Names(string picture) => [(await Run(model, picture)).Manifest!.Model.Weights!.Name];
    }

    [Fact]
    public void TheChoiceIsPartOfTheKeyAndNotOfTheThreads()
    {
        using var model = NucleusModel.Load(Adapted(_start, _pink));
        var keys = Enum.GetValues<WeightChoice>().Select(w => Open(model, w, 1)).ToList();
        Assert.Equal(3, keys.Distinct().Count());
        Assert.Equal(keys[0], Open(model, WeightChoice.Auto, 3));

        string Open(NucleusModel with, WeightChoice weights, int threads)
        {
            using var session = SlideSession.Open(_violet, with, new SegmentSettings { Weights = weights, Threads = threads }, Calibrator);
            Assert.Equal(weights == WeightChoice.Auto ? 0 : null, session.Weights(TestContext.Current.CancellationToken).OwnShare);
            return Convert.ToHexString(session.Key);
        }
    }

    [Fact]
    public async Task WhereNothingIsSeenTheStartSegments()
    {
        var blank = Draw("blank.png", (220, 160, 200), discs: false);
        using var model = NucleusModel.Load(Adapted(_start, _pink));
        var outcome = await Run(model, blank);
        Assert.Equal(("start", null, 0), (outcome.Manifest!.Model.Weights!.Name, outcome.Manifest.Model.Weights.OwnShare, outcome.Manifest.Model.Weights.Places));
        Assert.Contains("Too little tissue was seen to know it by: the weights of start segmented it.", outcome.Report!.Warnings.Select(w => w.Text));
    }

    [Fact]
    public async Task AModelWithoutAStartHasNoChoice()
    {
        using var model = NucleusModel.Load(_start);
        var outcome = await Run(model, _pink);
        Assert.Equal((Discs, null), (outcome.Report!.Nuclei, outcome.Manifest!.Model.Weights));
    }

    [Fact]
    public async Task DamageInsideIsToldWithTheFile()
    {
        var (graph, card) = (File.ReadAllBytes(_start), File.ReadAllText(ModelCard.PathFor(_start)));
        var tissue = Tissue(_pink);
        Assert.Contains("SHA-256", Refused(new StartInside([.. graph, 1], card, tissue)), StringComparison.Ordinal);
        Assert.Contains("not a model card", Refused(new StartInside(graph, "{", tissue)), StringComparison.Ordinal);
        var other = (ModelCard.Parse(File.ReadAllBytes(ModelCard.PathFor(_start)), _start) with { Mpp = 0.25 }).ToJson();
        Assert.Contains("don't take the same pictures", Refused(new StartInside(graph, other, tissue)), StringComparison.Ordinal);

        // The numbers are looked at when they are needed.
        foreach (var numbers in (string[])["", "{}", tissue.Replace("\"red\"", "\"rot\"", StringComparison.Ordinal), tissue.Replace("\"own\": [", "\"own\": [ 1,", StringComparison.Ordinal)])
        {
            using var model = NucleusModel.Load(DarknessModel.Write(_folder.Path, middle: 60, inside: new StartInside(graph, card, numbers), name: "broken"));
            var error = await Assert.ThrowsAsync<ModelException>(() => Run(model, _pink));
            Assert.Contains("broken.onnx", error.Message, StringComparison.Ordinal);
            Assert.Contains("knows its tissue are damaged", error.Message, StringComparison.Ordinal);
        }

        string Refused(StartInside inside)
        {
            var path = DarknessModel.Write(_folder.Path, middle: 60, inside: inside, name: "broken");
            var error = Assert.Throws<ModelException>(() => NucleusModel.Load(path).Dispose());
            Assert.Contains("broken.onnx", error.Message, StringComparison.Ordinal);
            return error.Message;
        }
    }

    [Fact]
    public void ModelsDoNotLieInOneAnotherWithoutEnd()
    {
        var path = _start;
        for (var i = 0; i < 9; i++)
        {
            path = Adapted(path, _pink, $"adapted-{i}");
        }

        Assert.Contains("more than 8 times in a row", Assert.Throws<ModelException>(() => NucleusModel.Load(path).Dispose()).Message, StringComparison.Ordinal);
    }

    /// <summary>The look at the slide is done by several threads; what fails there is told as it is anywhere else.</summary>
    [Fact]
    public async Task AStartThatCanNotBeRunIsToldInOneLine()
    {
        var graph = OnnxGraph.Parse(File.ReadAllBytes(_start), _start);
        graph.RemoveOutput("hv");
        graph.Output("hv", graph.Cast(graph.Outputs[0].Value, OnnxType.Int8), OnnxType.Int8);
        var bytes = graph.ToBytes();
        var card = ModelCard.Parse(File.ReadAllBytes(ModelCard.PathFor(_start)), _start) with { Sha256 = ModelCard.HashOf(bytes) };
        var inside = new StartInside(bytes, card.ToJson(), Tissue(_pink));
        using var model = NucleusModel.Load(DarknessModel.Write(_folder.Path, middle: 60, inside: inside, name: "one-map"));

        Assert.Contains("can't be run", (await Assert.ThrowsAsync<ModelException>(() => Run(model, _pink))).Message, StringComparison.Ordinal);
    }

    /// <summary>A damaged place is left out; a server that is away is none, and would choose other weights for this run than for the next.</summary>
    [Fact]
    public void APlaceThatCanNotBeReadForNowChoosesNoWeights()
    {
        using var model = NucleusModel.Load(_start);
        using var slide = Slide.Open(_pink);
        var tissue = TissueDetector.Detect(slide, new Mpp(0.5), 1, TestContext.Current.CancellationToken);

        Assert.Empty(Seen(new SlideException(_pink, "is damaged") { Region = new PixelRect(0, 0, 1, 1) }));
        Assert.Throws<SlideException>(() => Seen(new SlideException(_pink, "the server can't be reached")));

        IReadOnlyList<FieldSums> Seen(SlideException error)
        {
            using var failing = new FailingSlide(slide, error);
            var reader = new SlideSampler(failing, new Mpp(0.5), new Mpp(0.5));
            return TissueSample.Of(failing, reader, tissue, new SegmentSettings { Threads = 2 }, model, TestContext.Current.CancellationToken);
        }
    }

    private static SlideCalibrator Calibrator => new() { Stated = new Mpp(0.5) };

    private async Task<SlideOutcome> Run(NucleusModel model, string picture, WeightChoice weights = WeightChoice.Auto)
    {
        using var segmenter = new SlideSegmenter(model, new SegmentSettings { Weights = weights, Threads = 2 }, Calibrator);
        var folder = _folder.File($"{model.Card.Name}-{Path.GetFileName(picture)}-{weights}");
        return await segmenter.SegmentAsync(picture, folder, cancellation: TestContext.Current.CancellationToken);
    }

    // A model that finds nothing and knows the tissue of a picture.
    private string Adapted(string start, string own, string name = "adapted") => DarknessModel.Write(
        _folder.Path,
        middle: 60,
        inside: new StartInside(File.ReadAllBytes(start), File.ReadAllText(ModelCard.PathFor(start)), Tissue(own)),
        name: name);

    // All speaks for the own tissue; the distance from the picture's colours decides.
    private string Tissue(string picture)
    {
        string[] colours = ["red", "green", "blue"];
        using var model = NucleusModel.Load(_start);
        using var session = SlideSession.Open(picture, model, new SegmentSettings(), Calibrator);
        var figures = FieldFeatures.Of(Assert.Single(TissueSample.Of(session, model, TestContext.Current.CancellationToken)));
        var card = new TissueCard
        {
            Inputs = [.. colours.Select(c => new ScaledFigure(c, 0, 1))],
            CutOff = 5,
            Weights = [0, 0, 0],
            Constant = 1,
            Own = [.. colours.Select(c => figures[FieldFeatures.PlaceOf(c)])],
            Precision = [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
            Limit = 1e-4,
        };
        return JsonSerializer.Serialize(card, QualityJson.Relaxed.TissueCard);
    }

    private string Draw(string name, (byte Red, byte Green, byte Blue) ground, bool discs = true)
    {
        var picture = new RgbImage(700, 500);
        for (var y = 0; y < picture.Height; y++)
        {
            var row = picture.Row(y);
            for (var x = 0; x < picture.Width; x++)
            {
                var (dx, dy) = (((x + 50) % 110) - 55, ((y + 50) % 110) - 55);
                var isDisc = discs && x is > 20 and < 680 && y is > 20 and < 460 && (dx * dx) + (dy * dy) <= 144;

                // Noise, so that the picture is tissue.
                var noise = ((x * 7) + (y * 13)) % 5;
                (row[3 * x], row[(3 * x) + 1], row[(3 * x) + 2]) = isDisc
                    ? ((byte)80, (byte)50, (byte)130)
                    : ((byte)(ground.Red + noise), (byte)(ground.Green + noise), (byte)(ground.Blue + noise));
            }
        }

        var path = _folder.File(name);
        RgbImageFile.WritePng(path, picture);
        return path;
    }
}
