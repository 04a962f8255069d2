using System.CommandLine;
using System.Text.Json;
using HoverFast.Files;
using HoverFast.Quality;
using HoverFast.Training.Trust;

namespace HoverFast.Training.Commands;

/// <summary><c>measurements</c>: how measurements are spread over what the students learned from, for <c>explain</c>.</summary>
internal static class MeasurementsCommand
{
    public static Command Create() => QualityFilesCommand.Create(
        "measurements",
        "Finds where measurements lie in the training data, which 'explain' tells.",
        "nuinsseg/train, tnbc/train and consep/train",
        "the file (models/quality in the repository)",
        (data, folder, _, cancellation) =>
        {
            var card = LearnedMeasurements.Of(
                data,
                QualityFilesCommand.Models,
                (name, spread) => Console.WriteLine($"{name}: {spread.Nuclei} nuclei in {spread.Pictures} pictures, {spread.Quantiles.Count} measurements"),
                cancellation);
            PartialFile.WriteText(Path.Combine(folder, MeasurementCard.FileName), JsonSerializer.Serialize(card, QualityJson.Relaxed.MeasurementCard) + "\n");
        });
}
