using System.Text.Json;
using HoverFast.Cli;
using HoverFast.Files.Chains;
using HoverFast.Jobs;
using HoverFast.Model;
using HoverFast.Training.Adaptation;
using HoverFast.Training.Commands;
using HoverFast.Training.Data;
using HoverFast.Training.Export;
using HoverFast.Training.Optimisation;
using HoverFast.Training.Torch;
using Xunit;

namespace HoverFast.Training.Tests;

/// <summary>The command, end to end on drawn tiles: pale discs, of which no start finds any.</summary>
public sealed class AdaptTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public AdaptTests() => LibTorch.Prepare(1);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void ABuiltInStudentIsAdaptedFromItsFloatTwin()
    {
        Assert.Equal("hoverfast-he-float32", StartingModel.Trainable("hoverfast-he"));
        Assert.Equal("hoverfast-he-fast-float32", StartingModel.Trainable("hoverfast-he-fast"));
        Assert.Equal("hoverfast-he-float32", StartingModel.Trainable("hoverfast-he-float32"));
        Assert.Equal("ours.onnx", StartingModel.Trainable("ours.onnx"));
    }

    [Fact]
    public async Task AStudentLearnsNucleiThatItDoesNotKnowAndSaysHowWell()
    {
        var tiles = Pale("tiles", 3);
        var output = Path.Combine(_folder.Path, "ours.onnx");

        Assert.Equal(
            ExitCode.Success,
            await Adapt(tiles, "-o", output, "--model", "hoverfast-he-fast", "--steps", "10", "--rate", "1e-2", "--runs", "2", "--licence", "CC0",
                "--also-check", $"{Pale("others", 1, first: 11)}=0.25", "--log", Path.Combine(_folder.Path, "audit.jsonl"), "--who", "Ada"));

        // Scores are those of tiles that nothing was learned from.
        using var adapted = NucleusModel.Load(output);
        Assert.Equal("tiles, held out", adapted.Card.Scores[0].Set);
        Assert.Equal(3, adapted.Card.Scores[0].Images);
        Assert.True(
            adapted.Card.Scores[0].Pq > adapted.Card.ScoresBefore![0].Pq + 0.02,
            $"{adapted.Card.ScoresBefore[0].Pq} before, {adapted.Card.Scores[0].Pq} after");
        Assert.Equal(["tiles, held out", "nuinsseg", "tnbc", "consep", "others"], adapted.Card.Scores.Select(s => s.Set));

        // The card says from what it was made, and whose tiles it learned.
        using var start = NucleusModel.LoadBuiltIn("hoverfast-he-fast-float32");
        Assert.Equal("hoverfast-he-fast", adapted.Card.Calibration);
        Assert.Equal(new ModelCard.BaseModel("hoverfast-he-fast-float32", start.Card.Sha256), adapted.Card.Base);
        Assert.Contains(adapted.Card.Data, d => d is { Name: "tiles", Use: "train", Images: 3, Licence: "CC0" });
        Assert.Contains("CC0", adapted.Card.Licence, StringComparison.Ordinal);
        using var integers = NucleusModel.Load(Path.Combine(_folder.Path, "ours-int8.onnx"));
        Assert.Equal("int8", integers.Card.Precision);

        // The report names each tile, and shows it twice.
        using var report = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(_folder.Path, "ours.report.json")));
        Assert.Equal(
            ["discs_1", "discs_2", "discs_3"],
            report.RootElement.GetProperty("own").GetProperty("tiles").EnumerateArray().Select(t => t.GetProperty("name").GetString()).Order());
        Assert.Equal(4, report.RootElement.GetProperty("checks").GetArrayLength());
        var page = await File.ReadAllTextAsync(Path.Combine(_folder.Path, "ours.report.html"), TestContext.Current.CancellationToken);
        Assert.Equal(6, page.Split("data:image/jpeg;base64,").Length - 1);

        // Means over pictures and figures over all nuclei differ: both say which they are.
        Assert.Contains("Its scores are means over pictures; its report gives PQ on known tissue over all nuclei", adapted.Card.Description, StringComparison.Ordinal);
        Assert.Contains("over all nuclei of a set together", page, StringComparison.Ordinal);
        Assert.Contains("card gives the mean over pictures instead", page, StringComparison.Ordinal);

        // The log has it, and holds the files against it.
        using (var entry = JsonDocument.Parse(Assert.Single(ChainedFile.Read(Path.Combine(_folder.Path, "audit.jsonl")).Entries)))
        {
            var told = entry.RootElement;
            Assert.Equal(("Ada", "adapted", "ours.onnx"), (Text(told, "who"), Text(told, "what"), Text(told, "result")));
            Assert.Equal((start.Card.Sha256, adapted.Card.Sha256), (Text(told, "model"), told.GetProperty("files").GetProperty("ours.onnx").GetString()));
            Assert.Equal(4, told.GetProperty("files").EnumerateObject().Count());
            Assert.StartsWith("from hoverfast-he-fast-float32 ", Text(told, "note"), StringComparison.Ordinal);
        }

        Assert.Empty(ResultVerification.Of(_folder.Path).Problems);
        File.AppendAllText(Path.Combine(_folder.Path, "ours.report.html"), "better");
        File.Delete(Path.Combine(_folder.Path, "ours-int8.onnx"));
        Assert.Equal(
            ["ours-int8.onnx: is missing;", "ours.report.html: is not the one"],
            ResultVerification.Of(_folder.Path).Problems.Select(p => p[..p.IndexOf(" audit", StringComparison.Ordinal)]
                .Replace(" that", "", StringComparison.Ordinal)).Order());

        // Its tiles go along, for the next adapting.
        var kept = Assert.Single(RehearsalPack.Unpack(Path.Combine(_folder.Path, "ours.rehearsal.zip"), Path.Combine(_folder.Path, "kept")));
        Assert.Equal(["discs_1", "discs_2", "discs_3"], kept.Learned.Concat(kept.Checked).Order());
        Assert.Equal(0.25, kept.Mpp);

        // It can't be judged by them again.
        string[] again = ["-o", Path.Combine(_folder.Path, "again.onnx"), "--model", output, "--steps", "1", "--runs", "2"];
        Assert.Equal(ExitCode.CannotStart, await Adapt(tiles, again));
    }

    /// <summary>As <c>datasets import</c> makes them of QuPath's classes, which may be any.</summary>
    [Fact]
    public void TypesThatTilesHaveAreLeftAside()
    {
        var tiles = Pale("tiles", 2);
        Directory.CreateDirectory(Path.Combine(tiles, "types"));
        File.WriteAllText(Path.Combine(tiles, "types", "discs_1.csv"), "label,type\n1,Tumor budding\n");
        var plan = new AdaptationPlan { Tiles = new DataSetConfiguration { Name = "tiles", Folder = tiles, Mpp = 0.25 }, Names = ["discs_1", "discs_2"] };
        var run = new AdaptationRun(plan, StartingModel.Load("hoverfast-he-fast-float32"), held: ["discs_2"], _folder.Path, TextWriter.Null).Configuration([]);
        Assert.NotNull(run.LearnedTypes);
        Assert.Empty(Assert.Single(DataSet.Load(run.Train[0], "/", run.LearnedTypes).Images).Types);
    }

    /// <summary>A second adapting owes something to the tiles of the first one, whatever its own are.</summary>
    [Fact]
    public void TheCardNamesTheTilesOfEveryAdapting()
    {
        var set = new DataSetConfiguration { Name = "tiles", Folder = Pale("tiles", 1), Mpp = 0.25, Licence = "CC0", Source = DataOfRun.UsersTiles };
        var basis = ModelCatalog.CardOf("hoverfast-he-float32") with
        {
            Data = [new ModelCard.DataUse("tiles", "train", 9, "CC BY-NC 4.0", DataOfRun.UsersTiles, 0.25)],
        };
        var data = DataOfRun.Of(new TrainingConfiguration { Name = "again", Network = Drawn.TinyNetwork, Train = [set] }, "/", basis);
        Assert.Equal([("start", "CC BY-NC 4.0"), ("train", "CC0")], data.Select(d => (d.Use, d.Licence)));
    }

    [Fact]
    public void TilesThatAreLearnedDoNotCheck()
    {
        var tiles = Pale("tiles", 2);
        var others = Pale("others", 2, first: 2);
        var report = TileCheck.Run(tiles, 0.25, cancellation: TestContext.Current.CancellationToken);
        var error = Assert.Throws<TrainingException>(() => AlsoCheckSet.Parse(others, 0.25, report));
        Assert.Contains("discs_2.png: is learned from too", error.Message, StringComparison.Ordinal);
        Assert.Equal("free", AlsoCheckSet.Parse(Pale("free", 1, first: 3), 0.25, report).Name);
    }

    [Fact]
    public async Task NoOlderModelIsLeftWhereNothingGetsBetter()
    {
        var tiles = Pale("tiles", 2);
        string[] unlearned = ["--model", TinyModel(), "--steps", "1", "--rate", "1e-9"];
        var output = Path.Combine(_folder.Path, "ours.onnx");
        await File.WriteAllTextAsync(output, "an older one", TestContext.Current.CancellationToken);

        Assert.Equal(ExitCode.CannotStart, await Adapt(tiles, ["-o", output, .. unlearned]));
        Assert.True(File.Exists(output));

        // A folder that keeps a log gets what came to nothing too.
        await File.WriteAllTextAsync(Path.Combine(_folder.Path, "audit.jsonl"), "", TestContext.Current.CancellationToken);
        Assert.Equal(ExitCode.SomeFailed, await Adapt(tiles, ["-o", output, "--overwrite", .. unlearned]));

        Assert.Equal(["audit.jsonl", "start", "tiles"], Directory.GetFileSystemEntries(_folder.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        using var entry = JsonDocument.Parse(Assert.Single(ChainedFile.Read(Path.Combine(_folder.Path, "audit.jsonl")).Entries));
        Assert.Equal(("adaptation gave no model", false), (Text(entry.RootElement, "what"), entry.RootElement.TryGetProperty("files", out _)));
        Assert.Empty(ResultVerification.Of(_folder.Path).Problems);

        // Nothing is done that can't be written down.
        await File.AppendAllTextAsync(Path.Combine(_folder.Path, "audit.jsonl"), "{}\n", TestContext.Current.CancellationToken);
        Assert.Equal(ExitCode.CannotStart, await Adapt(tiles, ["-o", output, .. unlearned]));
    }

    /// <summary>Nothing gained, the start would be deleted with all that lies beside it.</summary>
    [Theory]
    [InlineData("ours.onnx")]
    [InlineData("ours-int8.onnx")]
    [InlineData("other/../ours.onnx")]
    [InlineData("linked/ours.onnx")]
    public async Task TheStartIsNeverWrittenOver(string output)
    {
        var model = StartingModel.Load("hoverfast-he-fast-float32");
        var place = Directory.CreateDirectory(Path.Combine(_folder.Path, "models")).FullName;
        var start = Path.Combine(place, "ours.onnx");
        await File.WriteAllBytesAsync(start, model.Graph, TestContext.Current.CancellationToken);
        model.Card.Save(ModelCard.PathFor(start));
        await File.WriteAllTextAsync(StartingModel.IntegerName(start), "its twin", TestContext.Current.CancellationToken);
        Directory.CreateSymbolicLink(Path.Combine(place, "linked"), place);

        Assert.Equal(
            ExitCode.CannotStart,
            await Adapt(Pale("tiles", 2), "--model", start, "-o", Path.Combine(place, output), "--overwrite", "--steps", "1", "--rate", "1e-9"));

        Assert.Equal(
            ["linked", "ours-int8.onnx", "ours.card.json", "ours.onnx"],
            Directory.GetFileSystemEntries(place).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        var error = Assert.Throws<TrainingException>(
            () => new AdaptedModelFiles(Path.Combine(place, output)).ThrowIfStart(StartingModel.Load(start)));
        Assert.Contains("Give another -o", error.Message, StringComparison.Ordinal);
        new AdaptedModelFiles(Path.Combine(place, "theirs.onnx")).ThrowIfStart(StartingModel.Load(start));
        new AdaptedModelFiles(Path.Combine(place, "theirs.onnx")).ThrowIfStart(model);
    }

    [Fact]
    public void OlderFilesGoOnlyOnceTheNewOnesAreThere()
    {
        var old = new AdaptedModelFiles(Path.Combine(_folder.Path, "ours.onnx"));
        var made = old.In(Path.Combine(_folder.Path, "made"));
        File.WriteAllText(old.Float32, "old");
        File.WriteAllText(old.Rehearsal, "old crops");
        File.WriteAllText(made.Float32, "new");
        File.WriteAllText(made.ReportHtml, "new page");
        Directory.CreateDirectory(old.ReportHtml);

        Assert.Throws<IOException>(() => old.TakeFrom(made));
        Assert.Equal(("old", "old crops"), (File.ReadAllText(old.Float32), File.ReadAllText(old.Rehearsal)));
        Assert.Empty(Directory.GetFiles(_folder.Path, "*.partial"));

        Directory.Delete(old.ReportHtml);
        old.TakeFrom(made);
        Assert.Equal(("new", "new page"), (File.ReadAllText(old.Float32), File.ReadAllText(old.ReportHtml)));
        Assert.False(File.Exists(old.Rehearsal));
    }

    [Fact]
    public async Task AStoppedRunGoesOnFromItsWorkFolder()
    {
        var tiles = Pale("tiles", 2);
        var work = Path.Combine(_folder.Path, "work");
        string[] options = ["--model", TinyModel(), "--keep", "0", "--steps", "30", "--rate", "1e-2", "--runs", "2", "--work", work];
        using var stop = new CancellationTokenSource();
        var running = Task.Run(
            () => Run(tiles, [.. options, "-o", Path.Combine(_folder.Path, "stopped.onnx")], stop.Token),
            TestContext.Current.CancellationToken);
        while (!running.IsCompleted && !File.Exists(Path.Combine(work, "whole", "metrics.csv")))
        {
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }

        await stop.CancelAsync();
        Assert.Equal(ExitCode.Cancelled, await running);
        Assert.False(File.Exists(Path.Combine(work, "part-2", "last.safetensors")));

        // Whether so small a network keeps what it knew is not asked here.
        Assert.Contains(await Adapt(tiles, [.. options, "-o", Path.Combine(_folder.Path, "whole.onnx")]), new[] { ExitCode.Success, ExitCode.SomeFailed });
        Assert.True(File.Exists(Path.Combine(work, "part-2", "last.safetensors")));

        // Other options would mix two results.
        Assert.Equal(ExitCode.CannotStart, await Adapt(tiles, [.. options.Select(o => o == "1e-2" ? "2e-2" : o), "-o", Path.Combine(_folder.Path, "other.onnx")]));
    }

    private static string? Text(JsonElement entry, string name) => entry.GetProperty(name).GetString();

    [Fact]
    public async Task OneTileIsTooFew() =>
        Assert.Equal(ExitCode.CannotStart, await Adapt(Pale("tiles", 1), "-o", Path.Combine(_folder.Path, "ours.onnx")));

    [Fact]
    public async Task CheckAloneWritesNothing()
    {
        Assert.Equal(ExitCode.Success, await Adapt(Pale("tiles", 2), "--check"));

        Assert.Equal(["tiles"], Directory.GetFileSystemEntries(_folder.Path).Select(Path.GetFileName));
    }

    [Theory]
    [InlineData("--mpp is", "--mpp", "0")]
    [InlineData("--mpp is", "--mpp", "-0.25")]
    [InlineData("--mpp", "--mpp", "nan")]
    [InlineData("--mpp", "--mpp", "0,25")]
    [InlineData("--steps is 1 to 100000, not -5.", "--steps", "-5")]
    [InlineData("--rate is above 0, at most 0.1, not 0.", "--rate", "0")]
    [InlineData("--rate", "--rate", "nan")]
    [InlineData("--rate", "--rate", "5e-4x")]
    [InlineData("--rate", "--rate", "0,01")]
    [InlineData("--runs is 2 to 10", "--runs", "1")]
    [InlineData("--keep is 0 to 1000", "--keep", "-1")]
    [InlineData("--threads is 1 to", "--threads", "0")]
    public void AnOptionThatMakesNoSenseIsNamed(string message, params string[] options)
    {
        string[] mpp = options.Contains("--mpp") ? [] : ["--mpp", "0.25"];

        var errors = AdaptCommand.Create().Parse([_folder.Path, "-o", "ours.onnx", .. mpp, .. options]).Errors;

        Assert.Contains(message, Assert.Single(errors).Message, StringComparison.Ordinal);
    }

    private string TinyModel() => TinyStudent.Train(Directory.CreateDirectory(Path.Combine(_folder.Path, "start")).FullName);

    private string Pale(string name, int count, int first = 1)
    {
        var tiles = Path.Combine(_folder.Path, name);
        Drawn.Write(tiles, Enumerable.Range(first, count).Select(seed => Drawn.Discs(192, seed, (250, 245, 250))));
        return tiles;
    }

    internal static Task<int> Adapt(string tiles, params string[] more) => Run(tiles, more, TestContext.Current.CancellationToken);

    private static Task<int> Run(string tiles, string[] more, CancellationToken cancellation) =>
        AdaptCommand.Create().Parse([tiles, "--mpp", "0.25", "--threads", "1", .. more]).InvokeAsync(cancellationToken: cancellation);
}
