using System.Text.RegularExpressions;
using HoverFast.Cli;
using Xunit;

namespace HoverFast.Tests.Guards;

/// <summary>Whoever asks for help is told what can be given and sees an example, for every command that there is.</summary>
public sealed partial class HelpTests
{
    /// <summary>What commands that other programs carry out say of themselves: those have help of their own and aren't everywhere.</summary>
    private const string PassedOn = "(runs hoverfast-";

    [Fact]
    public async Task EveryCommandTellsItsOptionsAndShowsExamples()
    {
        var open = new Queue<string[]>([[]]);
        var seen = new List<string>();
        while (open.TryDequeue(out var command))
        {
            var name = string.Join(' ', ["hoverfast", .. command]);
            var ended = await ChildProcess.HoverFastAsync([.. command, "--help"]);
            Assert.True(ended.ExitCode == ExitCode.Success && ended.Error.Length == 0, $"{name}: {ended.ExitCode} {ended.Error}");
            seen.Add(name);

            var sections = Sections(ended.Output);
            Assert.True(sections["Description"][0].Trim().Length > 10, $"{name} does not say what it does");
            foreach (var entry in sections["Options"].Concat(sections.GetValueOrDefault("Arguments", [])).Concat(sections.GetValueOrDefault("Commands", [])))
            {
                Assert.True(Entry().Match(entry) is { Success: true } match && match.Groups["what"].Value.Length > 5, $"{name} does not describe '{entry}'");
            }

            var examples = sections.GetValueOrDefault("Examples", []);
            Assert.True(examples.Length > 0, $"{name} shows no example");
            Assert.All(examples, e => Assert.StartsWith("hoverfast ", e.Trim(), StringComparison.Ordinal));
            Assert.Contains(examples, e => e.Contains(name, StringComparison.Ordinal) || command.Length == 0);
            Assert.Contains(ExitCode.Help, ended.Output, StringComparison.Ordinal);
            foreach (
                var child in sections
                    .GetValueOrDefault("Commands", [])
                    .Where(l => !l.Contains(PassedOn, StringComparison.Ordinal))
                    .Select(l => l.Trim().Split(' ')[0]))
            {
                open.Enqueue([.. command, child]);
            }
        }

        Assert.Superset(
            new HashSet<string>(StringComparer.Ordinal)
            {
                "hoverfast",
                "hoverfast segment",
                "hoverfast evaluate",
                "hoverfast model import",
                "hoverfast infer_wsi",
            },
            seen.ToHashSet(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("--tilesize", "segment", "a.png", "--tilesize", "512")]
    [InlineData("magic", "segment", "a.png", "--output", "magic")]
    [InlineData("--mpp", "evaluate", ".")]
    [InlineData("nonsense", "nonsense")]
    public async Task AMistakeIsNamedAndNothingGoesToStandardOutput(string named, params string[] command)
    {
        var ended = await ChildProcess.HoverFastAsync(command);
        Assert.Equal(ExitCode.Usage, ended.ExitCode);
        Assert.Empty(ended.Output);
        var lines = ended.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.StartsWith("error: ", lines[0], StringComparison.Ordinal);
        Assert.Contains(lines, l => l.Contains(named, StringComparison.Ordinal));
        Assert.Contains("--help", lines[^1], StringComparison.Ordinal);
        Assert.InRange(lines.Length, 2, 3);
    }

    /// <summary>Lines by the title above them.</summary>
    private static Dictionary<string, string[]> Sections(string help)
    {
        var sections = new Dictionary<string, string[]>(StringComparer.Ordinal);
        var title = "";
        foreach (var line in help.Split('\n').Select(l => l.TrimEnd()).Where(l => l.Length > 0))
        {
            if (Title().IsMatch(line))
            {
                title = line[..^1];
                sections[title] = [];
            }
            else if (line.StartsWith("  ", StringComparison.Ordinal) && line[2] != ' ')
            {
                // Lines that are indented further go on with a description.
                sections[title] = [.. sections[title], line];
            }
        }

        return sections;
    }

    [GeneratedRegex("^[A-Z][a-z]+:$")]
    private static partial Regex Title();

    /// <summary>A name, maybe with what it takes, at least two blanks, and a description.</summary>
    [GeneratedRegex(@"^  \S.*?\s{2,}(?<what>\S.*)$")]
    private static partial Regex Entry();
}
