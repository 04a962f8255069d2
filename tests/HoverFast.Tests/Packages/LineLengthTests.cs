using System.Text.RegularExpressions;
using Xunit;

namespace HoverFast.Tests.Packages;

/// <summary>Texts can be read in an editor and in a review without scrolling sideways.</summary>
public sealed partial class LineLengthTests
{
    private const int Longest = 160;

    [Fact]
    public void LinesOfTextFilesAreNotLongerThanAnEditorIsWide()
    {
        // A row of a table and an address can't be wrapped.
        Assert.Empty(Longer("*.md", l => l.StartsWith('|') || l.Contains("://", StringComparison.Ordinal)));
    }

    [Fact]
    public void LinesOfCodeAreNotEither()
    {
        // Texts aren't cut in their middle.
        Assert.Empty(Longer("*.cs", l => LongText().IsMatch(l) || l.Count(c => c == '"') >= 8));
    }

    private static IEnumerable<string> Longer(string kind, Func<string, bool> isExcused)
    {
        string[] skipped = ["bin", "obj", "artifacts", "runs", "node_modules", ".git"];
        var files = Directory.EnumerateFiles(Repository.Root, kind, new EnumerationOptions { RecurseSubdirectories = true })
            .Where(f => !Path.GetRelativePath(Repository.Root, f).Split(Path.DirectorySeparatorChar).Intersect(skipped).Any())
            .ToList();
        Assert.True(files.Count > 5);
        return files.SelectMany(f => File.ReadLines(f)
            .Select((line, i) => (Line: line, Where: $"{Path.GetRelativePath(Repository.Root, f)}:{i + 1}"))
            .Where(l => l.Line.Length > Longest && !isExcused(l.Line))
            .Select(l => $"{l.Where} has {l.Line.Length} characters"));
    }

    [GeneratedRegex("\"[^\"]{50,}|'[^']{20,}")]
    private static partial Regex LongText();
}
