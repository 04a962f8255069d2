using NetArchTest.Rules;
using Xunit;

namespace HoverFast.Tests.House;

/// <summary>
/// The library's folders stand in the order in which the data goes through them, and each knows only those before it. The front door at the
/// root knows all and is known by none.
/// </summary>
public sealed class FolderOrderTests
{
    private static readonly string[] _order =
    [
        "Files", "Slides", "Stains", "Tissue", "Tiles", "Model", "Nuclei", "Quality", "Labels", "Output", "Evaluation", "Pipeline", "Jobs", "Synthetic",
    ];

    /// <summary>Inside Model: what a step needs comes before it.</summary>
    private static readonly string[] _model = ["Onnx", "Networks", "Checkpoints", "Quantization", "Engine"];

    public static TheoryData<string> Folders => [.. _order];

    [Fact]
    public void EveryFolderHasItsPlaceInTheOrder()
    {
        var folders = typeof(SlideSegmenter).Assembly.GetTypes()
            .Where(t => t.Namespace?.StartsWith("HoverFast.", StringComparison.Ordinal) == true)
            .Select(t => t.Namespace!.Split('.')[1])
            .Distinct(StringComparer.Ordinal);
        Assert.Equal(_order.Order(StringComparer.Ordinal), folders.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void TheDocumentationTellsTheSameOrder()
    {
        var lines = File.ReadLines(Path.Combine(Repository.Root, "docs", "architecture.md"));
        var table = lines.SkipWhile(l => !l.StartsWith("| folder |", StringComparison.Ordinal)).Skip(2).TakeWhile(l => l.StartsWith('|'));
        Assert.Equal(_order, table.Select(l => l.Split('`')[1]));
    }

    [Theory]
    [MemberData(nameof(Folders))]
    public void AFolderKnowsOnlyThoseBeforeIt(string folder)
    {
        var later = _order.SkipWhile(f => f != folder).Skip(1).Select(f => "HoverFast." + f).ToArray();
        AssertIndependent("HoverFast." + folder, [.. later, typeof(SlideSegmenter).FullName!]);
    }

    [Fact]
    public void TheNetworksKnowNoCheckpointsAndNoEngine()
    {
        foreach (var folder in _model)
        {
            AssertIndependent("HoverFast.Model." + folder, [.. _model.SkipWhile(f => f != folder).Skip(1).Select(f => "HoverFast.Model." + f)]);
        }
    }

    [Fact]
    public void TheCommandLineHasScreensAndOptionsBelowItsCommands()
    {
        foreach (var folder in (string[])["HoverFast.Cli.Options", "HoverFast.Cli.Screens"])
        {
            AssertIndependent(folder, ["HoverFast.Cli.Commands", "HoverFast.Cli.HoverFastCommand"], typeof(HoverFast.Cli.ExitCode).Assembly);
        }
    }

    private static void AssertIndependent(string folder, string[] others, System.Reflection.Assembly? assembly = null)
    {
        if (others.Length == 0)
        {
            return;
        }

        var own = Types
            .InAssembly(assembly ?? typeof(SlideSegmenter).Assembly)
            .That()
            .ResideInNamespaceMatching($"^{System.Text.RegularExpressions.Regex.Escape(folder)}(\\.|$)");
        var result = own.ShouldNot().HaveDependencyOnAny(others).GetResult();
        Assert.True(result.IsSuccessful, string.Join(Environment.NewLine, result.FailingTypes?.Select(t => $"{t.FullName}: {t.Explanation}") ?? []));
    }
}
