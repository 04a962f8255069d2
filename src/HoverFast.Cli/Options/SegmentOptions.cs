using System.CommandLine;
using HoverFast.Jobs;
using HoverFast.Model;
using HoverFast.Pipeline;

namespace HoverFast.Cli.Options;

/// <summary>
/// The options of a command that segments. Model, threads and tile size that are left out are those that <see cref="Tuning"/> remembers for
/// this machine; tile size and engine are taken over for the tuned model alone.
/// </summary>
internal sealed class SegmentOptions
{
    private readonly Option<string?> _model = ModelOptions.Model();
    private readonly Option<int> _threads = NumberOption.Whole("--threads", "Threads; does not change the result.", ThreadCount.Available, 1, ThreadCount.Most);
    private readonly Option<int?> _tileSize = NumberOption.Whole(
        "--tile-size",
        "Pixels on a side of a tile at the model's resolution, halo included; left out: what suits the model.",
        1,
        SegmentSettings.LargestTileSize);
    private readonly Option<string> _device = ModelOptions.Device();
    private readonly Option<int> _views = ModelOptions.Views();
    private readonly Option<string> _weights = ModelOptions.Weights();
    private readonly Option<bool> _noTuning = new("--no-tuning") { Description = "Leave aside what 'hoverfast tune' has found for this machine." };

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[_model, _views, _weights, _threads, _tileSize, _device, _noTuning])
        {
            command.Add(option);
        }
    }

    /// <summary>Loads the model and completes the settings; says on standard error where the tuning had a say.</summary>
    public (NucleusModel Model, SegmentSettings Settings) Load(ParseResult parsed, SegmentSettings settings)
    {
        var name = parsed.GetValue(_model);
        var device = ExecutionProviders.Parse(parsed.GetValue(_device)!);
        var tuning = parsed.GetValue(_noTuning) || device != ComputeDevice.Cpu ? null : Tuning.TryRead(Tuning.DefaultPath, Tuning.ThisMachine);
        settings = settings with
        {
            Threads = parsed.GetValue(_threads),
            Views = parsed.GetValue(_views),
            Weights = ModelOptions.WeightsOf(parsed.GetValue(_weights)!),
            TileSize = parsed.GetValue(_tileSize),
        };
        if (tuning is null || (name is not null && name != tuning.Model))
        {
            return (ModelCatalog.Load(name, device: device), settings);
        }

        settings = settings with
        {
            Threads = parsed.GetResult(_threads) is { Implicit: false } ? settings.Threads : tuning.Threads,
            TileSize = settings.TileSize ?? tuning.TileSize,
            Tuning = tuning.ToString(),
        };
        Console.Error.WriteLine($"tuned for this machine: {tuning}; --no-tuning leaves that aside");
        return (NucleusModel.LoadBuiltIn(tuning.Model, onnxRuntime: tuning.OnnxRuntime), settings);
    }
}
