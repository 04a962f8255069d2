using System.CommandLine;
using System.Globalization;
using HoverFast.Model;
using HoverFast.Training.Export;
using HoverFast.Training.Optimisation;
using HoverFast.Training.Trust;

namespace HoverFast.Training.Commands;

/// <summary><c>type-context</c>: fits anew how what lies around a nucleus counts for its type, and writes it into the cards of models.</summary>
internal static class TypeContextCommand
{
    public static Command Create()
    {
        var configuration = new Argument<FileInfo>("configuration") { Description = "A run that learned nucleus types: its training sets and types." };
        var models = new Argument<FileInfo[]>("models")
        {
            Description = "Models that tell these types (ONNX files with their cards).",
            Arity = ArgumentArity.OneOrMore,
        };
        var command = new Command(
            "type-context",
            "Fits anew how the nuclei around a nucleus count for its type, and writes it into the cards of models. 'export' does it for models that learn types.\n\nExample:\n"
                + "  type-context training/types/student.json ours.onnx ours-int8.onnx")
        {
            configuration, models,
        };
        command.SetAction((parse, cancellation) => Task.FromResult(Failure.Guard(() =>
        {
            var file = parse.GetRequiredValue(configuration);
            var run = TrainingConfiguration.Read(file.FullName);
            var paths = parse.GetRequiredValue(models).Select(m => m.FullName).ToList();
            InputPaths.MustExist(paths);
            if (run.LearnedTypes is not { } types)
            {
                throw new TrainingException(file.FullName, "learns no nucleus types.");
            }

            var judge = new TypeJudge(run, file.DirectoryName!, (model, sets) => TypeContextFit.Of(model, sets, cancellation));
            foreach (var path in paths)
            {
                var card = ModelCard.Parse(File.ReadAllBytes(ModelCard.PathFor(path)), path);
                if (card.Types is null || !card.Types.Skip(1).Select(t => t.Name).SequenceEqual(types.Select(t => t.Name)))
                {
                    throw new TrainingException(path, $"doesn't tell the types of {file.Name}.");
                }

                foreach (var score in judge.Complete(card, path).TypeScores!)
                {
                    Console.WriteLine(string.Create(
                        CultureInfo.InvariantCulture,
                        $"{card.Name}, {score.Set}: {string.Join(", ", score.Types.Select(t => string.Create(CultureInfo.InvariantCulture, $"{t.Key} {t.Value:0.000}")))}"));
                }
            }
        })));
        return command;
    }
}
