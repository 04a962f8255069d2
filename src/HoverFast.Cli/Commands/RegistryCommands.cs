using System.CommandLine;
using System.Globalization;
using HoverFast.Review.Models;

namespace HoverFast.Cli.Commands;

/// <summary>The commands of <c>hoverfast model</c> for the models that came of reviews.</summary>
internal static class RegistryCommands
{
    private static readonly Argument<DirectoryInfo> _results = new("RESULTS") { Description = "The folder of results that the models lie beside." };

    /// <summary>Lists a registry.</summary>
    public static void List(string results)
    {
        foreach (var model in ModelRegistry.Of(results).Models)
        {
            var score = model.Scores.Count > 0 ? Score(model.Scores[0]) : "";
            var promoted = model.PromotedBy is null ? "" : Invariant($", promoted by {model.PromotedBy} {model.PromotedWhen:yyyy-MM-dd HH:mm} UTC");
            var name = Path.GetFileNameWithoutExtension(model.Path);
            Console.WriteLine(Invariant($"version {model.Version}, {ModelStateName(model.State)}: {name}, from {model.ParentName} {model.Parent}").TrimEnd());
            Console.WriteLine(Invariant($"    {model.Fields.Count} fields{score}, made for {model.Who} {model.When:yyyy-MM-dd HH:mm} UTC{promoted}"));
            Console.WriteLine($"    {model.Path}");
        }
    }

    /// <summary>The commands that change what is in use.</summary>
    public static IEnumerable<Command> Make() => [Promote(), RollBack()];

    private static Command Promote()
    {
        var version = new Argument<int>("VERSION") { Description = "Version of the model, as 'model list RESULTS' tells it." };
        var why = Why();
        var who = ReviewCommand.Who();
        var command = new Command("promote", "Put a model of the registry to use: 'segment --model RESULTS' takes it from now on.")
        {
            _results, version, why, who,
        };
        command.SetAction(parsed =>
        {
            var model = ModelRegistry.Of(parsed.GetValue(_results)!.FullName).Promote(parsed.GetValue(version), parsed.GetValue(who)!, parsed.GetValue(why));
            Console.WriteLine($"in use: version {model.Version}, {model.Path}");
        });
        return command;
    }

    private static Command RollBack()
    {
        var why = Why();
        var who = ReviewCommand.Who();
        var command = new Command("rollback", "Go back to the model that was in use before.") { _results, why, who };
        command.SetAction(parsed =>
        {
            var model = ModelRegistry.Of(parsed.GetValue(_results)!.FullName).RollBack(parsed.GetValue(who)!, parsed.GetValue(why));
            Console.WriteLine(model is null ? "in use: the program's own model" : $"in use: version {model.Version}, {model.Path}");
        });
        return command;
    }

    private static Option<string?> Why() => new("--why") { Description = "Why, for the log." };

    private static string ModelStateName(ModelState state) => state switch
    {
        ModelState.Current => "in use",
        ModelState.Former => "in use before",
        _ => "waits to be promoted",
    };

    private static string Score(RegisteredScore score) =>
        Invariant($", PQ {score.Before:0.000} before, {score.After:0.000} after ({score.Gain:+0.000;-0.000}; ") +
        Invariant($"{score.Low:+0.000;-0.000} to {score.High:+0.000;-0.000})");

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
