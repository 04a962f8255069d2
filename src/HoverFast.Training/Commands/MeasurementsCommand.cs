using System.CommandLine;
using System.Text.Json;
using HoverFast.Files;
using HoverFast.Quality;
using HoverFast.Training.Trust;

namespace HoverFast.Training.Commands;

/// <summary><c>measurements</c>: how measurements are spread over what the students learned from, for <c>explain</c>.</summary>
internal static class MeasurementsCommand
{
    private static readonly string[] _models = ["hoverfast-he", "hoverfast-he-fast"];

    public static Command Create()
    {
        var data = new Argument<DirectoryInfo>("DATA") { Description = "Folder that holds nuinsseg/train, tnbc/train and consep/train." };
        var output = new Option<DirectoryInfo>("--output", "-o") { Description = "Folder for the file (models/quality in the repository).", Required = true };
        var command = new Command(
            "measurements",
            "Finds where measurements lie in the training data, which 'explain' tells. Only for who changes the program's own.\n\nExample:\n  measurements ../shared/data -o models/quality")
        {
            data, output,
        };
        command.SetAction((parse, cancellation) => Task.FromResult(Failure.Guard(() =>
        {
            var folder = parse.GetRequiredValue(output).FullName;
            Directory.CreateDirectory(folder);
            var card = LearnedMeasurements.Of(
                parse.GetRequiredValue(data).FullName,
                _models,
                (name, spread) => Console.WriteLine($"{name}: {spread.Nuclei} nuclei in {spread.Pictures} pictures, {spread.Quantiles.Count} measurements"),
                cancellation);
            PartialFile.WriteText(Path.Combine(folder, MeasurementCard.FileName), JsonSerializer.Serialize(card, QualityJson.Relaxed.MeasurementCard) + "\n");
        })));
        return command;
    }
}
