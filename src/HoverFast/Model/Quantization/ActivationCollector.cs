using HoverFast.Model.Onnx;
using HoverFast.Slides;
using Microsoft.ML.OnnxRuntime;

namespace HoverFast.Model.Quantization;

/// <summary>Runs a float graph on tiles and looks at tensors inside it.</summary>
internal static class ActivationCollector
{
    /// <summary>The distributions of the named tensors over the tiles.</summary>
    public static Dictionary<string, ActivationStatistics> Collect(OnnxGraph graph, IReadOnlyCollection<string> tensors, IReadOnlyList<RgbImage> tiles)
    {
        var observed = OnnxGraph.Parse(graph.ToBytes(), graph.Name);
        var values = observed.Nodes.SelectMany(n => n.Outputs).ToDictionary(v => v.Name, StringComparer.Ordinal);
        foreach (var name in tensors.Where(t => !observed.Outputs.Any(o => o.Value.Name == t)))
        {
            observed.Output(name, values[name], OnnxType.Float);
        }

        // One thread, so that the sums inside a convolution don't depend on the machine's number of cores.
        using var options = new SessionOptions { IntraOpNumThreads = 1, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
        using var session = new InferenceSession(observed.ToBytes(), options);
        using var run = new RunOptions();
        var result = tensors.ToDictionary(t => t, _ => new ActivationStatistics(), StringComparer.Ordinal);
        for (var pass = 0; pass < 2; pass++)
        {
            foreach (var tile in tiles)
            {
                using var input = OrtValue.CreateTensorValueFromMemory(
                    OrtMemoryInfo.DefaultInstance,
                    tile.Pixels.AsMemory(0, tile.Width * tile.Height * 3),
                    [1, tile.Height, tile.Width, 3]);
                using var outputs = session.Run(run, ["image"], [input], [.. tensors]);
                foreach (var (name, value) in tensors.Zip(outputs))
                {
                    if (pass == 0)
                    {
                        result[name].AddExtremes(value.GetTensorDataAsSpan<float>(), (int)value.GetTensorTypeAndShape().Shape[1]);
                    }
                    else
                    {
                        result[name].AddHistogram(value.GetTensorDataAsSpan<float>());
                    }
                }
            }
        }

        return result;
    }
}
