using System.CommandLine;
using System.Globalization;
using HoverFast.Cli.Options;
using HoverFast.Cli.Screens;
using HoverFast.Model;
using HoverFast.Quality;
using Spectre.Console;

namespace HoverFast.Cli.Commands;

/// <summary><c>hoverfast model</c>: what models there are and what they can do.</summary>
internal static class ModelCommand
{
    /// <summary>The command.</summary>
    public static Command Make()
    {
        var name = new Argument<string?>("MODEL")
        {
            Description = "Name of a built-in model or path of an ONNX file; the default model if left out.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var json = new Option<bool>("--json") { Description = "Print the card as JSON." };
        var info = new Command("info", "Print a model's card: pixel size, stain, size, data with licences, scores, how well its match probabilities hold.") { name, json };
        info.SetAction(parsed =>
        {
            using var model = ModelCatalog.Load(parsed.GetValue(name));
            if (parsed.GetValue(json))
            {
                Console.WriteLine(model.Card.ToJson());
            }
            else
            {
                Print(model);
            }
        });

        var results = new Argument<DirectoryInfo?>("RESULTS")
        {
            Description = "A folder of results: lists the models that came of its reviews instead.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var list = new Command("list", "List the models that come with the program, or those that came of reviews.") { results };
        list.SetAction(parsed =>
        {
            if (parsed.GetValue(results) is { } folder)
            {
                RegistryCommands.List(folder.FullName);
                return;
            }

            foreach (var builtIn in NucleusModel.BuiltIn)
            {
                var card = ModelCatalog.CardOf(builtIn);
                Console.WriteLine(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"{builtIn, -24} {card.Mpp} um/px, {card.Precision}, {card.MultiplyAddsPerPixel / (card.Mpp * card.Mpp):N0} multiply-adds a um2"));
            }
        });
        var command = new Command(
            "model",
            "Show models and their cards; import published checkpoints; compare two models on labelled tiles; promote models that came of reviews.")
        {
            info, list, Import(), ModelCompareCommand.Make(),
        };
        foreach (var more in RegistryCommands.Make())
        {
            command.Add(more);
        }

        return command;
    }

    private static Table Reliability(ModelReliability reliability)
    {
        var table = new Table
        {
            Caption = new TableTitle(Line($"expected calibration error {reliability.Error:0.000}, {reliability.Nuclei:N0} nuclei of sets left out of the fit")),
        }
            .AddColumns("match probability", "nuclei", "estimated", "matched")
            .Border(TableBorder.Simple);
        foreach (var bin in reliability.Bins)
        {
            table.AddRow(Line($"{bin.From:0.0} to {bin.To:0.0}"), Line($"{bin.Nuclei:N0}"), Line($"{bin.Estimated:0.000}"), Line($"{bin.Matched:0.000}"));
        }

        return table;

        static string Line(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
    }

    private static Command Import()
    {
        var checkpoint = new Argument<FileInfo>("CHECKPOINT") { Description = "PyTorch checkpoint of HoverFast or HoVer-Net." };
        var output = new Option<FileInfo>("--out", "-o", "--output") { Description = "The ONNX file to write; its card goes beside it.", Required = true };
        var name = new Option<string?>("--name") { Description = "Name for the card." };
        var licence = new Option<string?>("--licence") { Description = "Licence of the weights, for the card." };
        var mpp = CalibrationOptions.Mpp("Pixel size that it was trained at, um/px (default 0.25).");
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
        Row("made on", card.Created ?? "");
        Row("made from", card.Base is { } origin ? $"{origin.Name}, SHA-256 {origin.Sha256}" : "");
        Row("other tissue", card.Elsewhere is { } start ? $"segmented by {start.Name}, which lies in the file, SHA-256 {start.Sha256}" : "");
        Row("SHA-256", card.Sha256);
        if (card.Types is not null)
        {
            Row("types", string.Join(", ", card.Types.Select(t => t.Name)));
        }

        Screen.Out.Write(table);
        if (card.Data.Count > 0)
        {
            var data = new Table().AddColumns("data", "use", "images", "um/px", "licence", "source").Border(TableBorder.Simple);
            foreach (var d in card.Data)
            {
                data.AddRow(
                    Markup.Escape(d.Name),
                    Markup.Escape(d.Use),
                    $"{d.Images:#}",
                    d.Mpp == 0 ? "" : $"{d.Mpp:0.###}",
                    Markup.Escape(d.Licence),
                    Markup.Escape(d.Source));
            }

            Screen.Out.Write(data);
        }

        if (card.Scores.Count > 0)
        {
            var scores = new Table { Caption = new TableTitle("means over images") }
                .AddColumns("scores on", "images", "PQ", "AJI", "Dice")
                .Border(TableBorder.Simple);
            foreach (var s in card.Scores)
            {
                scores.AddRow(Markup.Escape(s.Set), $"{s.Images}", $"{s.Pq:0.000}", $"{s.Aji:0.000}", $"{s.Dice:0.000}");
            }

            Screen.Out.Write(scores);
        }

        if (ModelReliability.Of(card) is { } reliability)
        {
            Screen.Out.Write(Reliability(reliability));
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
