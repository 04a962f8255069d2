using System.CommandLine;
using HoverFast.Model;
using HoverFast.Pipeline;

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

    /// <summary>The option that chooses between the weights of an adapted model and those of its start.</summary>
    public static Option<string> Weights()
    {
        var option = new Option<string>("--weights")
        {
            Description =
                "Of an adapted model that knows its tissue: auto looks at each slide and takes the start's weights where it looks otherwise; adapted or start takes these for all slides.",
            DefaultValueFactory = _ => NameOf(WeightChoice.Auto),
        };
        option.AcceptOnlyFromAmong([.. Enum.GetValues<WeightChoice>().Select(NameOf)]);
        return option;
    }

    /// <summary>The value of <see cref="Weights"/> for a choice.</summary>
    public static string NameOf(WeightChoice choice) => choice.ToString().ToLowerInvariant();

    /// <summary>The choice that a value of <see cref="Weights"/> names.</summary>
    public static WeightChoice WeightsOf(string name) => Enum.Parse<WeightChoice>(name, ignoreCase: true);
}
