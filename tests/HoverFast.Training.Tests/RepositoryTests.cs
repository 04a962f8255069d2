using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using HoverFast.Training.Commands;
using HoverFast.Training.Optimisation;
using Xunit;

namespace HoverFast.Training.Tests;

/// <summary>What the repository holds beside the code: configurations, pages, the order of folders.</summary>
public sealed partial class RepositoryTests
{
    private static readonly string[] _order =
    [
        "Drawing",
        "Torch",
        "Networks",
        "Data",
        "Optimisation",
        "Export",
        "Distillation",
        "Importing",
        "Trust",
        "Adaptation",
        "Commands",
    ];

    // Those of programs that were built there are none.
    public static TheoryData<string> Configurations =>
        [
            .. Directory
                .EnumerateFiles(Path.Combine(Repository.Folder, "training"), "*.json", SearchOption.AllDirectories)
                .Select(f => Path.GetRelativePath(Repository.Folder, f))
                .Where(f => !f.Split(Path.DirectorySeparatorChar).Any(folder => folder is "bin" or "obj")),
        ];

    [Theory]
    [MemberData(nameof(Configurations))]
    public void EveryConfigurationKeepsToTheRules(string path)
    {
        var whole = Path.Combine(Repository.Folder, path);
        var folder = Path.GetDirectoryName(whole)!;
        var run = TrainingConfiguration.Parse(File.ReadAllText(whole), whole).Described(folder);

        // Weights and data sets that other steps make need not be there.
        var problems = ConfigurationRules
            .Problems(run, folder)
            .Where(p =>
                !p.Contains("there is no file", StringComparison.Ordinal)
                && !(p.Contains("mpp: missing", StringComparison.Ordinal) && path.Contains("drawn", StringComparison.Ordinal)));
        Assert.Empty(problems);
    }

    [Fact]
    public void ThePageOfKeysIsWhatTheCodeSays() =>
        Assert.Equal(File.ReadAllText(Path.Combine(Repository.Folder, "docs", "training-keys.md")), ConfigurationReference.Markdown());

    /// <summary>The first commands of docs/training.md, with fewer tiles and steps.</summary>
    [Fact]
    public async Task TheDrawnExampleRunsFromNothingToAModel()
    {
        using var folder = new TemporaryFolder();
        string At(params string[] parts) => Path.Combine([folder.Path, .. parts]);
        var json = JsonNode.Parse(
            File.ReadAllText(Path.Combine(Repository.Folder, "training", "drawn", "student.json")),
            documentOptions: new() { CommentHandling = System.Text.Json.JsonCommentHandling.Skip }
        )!;
        json["steps"] = 4;
        json["validateEvery"] = 2;
        json["threads"] = 1;
        Directory.CreateDirectory(At("training", "drawn"));
        await File.WriteAllTextAsync(At("training", "drawn", "student.json"), json.ToJsonString(), TestContext.Current.CancellationToken);

        Assert.Equal(0, await TrainingProgram.RunAsync(["datasets", "draw", At("runs", "drawn-data"), "--tiles", "2", "--size", "200"]));
        Assert.Equal(3, await TrainingProgram.RunAsync(["datasets", "draw", At("runs", "drawn-data")]));
        Assert.Equal(0, await TrainingProgram.RunAsync(["train", At("training", "drawn", "student.json"), "-o", At("runs", "drawn")]));
        Assert.Equal(
            0,
            await TrainingProgram.RunAsync([
                "export",
                At("training", "drawn", "student.json"),
                At("runs", "drawn", "best.safetensors"),
                "-o",
                At("drawn.onnx"),
                "--for-shipping",
            ]));

        using var model = Model.NucleusModel.Load(At("drawn.onnx"));
        Assert.Equal(("CC0 1.0", 1), (model.Card.Licence, model.Card.Scores.Count));
        Assert.Equal(["CC0 1.0", "CC0 1.0"], model.Card.Data.Select(d => d.Licence));
        Assert.True(File.Exists(At("runs", "drawn", "labels-drawn.png")));
    }

    [Fact]
    public void NoFolderUsesOneThatComesAfterIt()
    {
        var root = Path.Combine(Repository.Folder, "src", "HoverFast.Training");
        Assert.Empty(Directory.EnumerateDirectories(root).Select(Path.GetFileName).Except([.. _order, "bin", "obj"]));
        for (var i = 0; i < _order.Length; i++)
        {
            var folder = Path.Combine(root, _order[i]);
            var later = _order[(i + 1)..];
            foreach (var file in Directory.Exists(folder) ? Directory.EnumerateFiles(folder, "*.cs") : [])
            {
                var used = Uses().Matches(File.ReadAllText(file)).Select(m => m.Groups["folder"].Value).Intersect(later);
                Assert.True(!used.Any(), $"{Path.GetRelativePath(root, file)} uses {string.Join(", ", used)}");
            }
        }
    }

    [GeneratedRegex(
        @"HoverFast\.Training\.(?<folder>[A-Z]\w+)|(?<![\w.])(?<folder>Drawing|Torch|Networks|Optimisation|Export|Distillation|Importing|Adaptation|Commands)\.[A-Z]"
    )]
    private static partial Regex Uses();
}
