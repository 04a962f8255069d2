using HoverFast.Training.Data;
using HoverFast.Training.Export;
using HoverFast.Training.Optimisation;
using Xunit;

namespace HoverFast.Training.Tests;

/// <summary>A small student that knows dark discs on a pink ground, trained in seconds: a start that costs less to adapt than a shipped one.</summary>
internal static class TinyStudent
{
    /// <summary>Trains it.</summary>
    /// <param name="folder">Where its file and all that it is made of go.</param>
    /// <returns>Its ONNX file.</returns>
    public static string Train(string folder)
    {
        Drawn.Write(Path.Combine(folder, "known"), Enumerable.Range(51, 4).Select(seed => Drawn.Discs(256, seed)));
        var run = new TrainingConfiguration
        {
            Name = "start",
            Network = Drawn.TinyNetwork,
            Train = [new DataSetConfiguration { Name = "known", Folder = "known", Mpp = 0.25 }],
            Steps = 100,
            Batch = 8,
            CropSize = 96,
            LearningRate = 1e-2,
            ValidateEvery = 100,
            WarmUp = 5,
            Threads = 1,
            AverageDecay = 0.95,
        };
        var work = Path.Combine(folder, "run");
        using (var trainer = new Trainer(run, folder, work, TextWriter.Null))
        {
            trainer.Run(TestContext.Current.CancellationToken);
        }

        var path = Path.Combine(folder, "start.onnx");
        new ExportedModels(path, null).Write(run, folder, TrainedWeights.Read(Path.Combine(work, "last.safetensors")).Weights, null);
        return path;
    }
}
