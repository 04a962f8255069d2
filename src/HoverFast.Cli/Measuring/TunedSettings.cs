using System.CommandLine;
using HoverFast.Cli.Commands;
using HoverFast.Model;
using HoverFast.Pipeline;

namespace HoverFast.Cli.Measuring;

/// <summary>
/// The options of a command that may leave model, threads and tile size to what <see cref="Tuning"/> remembers. What is given on the
/// command line wins; tile size and engine are taken over for the tuned model alone.
/// </summary>
internal sealed class TunedSettings
{
    private readonly Option<string?> _model = ModelCommand.Option();
    private readonly Option<int> _threads = new("--threads") { Description = "Threads; does not change the result.", DefaultValueFactory = _ => ThreadCount.Available };
    private readonly Option<int> _tileSize = new("--tile-size") { Description = "Pixels on a side of a tile at the model's resolution, halo included.", DefaultValueFactory = _ => new SegmentSettings().TileSize };
    private readonly Option<string> _device = ModelCommand.DeviceOption();
    private readonly Option<bool> _plain = new("--no-tuning") { Description = "Leave aside what 'hoverfast tune' has found for this machine." };

    /// <summary>Makes the options.</summary>
    public TunedSettings()
    {
        AtLeastOne(_threads);
        AtLeastOne(_tileSize);
    }

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[_model, _threads, _tileSize, _device, _plain])
        {
            command.Add(option);
        }
    }

    /// <summary>Loads the model and completes the settings; says on standard error where the tuning had a say.</summary>
    public (NucleusModel Model, SegmentSettings Settings) Load(ParseResult parsed, SegmentSettings settings)
    {
        var name = parsed.GetValue(_model);
        var device = ExecutionProviders.Parse(parsed.GetValue(_device)!);
        var tuning = parsed.GetValue(_plain) || device != ComputeDevice.Cpu ? null : Tuning.TryRead(Tuning.DefaultPath, Tuning.ThisMachine);
        settings = settings with { Threads = parsed.GetValue(_threads), TileSize = parsed.GetValue(_tileSize) };
        if (tuning is null || (name is not null && name != tuning.Model))
        {
            return (ModelCommand.Load(name, device: device), settings);
        }

        settings = settings with
        {
            Threads = IsGiven(_threads) ? settings.Threads : tuning.Threads,
            TileSize = IsGiven(_tileSize) ? settings.TileSize : tuning.TileSize,
            Tuning = tuning.ToString(),
        };
        Console.Error.WriteLine($"tuned for this machine: {tuning}; --no-tuning leaves that aside");
        return (NucleusModel.LoadBuiltIn(tuning.Model, onnxRuntime: tuning.OnnxRuntime), settings);

        bool IsGiven(Option option) => parsed.GetResult(option) is { Implicit: false };
    }

    private static void AtLeastOne(Option<int> option) => option.Validators.Add(r =>
    {
        if (r.GetValueOrDefault<int>() < 1)
        {
            r.AddError($"{option.Name} is at least 1.");
        }
    });
}
