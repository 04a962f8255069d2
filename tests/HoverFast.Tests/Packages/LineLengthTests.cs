using Xunit;

namespace HoverFast.Tests.Packages;

/// <summary>Texts can be read in an editor and in a review without scrolling sideways.</summary>
public sealed class LineLengthTests
{
    private const int Longest = 160;

    [Fact]
    public void LinesOfTextFilesAreNotLongerThanAnEditorIsWide()
    {
        string[] skipped = ["bin", "obj", "artifacts", "runs", "node_modules", ".git"];
        var files = Directory.EnumerateFiles(Repository.Root, "*.md", new EnumerationOptions { RecurseSubdirectories = true })
            .Where(f => !Path.GetRelativePath(Repository.Root, f).Split(Path.DirectorySeparatorChar).Intersect(skipped).Any())
            .ToList();
        Assert.True(files.Count > 5);

        // A row of a table and an address can't be wrapped.
        var longer = files.SelectMany(f => File.ReadLines(f)
            .Select((line, i) => (Line: line, Where: $"{Path.GetRelativePath(Repository.Root, f)}:{i + 1}"))
            .Where(l => l.Line.Length > Longest && !l.Line.StartsWith('|') && !l.Line.Contains("://", StringComparison.Ordinal))
            .Select(l => $"{l.Where} has {l.Line.Length} characters"));
        Assert.Empty(longer);
    }
}
