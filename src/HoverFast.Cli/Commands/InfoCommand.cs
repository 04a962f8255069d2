using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using HoverFast.Cli.Screens;
using HoverFast.Model;
using HoverFast.Slides;

namespace HoverFast.Cli.Commands;

/// <summary><c>hoverfast info</c>: what the program understands of slides, the first thing to look at when one gives trouble.</summary>
internal static class InfoCommand
{
    private static readonly JsonSerializerOptions _indented = new() { WriteIndented = true };

    /// <summary>The command.</summary>
    public static Command Make()
    {
        var files = new Argument<string[]>("FILE") { Description = "Slides or pictures.", Arity = ArgumentArity.OneOrMore };
        var json = new Option<bool>("--json") { Description = "Print JSON: an array with an object for each file." };
        var command = new Command(
            "info",
            "Tell what is understood of slides: format, levels, pixel size and its source, bounds, scanner, objective, other pictures in the file, what will be read, problems.")
        {
            files,
            json,
        };
        command.SetAction(parsed =>
        {
            var failed = false;
            var objects = new JsonArray();
            foreach (var file in parsed.GetRequiredValue(files))
            {
                try
                {
                    var info = SlideInfo.Of(file);
                    if (parsed.GetValue(json))
                    {
                        objects.Add(ToJson(info));
                    }
                    else
                    {
                        Print(info);
                    }
                }
                catch (SlideException e)
                {
                    failed = true;
                    objects.Add(new JsonObject { ["path"] = file, ["error"] = e.Problem });
                    Console.Error.WriteLine($"error: {ProblemText.Of(e)}");
                }
            }

            if (parsed.GetValue(json))
            {
                Console.WriteLine(objects.ToJsonString(_indented));
            }

            return failed ? ExitCode.SomeFailed : ExitCode.Success;
        });
        return command;
    }

    private static void Print(SlideInfo info)
    {
        Console.WriteLine(info.Path);
        Line("format", $"{info.Format}, {info.Bytes.ToString("N0", CultureInfo.InvariantCulture)} bytes");
        foreach (var level in info.Levels)
        {
            Line($"level {level.Index}", $"{level.Size}, 1:{Number(level.Downsample)}, tiles {level.TileSize}");
        }

        Line("pixel size", info.Calibration is { } c ? $"{c.Mpp}{(c.Height is { } height ? $" wide, {height} high" : "")} ({c.Source})" : "not stated");
        Line("bounds", $"{info.Bounds.Width} x {info.Bounds.Height} at {info.Bounds.X}, {info.Bounds.Y}");
        Line("scanner", info.Details.Scanner ?? "not stated");
        Line("objective", info.Details.Magnification is { } power ? $"{Number(power)}x" : "not stated");
        Line("colours", info.Details.ColourProfile is { } profile ? $"ICC profile of {profile.Length} bytes" : "no profile");
        Line(
            "beside it",
            info.Details.Associated.Count == 0
                ? "nothing"
                : string.Join("; ", info.Details.Associated.Select(a => a.Size is { } size ? $"{a.Name} ({size})" : a.Name)));
        foreach (var (model, reading) in Readings(info))
        {
            Line(
                "is read",
                $"for {model}: level {reading.Level}{(reading.Reduction > 1 ? $", shrunk by {reading.Reduction} while decoding" : "")}, "
                    + $"{Number(reading.Averaged)} pixels to one: {reading.Size} of {reading.Mpp}");
        }

        foreach (var note in info.Details.Notes)
        {
            Line("note", note);
        }

        foreach (var problem in info.Problems)
        {
            Line("problem", problem);
        }
    }

    private static void Line(string what, string text) => Console.WriteLine($"  {what, -11} {text}");

    private static string Number(double value) => value.ToString("0.####", CultureInfo.InvariantCulture);

    private static IEnumerable<(string Model, SlideReading Reading)> Readings(SlideInfo info)
    {
        foreach (var name in new[] { NucleusModel.DefaultName })
        {
            using var model = NucleusModel.LoadBuiltIn(name);
            if (info.ReadingFor(new Mpp(model.Card.Mpp)) is { } reading)
            {
                yield return (name, reading);
            }
        }
    }

    private static JsonObject ToJson(SlideInfo info) =>
        new()
        {
            ["path"] = info.Path,
            ["bytes"] = info.Bytes,
            ["format"] = info.Format,
            ["levels"] = new JsonArray([
                .. info.Levels.Select(l => new JsonObject
                {
                    ["width"] = l.Size.Width,
                    ["height"] = l.Size.Height,
                    ["downsample"] = l.Downsample,
                    ["tileWidth"] = l.TileSize.Width,
                    ["tileHeight"] = l.TileSize.Height,
                }),
            ]),
            ["mpp"] = info.Calibration?.Mpp.MicronsPerPixel,
            ["mppHeight"] = (info.Calibration?.Height ?? info.Calibration?.Mpp)?.MicronsPerPixel,
            ["mppSource"] = info.Calibration?.Source,
            ["bounds"] = new JsonObject
            {
                ["x"] = info.Bounds.X,
                ["y"] = info.Bounds.Y,
                ["width"] = info.Bounds.Width,
                ["height"] = info.Bounds.Height,
            },
            ["scanner"] = info.Details.Scanner,
            ["objective"] = info.Details.Magnification,
            ["colourProfileBytes"] = info.Details.ColourProfile?.Length,
            ["associated"] = new JsonArray([
                .. info.Details.Associated.Select(a => new JsonObject
                {
                    ["name"] = a.Name,
                    ["width"] = a.Size?.Width,
                    ["height"] = a.Size?.Height,
                }),
            ]),
            ["reading"] = new JsonArray([
                .. Readings(info)
                    .Select(r => new JsonObject
                    {
                        ["model"] = r.Model,
                        ["level"] = r.Reading.Level,
                        ["reduction"] = r.Reading.Reduction,
                        ["averaged"] = r.Reading.Averaged,
                        ["mpp"] = r.Reading.Mpp.MicronsPerPixel,
                        ["width"] = r.Reading.Size.Width,
                        ["height"] = r.Reading.Size.Height,
                    }),
            ]),
            ["notes"] = new JsonArray([.. info.Details.Notes.Select(n => JsonValue.Create(n))]),
            ["problems"] = new JsonArray([.. info.Problems.Select(p => JsonValue.Create(p))]),
        };
}
