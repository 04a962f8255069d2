using System.CommandLine;
using HoverFast.Model;

namespace HoverFast.Cli.Options;

/// <summary>Options that choose a model and how it runs.</summary>
internal static class ModelOptions
{
    /// <summary>The option that chooses a model.</summary>
    public static Option<string?> Model() =>
        new("--model")
        {
            Description =
                $"Name of a built-in model ({string.Join(", ", NucleusModel.BuiltIn)}), path of an ONNX file with its card beside it, or a folder of results whose registry has a promoted model (default: {NucleusModel.DefaultName}).",
        };

    /// <summary>The option that chooses where the model runs.</summary>
    public static Option<string> Device()
    {
        var option = new Option<string>("--device")
        {
            Description = $"Where the network runs: {string.Join(", ", ExecutionProviders.Names)}; what this build has is told by 'hoverfast doctor'.",
            DefaultValueFactory = _ => ExecutionProviders.NameOf(ComputeDevice.Cpu),
        };
        option.AcceptOnlyFromAmong([.. ExecutionProviders.Names]);
        return option;
    }

    /// <summary>The option that chooses how many mirrored and turned views of each tile the model is shown.</summary>
    public static Option<int> Views() =>
        NumberOption.Whole(
            "--views",
            "Mirrored and turned views of each tile to average, 1 to 8: more exact, and the network takes as many times longer.",
            1,
            1,
            NucleusModel.MostViews);
}
