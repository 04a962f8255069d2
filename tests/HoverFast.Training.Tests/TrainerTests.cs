using System.Text.RegularExpressions;
using HoverFast.Model;
using HoverFast.Training.Commands;
using HoverFast.Training.Data;
using HoverFast.Training.Export;
using HoverFast.Training.Networks;
using HoverFast.Training.Optimisation;
using HoverFast.Training.Torch;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace HoverFast.Training.Tests;

public sealed class TrainerTests
{
    public TrainerTests() => LibTorch.Prepare(1);

    [Fact]
    public void AResumedRunEndsWithTheSameBytes()
    {
        using var folder = new TemporaryFolder();
        var configuration = Drawn.Run(folder.Path, 8);
        Train(configuration, Path.Combine(folder.Path, "whole"), int.MaxValue);

        var resumed = Path.Combine(folder.Path, "resumed");
        Assert.Throws<OperationCanceledException>(() => Train(configuration, resumed, 1));
        Train(configuration, resumed, int.MaxValue);

        Assert.Equal(File.ReadAllBytes(Path.Combine(folder.Path, "whole", "last.safetensors")), File.ReadAllBytes(Path.Combine(resumed, "last.safetensors")));
        Assert.True(File.Exists(Path.Combine(resumed, "metrics.png")));
        Assert.Equal(File.ReadAllText(Path.Combine(folder.Path, "whole", "metrics.csv")), File.ReadAllText(Path.Combine(resumed, "metrics.csv")));
    }

    /// <summary>Tissue without a nucleus, tiles smaller than a crop, one crop a step, at a high rate: the loss stays a number, and the run ends.</summary>
    [Fact]
    public void TilesWithoutNucleiAndSmallerThanACropAreLearnedFrom()
    {
        using var folder = new TemporaryFolder();
        var run = TrainingConfiguration.Read(Drawn.Run(folder.Path, 40)) with { Batch = 1, LearningRate = 0.1, ValidateEvery = 40 };
        var bare = Drawn.Discs(160, 5);
        Array.Clear(bare.Labels.Labels);
        Drawn.Write(Path.Combine(folder.Path, "bare"), bare, Drawn.Discs(24, 6));
        run = run with { Train = [run.Train[0] with { Name = "bare", Folder = "bare" }] };

        Train(run, folder.Path, Path.Combine(folder.Path, "out"));

        Assert.All(
            File.ReadAllLines(Path.Combine(folder.Path, "out", "metrics.csv"))[1].Split(',')[1..7],
            l => Assert.True(double.IsFinite(double.Parse(l, System.Globalization.CultureInfo.InvariantCulture)), l));
    }

    /// <summary>A loss that is too large for a number: one line that names the run and what to change.</summary>
    [Fact]
    public void ALossThatIsNoNumberEndsTheRunInOneLine()
    {
        using var folder = new TemporaryFolder();
        var run = TrainingConfiguration.Read(Drawn.Run(folder.Path, 8)) with { LearningRate = 1, ValidateEvery = 2, Bfloat16 = false };
        var to = Path.Combine(folder.Path, "out");

        var thrown = Assert.Throws<TrainingException>(() => Train(run with { Loss = new LossWeights { Hv = 1e39 } }, folder.Path, to));
        Assert.Equal(
            "tiny: the loss or its gradient is not a number at step 1. Lower learningRate (here 1), or set bfloat16 to false. No checkpoint is kept yet.",
            Failure.Told(thrown));
    }

    /// <summary>What libtorch throws comes as one line with its first sentence, outside the steps of a run too.</summary>
    [Fact]
    public void WhatLibtorchThrowsIsToldInOneLine()
    {
        using var a = zeros(2, 3);
        using var b = zeros(2, 5);

        var thrown = Assert.Throws<System.Runtime.InteropServices.ExternalException>(() => a.Plus(b));

        Assert.Equal(
            "libtorch: The size of tensor a (3) must match the size of tensor b (5) at non-singleton dimension 1. The same command goes on from here; "
                + "if it ends here again, take smaller tiles.",
            Failure.Told(thrown));
        Assert.Equal(3, Failure.Guard(() => throw thrown));
    }

    /// <summary>Ctrl-C between two validations: what the steps since the last one have learned and measured is kept.</summary>
    [Fact]
    public void ARunStoppedBetweenTwoValidationsEndsWithTheSameBytes()
    {
        using var folder = new TemporaryFolder();
        var run = TrainingConfiguration.Read(Drawn.Run(folder.Path, 8));
        Train(run, folder.Path, Path.Combine(folder.Path, "whole"));

        var stopped = Path.Combine(folder.Path, "stopped");
        using (var stop = new CancellationTokenSource())
        {
            using var trainer = new Trainer(run, folder.Path, stopped, TextWriter.Null, afterStep: step =>
            {
                if (step == 6)
                {
                    stop.Cancel();
                }
            });
            Assert.Throws<OperationCanceledException>(() => trainer.Run(stop.Token));
        }

        var (_, metadata) = TensorFile.Read(Path.Combine(stopped, "last.safetensors"));
        Assert.Equal("6", metadata["step"]);
        Train(run, folder.Path, stopped);

        Assert.Equal(File.ReadAllBytes(Path.Combine(folder.Path, "whole", "last.safetensors")), File.ReadAllBytes(Path.Combine(stopped, "last.safetensors")));
        Assert.Equal(File.ReadAllText(Path.Combine(folder.Path, "whole", "metrics.csv")), File.ReadAllText(Path.Combine(stopped, "metrics.csv")));
    }

    /// <summary>A kill between the first validation's line and its checkpoint.</summary>
    [Fact]
    public void ARunKilledBeforeItsFirstCheckpointHasEachValidationOnce()
    {
        using var folder = new TemporaryFolder();
        var run = TrainingConfiguration.Read(Drawn.Run(folder.Path, 8));
        var to = Path.Combine(folder.Path, "out");
        Train(run, folder.Path, to);
        var metrics = Path.Combine(to, "metrics.csv");
        var whole = File.ReadAllText(metrics);
        File.WriteAllLines(metrics, whole.Split('\n')[..2]);
        File.Delete(Path.Combine(to, "last.safetensors"));

        Train(run, folder.Path, to);

        Assert.Equal(whole, File.ReadAllText(metrics));
    }

    /// <summary>Steps without a better validation, as many as an int doesn't hold.</summary>
    [Fact]
    public void GreatPatienceLastsToTheEnd()
    {
        using var folder = new TemporaryFolder();
        var run = TrainingConfiguration.Read(Drawn.Run(folder.Path, 1)) with { Patience = 1_000_000, ValidateEvery = 2500 };
        var to = Path.Combine(folder.Path, "out");

        Train(run, folder.Path, to);

        Assert.StartsWith("1,", File.ReadAllLines(Path.Combine(to, "metrics.csv"))[^1], StringComparison.Ordinal);
    }

    /// <summary>Validations are far apart: nobody waits for the first one to learn that it runs, and how long.</summary>
    [Fact]
    public void ARunSaysFromItsFirstStepsHowLongItTakes()
    {
        using var folder = new TemporaryFolder();
        var run = TrainingConfiguration.Read(Drawn.Run(folder.Path, 41)) with { ValidateEvery = 40 };
        var log = new StringWriter();

        using (var trainer = new Trainer(run, folder.Path, Path.Combine(folder.Path, "run"), log))
        {
            trainer.Run(TestContext.Current.CancellationToken);
        }

        var lines = log.ToString().Split('\n');
        Assert.Equal("drawn: 2 images, learned from", lines[0]);
        var first = Array.FindIndex(lines, l => l.Contains("2/41", StringComparison.Ordinal));
        Assert.Matches(@"^  2/41  loss \d+\.\d{3}  \d+\.\d crops/s  \d+:\d\d:\d\d left$", lines[first]);
        Assert.True(first < Array.FindIndex(lines, l => l.StartsWith("step 40/41", StringComparison.Ordinal)));
    }

    /// <summary>Whole days count too.</summary>
    [Fact]
    public void ARunOfDaysSaysHowManyHoursAreLeft()
    {
        using var folder = new TemporaryFolder();
        var run = TrainingConfiguration.Read(Drawn.Run(folder.Path, 100_000_000)) with { ValidateEvery = 100 };
        using var stop = new CancellationTokenSource();
        var log = new StringWriter();
        using (var trainer = new Trainer(run, folder.Path, Path.Combine(folder.Path, "run"), log, afterStep: step =>
        {
            if (step == 2)
            {
                stop.Cancel();
            }
        }))
        {
            Assert.Throws<OperationCanceledException>(() => trainer.Run(stop.Token));
        }

        var hours = Regex.Match(log.ToString(), @"^  2/100000000 .* (?<hours>\d+):\d\d:\d\d left$", RegexOptions.Multiline).Groups["hours"].Value;
        Assert.True(int.Parse(hours, System.Globalization.CultureInfo.InvariantCulture) >= 24, hours);
    }

    /// <summary>On systems without fonts the plot must still say what it shows.</summary>
    [Fact]
    public void ThePlotHasTitlesTicksAndALegend()
    {
        using var folder = new TemporaryFolder();
        var (csv, png) = (Path.Combine(folder.Path, "metrics.csv"), Path.Combine(folder.Path, "metrics.png"));
        File.WriteAllText(
            csv,
            "step,loss,crossEntropy,diceLoss,hv,hvGradient,organ.pq,organ.aji,organ.dice\n100,2,1,.5,.3,.2,.1,.1,.1\n200,1,.5,.25,.15,.1,.5,.5,.5\n");

        MetricsPlot.Draw(csv, png);

        var plot = Slides.RgbImageFile.Read(png);
        Assert.Equal((1000, 420), (plot.Width, plot.Height));
        foreach (var left in new[] { 0, 500 })
        {
            Assert.InRange(Dark(left + 150, 0, 250, 28), 80, 4000);       // title, over the curves
            Assert.InRange(Dark(left + 70, 385, 400, 35), 40, 4000);      // "step" and, above it,
            Assert.InRange(Dark(left + 70, 355, 400, 30), 40, 4000);      // its numbers
            Assert.InRange(Dark(left, 40, 45, 300), 40, 4000);            // numbers of the y axis
        }

        int Dark(int x, int y, int width, int height) =>
            (
                from v in Enumerable.Range(y, height)
                from u in Enumerable.Range(x, width)
                let at = ((v * plot.Width) + u) * 3
                where plot.Pixels[at] < 110 && plot.Pixels[at + 1] < 110 && plot.Pixels[at + 2] < 110
                select at
            ).Count();
    }

    [Fact]
    public async Task CheckingAloneShowsTheDataAndTrainsNothing()
    {
        using var folder = new TemporaryFolder();
        var configuration = Drawn.Run(folder.Path, 4);
        var output = Path.Combine(folder.Path, "out");

        Assert.Equal(0, await TrainingProgram.RunAsync(["train", configuration, "--check", "-o", output]));
        Assert.Equal(["labels-drawn.png"], Directory.EnumerateFileSystemEntries(output).Select(Path.GetFileName));

        // A copy of a training tile among those that judge: neither checked nor trained.
        File.Copy(Path.Combine(folder.Path, "data", "images", "discs_1.png"), Path.Combine(folder.Path, "held", "images", "discs_3.png"), overwrite: true);
        Assert.Equal(3, await TrainingProgram.RunAsync(["train", configuration, "--check", "-o", output]));
        Assert.Equal(3, await TrainingProgram.RunAsync(["train", configuration, "-o", output]));
        Assert.False(File.Exists(Path.Combine(output, "last.safetensors")));
    }

    [Fact]
    public void LossFallsOnDrawnData()
    {
        using var folder = new TemporaryFolder();
        var configuration = Drawn.Run(folder.Path, 60);
        Train(configuration, Path.Combine(folder.Path, "run"), int.MaxValue);

        var losses = File.ReadAllLines(Path.Combine(folder.Path, "run", "metrics.csv")).Skip(1).Select(l => double.Parse(l.Split(',')[1])).ToList();
        Assert.True(losses[^1] < 0.75 * losses[0], $"from {losses[0]} to {losses[^1]}");
    }

    /// <summary>Left out, the number of threads is the machine's: the same command must go on elsewhere too.</summary>
    [Fact]
    public void ARunGoesOnWithOtherThreads()
    {
        using var folder = new TemporaryFolder();
        var configuration = Drawn.Run(folder.Path, 8);
        var run = Path.Combine(folder.Path, "run");
        Assert.Throws<OperationCanceledException>(() => Train(configuration, run, 1));
        var elsewhere = TrainingConfiguration.Read(configuration) with { Threads = 2 };
        using var log = new StringWriter();

        using (var trainer = new Trainer(elsewhere, folder.Path, run, log))
        {
            trainer.Run(TestContext.Current.CancellationToken);
        }

        Assert.Contains("going on from step 4", log.ToString(), StringComparison.Ordinal);
        Assert.Equal("8", TrainedWeights.Read(Path.Combine(run, "last.safetensors")).Metadata["step"]);
        Assert.Throws<TrainingException>(() => new Trainer(elsewhere with { Seed = 2 }, folder.Path, run, TextWriter.Null));
    }

    [Fact]
    public void RefusesToGoOnWithAnotherConfiguration()
    {
        using var folder = new TemporaryFolder();
        var run = Path.Combine(folder.Path, "run");
        Train(Drawn.Run(folder.Path, 4), run, int.MaxValue);

        Assert.Contains(
            "another configuration",
            Assert.Throws<TrainingException>(() => Train(Drawn.Run(folder.Path, 5), run, int.MaxValue)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void ANarrowRunBeginsWithAWideOnesAverageAndItsCardSaysSo()
    {
        using var folder = new TemporaryFolder();
        var wide = TrainingConfiguration.Read(Drawn.Run(folder.Path, 4)) with
        {
            Network = Drawn.TinyNetwork with { Widths = [32, 48] },
            Train =
            [
                new DataSetConfiguration
                {
                    Name = "theirs",
                    Folder = "data",
                    Mpp = 0.25,
                    Source = "elsewhere",
                },
            ],
        };
        Train(wide, folder.Path, Path.Combine(folder.Path, "wide"));
        using var scope = NewDisposeScope();
        var last = Path.Combine(folder.Path, "wide", "last.safetensors");
        StudentExporter.Write(
            StudentExporter.Graph(TrainedWeights.Read([last]), wide.Network, "wide"),
            "float32",
            wide,
            folder.Path,
            Path.Combine(folder.Path, "wide.onnx"),
            _ => []);

        var narrow = TrainingConfiguration.Read(Drawn.Run(folder.Path, 1)) with
        {
            NarrowFrom = "wide/last.safetensors",
            StartCard = "wide.card.json",
            LearningRate = 1e-9,
        };
        Train(narrow, folder.Path, Path.Combine(folder.Path, "narrow"));

        var (found, _) = TrainedWeights.Read(Path.Combine(folder.Path, "narrow", "last.safetensors"));
        var expected = Narrowing.Narrow(TrainedWeights.Read([last]), wide.Network, narrow.Network);
        Assert.Equal(expected["head.weight"].data<float>().ToArray(), found["head.weight"].data<float>().ToArray(), (a, b) => Math.Abs(a - b) < 1e-5f);
        var card = StudentExporter.Write(
            StudentExporter.Graph(found, narrow.Network, "narrow"),
            "float32",
            narrow,
            folder.Path,
            Path.Combine(folder.Path, "narrow.onnx"),
            _ => []);
        Assert.Equal("start", Assert.Single(card.Data, d => d.Source == "elsewhere").Use);
    }

    [Fact]
    public void AWideRunsFileWithoutItsConfigurationIsRefused()
    {
        using var folder = new TemporaryFolder();
        TensorFile.Write(
            Path.Combine(folder.Path, "wide.safetensors"),
            new Dictionary<string, Tensor> { ["head.weight"] = ones(1) },
            new Dictionary<string, string>());
        var run = TrainingConfiguration.Read(Drawn.Run(folder.Path, 1)) with { NarrowFrom = "wide.safetensors" };
        Assert.Contains(
            "wide.safetensors",
            Assert.Throws<TrainingException>(() => Train(run, folder.Path, Path.Combine(folder.Path, "run"))).Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, 1, false, false)]
    [InlineData(2, 1, true, false)]
    [InlineData(2, 2, false, false)]
    [InlineData(2, 1, true, true)]
    public void TheExportedModelGivesWhatTheNetworkGives(int stem, int outputStride, bool residual, bool strided)
    {
        var architecture = Drawn.TinyNetwork with
        {
            Stem = stem,
            OutputStride = outputStride,
            Residual = residual,
            StridedBlocks = strided,
            StemKernel = strided ? 5 : 3,
        };
        using var folder = new TemporaryFolder();
        using var scope = NewDisposeScope();
        using var network = new UNet(architecture, seed: 3, bfloat16: false, CPU);
        RandomStatistics(network);
        var run = TrainingConfiguration.Read(Drawn.Run(folder.Path, 1)) with { Network = architecture };
        var path = Path.Combine(folder.Path, "model.onnx");
        var weights = network.Parameters.Concat(network.Statistics).ToDictionary(p => p.Key, p => p.Value);
        StudentExporter.Write(StudentExporter.Graph(weights, architecture, "model"), "float32", run, folder.Path, path, _ => []);
        var image = Drawn.Discs(96, 5).Image;

        using var model = NucleusModel.Load(path);
        var expected = Validation.Predict(network, image);
        var maps = model.Run(image);

        Assert.Equal((expected.Width, expected.Height), (maps.Width, maps.Height));
        for (var i = 0; i < maps.Width * maps.Height; i++)
        {
            Assert.InRange(maps.Probability[i] - expected.Probability[i], -1, 1);
            Assert.InRange(maps.Horizontal[i] - expected.Horizontal[i], -1, 1);
            Assert.InRange(maps.Vertical[i] - expected.Vertical[i], -1, 1);
        }

        Assert.True(maps.Probability.Distinct().Count() > 20, "the maps are flat, the comparison says nothing");
    }

    [Fact]
    public void ARunThatStartsFromAModelHasABatchNormOfItsOwn()
    {
        using var folder = new TemporaryFolder();
        using var scope = NewDisposeScope();
        using var network = new UNet(Drawn.TinyNetwork, seed: 3, bfloat16: false, CPU);
        RandomStatistics(network);
        var run = TrainingConfiguration.Read(Drawn.Run(folder.Path, 1));
        var path = Path.Combine(folder.Path, "model.onnx");
        StudentExporter.Write(
            StudentExporter.Graph(network.Parameters.Concat(network.Statistics).ToDictionary(p => p.Key, p => p.Value), run.Network, "model"),
            "float32",
            run,
            folder.Path,
            path,
            _ => []);
        var image = Drawn.Discs(64, 4).Image;
        var expected = Validation.Predict(network, image);
        using var copy = new UNet(Drawn.TinyNetwork, seed: 8, bfloat16: false, CPU);
        copy.Load(StartingWeights.Of(run with { StartFrom = "model.onnx" }, folder.Path)!);
        var pixels = Array.ConvertAll(image.Pixels, p => p / 255f);

        copy.Renormalise(Batches.Pack([pixels], image.Width, image.Height, run.Network, CPU));

        Assert.InRange((copy.Statistics["encoder0.0.mean"] - copy.Parameters["encoder0.0.beta"]).abs().max().ToSingle(), 0.01f, float.MaxValue);
        Assert.All(Validation.Predict(copy, image).Probability.Zip(expected.Probability), p => Assert.InRange(p.First - p.Second, -1, 1));
        using var packed = Batches.Pack([pixels], image.Width, image.Height, run.Network, CPU);
        Assert.True(
            (copy.Forward(packed, training: true) - copy.Forward(packed, training: false)).abs().max().ToSingle() < 0.1f,
            "on the crops that were measured, the batch's statistics and the running ones are the same");

        using var trainer = new Trainer(run with { StartFrom = "model.onnx" }, folder.Path, Path.Combine(folder.Path, "run"), TextWriter.Null);
        trainer.Run(TestContext.Current.CancellationToken);
    }

    [Fact]
    public void WeightsOfSeveralRunsAreAveraged()
    {
        using var folder = new TemporaryFolder();
        using var scope = NewDisposeScope();
        string Path(string name) => System.IO.Path.Combine(folder.Path, name);
        var none = new Dictionary<string, string>();
        TensorFile.Write(Path("best"), new Dictionary<string, Tensor> { ["w"] = tensor(new[] { 1f, 2f }) }, none);
        TensorFile.Write(Path("last"), new Dictionary<string, Tensor> { ["w"] = tensor(new[] { 9f, 9f }), ["average.w"] = tensor(new[] { 3f, 6f }) }, none);
        TensorFile.Write(Path("other"), new Dictionary<string, Tensor> { ["v"] = tensor(new[] { 1f, 2f }) }, none);

        Assert.Equal([3f, 6f], TrainedWeights.Read([Path("last")])["w"].data<float>());
        Assert.Equal([2f, 4f], TrainedWeights.Read([Path("best"), Path("last")])["w"].data<float>());
        Assert.Contains(
            Path("other"),
            Assert.Throws<InvalidDataException>(() => TrainedWeights.Read([Path("best"), Path("other")])).Message,
            StringComparison.Ordinal);
    }

    private static void RandomStatistics(UNet network)
    {
        using var noGrad = no_grad();
        foreach (var (name, tensor) in network.Statistics)
        {
            tensor.copy_(name.EndsWith(".variance", StringComparison.Ordinal) ? rand_like(tensor) + 0.5 : randn_like(tensor) * 0.2);
        }
    }

    private static void Train(string configuration, string folder, int stopAfterReports)
    {
        using var stop = new CancellationTokenSource();
        using var log = new StoppingLog(stop, stopAfterReports);
        using var trainer = new Trainer(TrainingConfiguration.Read(configuration), Path.GetDirectoryName(configuration)!, folder, log);
        trainer.Run(stop.Token);
    }

    private static void Train(TrainingConfiguration run, string baseFolder, string folder)
    {
        using var trainer = new Trainer(run, baseFolder, folder, TextWriter.Null);
        trainer.Run(TestContext.Current.CancellationToken);
    }

    private sealed class StoppingLog(CancellationTokenSource stop, int reports) : StringWriter
    {
        private int _left = reports;

        public override void WriteLine(string? value)
        {
            base.WriteLine(value);
            if (value is not null && value.StartsWith("step", StringComparison.Ordinal) && --_left == 0)
            {
                stop.Cancel();
            }
        }
    }
}
