using System.CommandLine;
using System.Globalization;
using HoverFast.Cli.Options;
using HoverFast.Jobs.Finished;

namespace HoverFast.Cli.Commands;

/// <summary><c>hoverfast explain</c>: how one nucleus of a result came about.</summary>
internal static class ExplainCommand
{
    /// <summary>The command.</summary>
    public static Command Make()
    {
        var result = new Argument<string>("RESULT") { Description = "The result's manifest (NAME.manifest.json), or one of its files." };
        var id = new Argument<Guid>("ID")
        {
            Description = "The nucleus's identity, as GeoJSON, CSV and Parquet have it.",
            CustomParser = r =>
            {
                if (!Guid.TryParse(r.Tokens[0].Value, out var parsed))
                {
                    r.AddError($"ID: '{r.Tokens[0].Value}' is no identity of a nucleus; it looks like 018fd7d0-0fb9-8826-bbbd-e61100000014.");
                }

                return parsed;
            },
        };
        var slide = new Option<FileInfo>("--slide") { Description = "The slide (default: looked for in the folder of the result and the one above it)." };
        slide.AcceptExistingOnly();
        var model = FinishedSlides.Model();
        var teacher = new Option<string?>("--teacher")
        {
            Description = "Another model (as --model of segment): its outline, its probability and what it says of this nucleus are shown too.",
        };
        var output = new Option<FileInfo?>("--out", "-o") { Description = "Where to: a page (.html) or a picture (.png); default: ID.html in this folder." };
        output.Validators.Add(r =>
        {
            if (r.Tokens is [{ Value: var name }, ..] && Path.GetExtension(name).ToLowerInvariant() is not (".html" or ".png"))
            {
                r.AddError($"--out writes .html or .png, not '{name}'.");
            }
        });
        var command = new Command("explain", "Show how one nucleus came about: maps, gradient, seeds and split, outline, measurements and their percentiles.")
        {
            result,
            id,
            slide,
            model,
            teacher,
            output,
        };
        command.SetAction(
            (parsed, cancellation) =>
            {
                var nucleus = NucleusExplanation.Of(
                    parsed.GetValue(result)!,
                    parsed.GetValue(id),
                    parsed.GetValue(slide)?.FullName,
                    parsed.GetValue(model),
                    parsed.GetValue(teacher),
                    cancellation);
                var path = parsed.GetValue(output)?.FullName ?? Path.GetFullPath($"{nucleus.Id}.html");
                if (path.EndsWith(".png", StringComparison.OrdinalIgnoreCase))
                {
                    nucleus.WritePng(path);
                }
                else
                {
                    nucleus.WriteHtml(path);
                }

                foreach (var measurement in nucleus.Measurements)
                {
                    var learned = measurement.TrainingPercentile is { } place
                        ? string.Create(CultureInfo.InvariantCulture, $", {place:0.0} in the training data")
                        : "";
                    Console.WriteLine(
                        string.Create(
                            CultureInfo.InvariantCulture,
                            $"{measurement.Name}: {Math.Round(measurement.Value, 3)} (percentile {measurement.Percentile:0.0}{learned})"));
                }

                Console.WriteLine(nucleus.Training);
                if (nucleus.Teacher is { } said)
                {
                    Console.WriteLine(said);
                }

                Console.WriteLine(
                    $"{nucleus.Result}: nucleus {nucleus.Id}, {(nucleus.Regions > 1 ? $"one of {nucleus.Regions} that were split" : "not split from others")}: {path}");
                return Task.FromResult(ExitCode.Success);
            });
        return command;
    }
}
