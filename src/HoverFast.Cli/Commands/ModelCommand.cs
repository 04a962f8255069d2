using System.CommandLine;
using System.Globalization;
using HoverFast.Model;
using HoverFast.Model.Networks;
using HoverFast.Slides;
using HoverFast.Stains;
using Spectre.Console;

namespace HoverFast.Cli.Commands;

/// <summary><c>hoverfast model</c>: what models there are and what they can do.</summary>
internal static class ModelCommand
{
    private static readonly string[] _checkpoints = [".pth", ".pt", ".tar", ".safetensors"];

    /// <summary>The option that chooses a model.</summary>
    public static Option<string?> Option() => new("--model") { Description = $"Name of a built-in model ({string.Join(", ", NucleusModel.BuiltIn)}), or path of an ONNX file with its card beside it (default: {NucleusModel.DefaultName})." };

    /// <summary>Whether a file is a PyTorch checkpoint, to be imported.</summary>
    public static bool IsCheckpoint(string? path) => path is not null && _checkpoints.Contains(Path.GetExtension(path).ToLowerInvariant());

    /// <summary>The option that chooses where the model runs.</summary>
    public static Option<string> DeviceOption()
    {
        var option = new Option<string>("--device") { Description = $"Where the network runs: {string.Join(", ", ExecutionProviders.Names)}; what this build has is told by 'hoverfast doctor'.", DefaultValueFactory = _ => ExecutionProviders.NameOf(ComputeDevice.Cpu) };
        option.AcceptOnlyFromAmong([.. ExecutionProviders.Names]);
        return option;
    }

    /// <summary>The option that chooses how many turned views of each tile the model is asked about.</summary>
    public static Option<int> ViewsOption()
    {
        var option = new Option<int>("--views") { Description = "Mirrored and turned views of each tile to average, 1 to 8: more exact, and the network takes as many times longer.", DefaultValueFactory = _ => 1 };
        option.Validators.Add(r =>
        {
            if (r.GetValueOrDefault<int>() is < 1 or > TestTimeAugmentation.Most)
            {
                r.AddError($"--views lies between 1 and {TestTimeAugmentation.Most}.");
            }
        });
        return option;
    }

    /// <summary>Loads a model by name or path; a PyTorch checkpoint of HoverFast or HoVer-Net is imported on the way, and a published network with made-up weights is made.</summary>
    /// <param name="nameOrPath">The model; null takes the default one.</param>
    /// <param name="mpp">Pixel size that an imported checkpoint works at; null takes that of the published ones. Other models know theirs.</param>
    /// <param name="device">Where it runs.</param>
    public static NucleusModel Load(string? nameOrPath, Mpp? mpp = null, ComputeDevice device = ComputeDevice.Cpu)
    {
        if (nameOrPath is null || NucleusModel.BuiltIn.Contains(nameOrPath))
        {
            return NucleusModel.LoadBuiltIn(nameOrPath, device: device);
        }

        if (!FormulaModel.Names.Contains(nameOrPath) && !IsCheckpoint(nameOrPath))
        {
            return NucleusModel.Load(nameOrPath, device: device);
        }

        var folder = Directory.CreateTempSubdirectory("hoverfast-import-");
        try
        {
            var path = Path.Combine(folder.FullName, Path.GetFileNameWithoutExtension(nameOrPath) + ".onnx");
            if (FormulaModel.Names.Contains(nameOrPath))
            {
                FormulaModel.Write(nameOrPath, path);
            }
            else
            {
                ModelImporter.Import(nameOrPath, path, new ModelImportOptions { Mpp = mpp?.MicronsPerPixel });
            }

            return NucleusModel.Load(path, device: device);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>The command.</summary>
    public static Command Make()
    {
        var name = new Argument<string?>("MODEL") { Description = "Name of a built-in model or path of an ONNX file; the default model if left out.", Arity = ArgumentArity.ZeroOrOne };
        var json = new Option<bool>("--json") { Description = "Print the card as JSON." };
        var info = new Command("info", "Print a model's card: pixel size, stain, size, data with licences, scores.") { name, json };
        info.SetAction(parsed =>
        {
            using var model = Load(parsed.GetValue(name));
            if (parsed.GetValue(json))
            {
                Console.WriteLine(model.Card.ToJson());
            }
            else
            {
                Print(model);
            }
        });

        var list = new Command("list", "List the models that come with the program.");
        list.SetAction(_ =>
        {
            foreach (var builtIn in NucleusModel.BuiltIn)
            {
                var card = NucleusModel.BuiltInCard(builtIn);
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{builtIn,-24} {card.Mpp} um/px, {card.Precision}, {card.MultiplyAddsPerPixel / (card.Mpp * card.Mpp):N0} multiply-adds a um2"));
            }
        });
        return new Command("model", "Show models and their cards; import published checkpoints.") { info, list, Import() };
    }

    private static Command Import()
    {
        var checkpoint = new Argument<FileInfo>("CHECKPOINT") { Description = "PyTorch checkpoint of HoverFast or HoVer-Net." };
        var output = new Option<FileInfo>("--output", "-o") { Description = "The ONNX file to write; its card goes beside it.", Required = true };
        var name = new Option<string?>("--name") { Description = "Name for the card." };
        var licence = new Option<string?>("--licence") { Description = "Licence of the weights, for the card." };
        var mpp = new Option<double?>("--mpp") { Description = "Pixel size that it was trained at, um/px (default 0.25)." };
        var types = new Option<FileInfo?>("--types") { Description = "HoVer-Net's type_info.json, to name the nucleus types." };
        var import = new Command("import", "Turn a checkpoint of HoverFast or HoVer-Net into a model.") { checkpoint, output, name, licence, mpp, types };
        import.SetAction(parsed =>
        {
            var path = parsed.GetValue(output)!.FullName;
            var card = ModelImporter.Import(parsed.GetValue(checkpoint)!.FullName, path, new ModelImportOptions
            {
                Name = parsed.GetValue(name),
                Licence = parsed.GetValue(licence),
                Mpp = parsed.GetValue(mpp),
                TypesPath = parsed.GetValue(types)?.FullName,
            });
            Console.WriteLine($"{path}: {card.Description} {card.Parameters:N0} parameters, SHA-256 {card.Sha256}");
        });
        return import;
    }

    private static void Print(NucleusModel model)
    {
        var card = model.Card;
        var table = new Table().HideHeaders().AddColumns("", "").Border(TableBorder.None);
        Row("name", $"{card.Name} (version {card.Version}, {card.Kind}, {card.Precision})");
        Row("about", card.Description);
        Row("licence", card.Licence);
        Row("pixel size", $"{card.Mpp} um/px");
        Row("stain", card.Stain);
        Row("input", card.Normalisation);
        Row("outputs", card.Outputs);
        Row("size", $"{card.Parameters:N0} parameters, {card.MultiplyAddsPerPixel:N0} multiply-adds a pixel");
        Row("receptive radius", $"{card.ReceptiveRadius} px, stride {card.Stride}");
        Row("limits", card.Limits);
        Row("SHA-256", card.Sha256);
        if (card.Types is not null)
        {
            Row("types", string.Join(", ", card.Types.Select(t => t.Name)));
        }

        HoverFastCommand.Screen.Write(table);
        if (card.Data.Count > 0)
        {
            var data = new Table().AddColumns("data", "use", "images", "um/px", "licence", "source").Border(TableBorder.Simple);
            foreach (var d in card.Data)
            {
                data.AddRow(Markup.Escape(d.Name), d.Use, $"{d.Images:#}", d.Mpp == 0 ? "" : $"{d.Mpp:0.###}", Markup.Escape(d.Licence), Markup.Escape(d.Source));
            }

            HoverFastCommand.Screen.Write(data);
        }

        if (card.Scores.Count > 0)
        {
            var scores = new Table().AddColumns("scores on", "images", "PQ", "AJI", "Dice").Border(TableBorder.Simple);
            foreach (var s in card.Scores)
            {
                scores.AddRow(Markup.Escape(s.Set), $"{s.Images}", $"{s.Pq:0.000}", $"{s.Aji:0.000}", $"{s.Dice:0.000}");
            }

            HoverFastCommand.Screen.Write(scores);
        }

        void Row(string what, string value)
        {
            if (value.Length > 0)
            {
                table.AddRow(what, Markup.Escape(value));
            }
        }
    }
}
