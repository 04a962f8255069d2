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
    private readonly Option<int?> _tileSize = new("--tile-size") { Description = "Pixels on a side of a tile at the model's resolution, halo included; left out: what suits the model." };
    private readonly Option<string> _device = ModelCommand.DeviceOption();
    private readonly Option<int> _views = ModelCommand.ViewsOption();
    private readonly Option<bool> _plain = new("--no-tuning") { Description = "Leave aside what 'hoverfast tune' has found for this machine." };

    /// <summary>Makes the options.</summary>
    public TunedSettings()
    {
        AtLeastOne(_threads, r => r.GetValueOrDefault<int>());
        AtLeastOne(_tileSize, r => r.GetValueOrDefault<int?>() ?? 1);
    }

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[_model, _views, _threads, _tileSize, _device, _plain])
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
        settings = settings with { Threads = parsed.GetValue(_threads), Views = parsed.GetValue(_views) };
        if (tuning is null || (name is not null && name != tuning.Model))
        {
            var model = ModelCommand.Load(name, device: device);
            return (model, settings with { TileSize = parsed.GetValue(_tileSize) ?? model.SuggestedTileSize });
        }

        settings = settings with
        {
            Threads = parsed.GetResult(_threads) is { Implicit: false } ? settings.Threads : tuning.Threads,
            TileSize = parsed.GetValue(_tileSize) ?? tuning.TileSize,
            Tuning = tuning.ToString(),
        };
        Console.Error.WriteLine($"tuned for this machine: {tuning}; --no-tuning leaves that aside");
        return (NucleusModel.LoadBuiltIn(tuning.Model, onnxRuntime: tuning.OnnxRuntime), settings);
    }

    private static void AtLeastOne(Option option, Func<System.CommandLine.Parsing.OptionResult, int> value) => option.Validators.Add(r =>
    {
        if (value(r) < 1)
        {
            r.AddError($"{option.Name} is at least 1.");
        }
    });
}
