using System.Text.RegularExpressions;
using HoverFast.Slides;
using HoverFast.Synthetic;
using Xunit;

namespace HoverFast.Tests.Packages;

/// <summary>The C# programs of the README, as they stand there.</summary>
internal static partial class ReadmeExamples
{
    /// <summary>Each program with its first line.</summary>
    public static IReadOnlyList<(string Program, string Title)> All =>
        [
            .. Block()
                .Matches(File.ReadAllText(Path.Combine(Repository.Root, "README.md")).ReplaceLineEndings("\n"))
                .Select(m => (m.Groups["program"].Value, m.Groups["program"].Value.Split('\n')[0])),
        ];

    /// <summary>A program on another slide and another folder of results than the README's.</summary>
    public static string On(string program, string slide, string results) =>
        program.Replace("\"slide.svs\"", Literal(slide), StringComparison.Ordinal).Replace("\"results\"", Literal(results), StringComparison.Ordinal);

    /// <summary>A small slide with drawn tissue.</summary>
    public static string Slide(TemporaryFolder folder)
    {
        var path = folder.File("slide.svs");
        SyntheticSlide.Write(path, new SyntheticSlideOptions { Size = new PixelSize(1100, 1100), TissueFraction = 1 });
        return path;
    }

    /// <summary>What the streaming program prints: place and area of each nucleus, a line each.</summary>
    public static void CheckNuclei(string printed)
    {
        var lines = printed.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.InRange(lines.Length, 100, 1000);
        Assert.All(lines, line =>
        {
            var numbers = line.Split(' ').Take(3).Select(double.Parse).ToArray();
            Assert.InRange(numbers[0], 0, 1100);
            Assert.InRange(numbers[1], 0, 1100);
            Assert.InRange(numbers[2], 4, 400);
        });
    }

    private static string Literal(string text) => "@\"" + text.Replace("\"", "\"\"", StringComparison.Ordinal) + "\"";

    [GeneratedRegex("```csharp\n(?<program>.*?)```", RegexOptions.Singleline)]
    private static partial Regex Block();
}
