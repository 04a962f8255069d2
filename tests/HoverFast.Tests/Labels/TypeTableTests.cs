using System.Numerics;
using HoverFast.Labels;
using HoverFast.Slides;
using Xunit;

namespace HoverFast.Tests.Labels;

public sealed class TypeTableTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Labels_and_points_are_read_whatever_ends_their_lines()
    {
        Assert.Equal(
            new Dictionary<int, string> { [1] = "epithelial", [7] = "a, b" },
            TypeTable.Labels(Write("\uFEFFlabel,type\r\n1,epithelial\r\n7,\"a, b\"\r\n")));
        var points = Write("x,y,type\n3,33.5,lymphocyte\n");
        Assert.Equal([(new Vector2(3, 33.5f), "lymphocyte")], TypeTable.Points(points));
        Assert.True(TypeTable.HoldsPoints(points));
    }

    [Theory]
    [InlineData("label,kind\n1,a\n", "lacks the columns label, type")]
    [InlineData("label,type\n1,a\n1,b\n", "line 3: '1'")]
    [InlineData("label,type\n0,a\n", "line 2: '0'")]
    [InlineData("label,type\n1,a,b\n", "can't be read as a table")]
    public void Damage_is_told_with_its_line(string text, string problem) =>
        Assert.Contains(problem, Assert.Throws<SlideException>(() => TypeTable.Labels(Write(text))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("x,y,type\n1,NaN,a\n")]
    [InlineData("x,y,type\n1,,a\n")]
    public void Points_lie_somewhere(string text) =>
        Assert.Contains("line 2", Assert.Throws<SlideException>(() => TypeTable.Points(Write(text))).Message, StringComparison.Ordinal);

    private string Write(string text)
    {
        var path = _folder.File("types.csv");
        File.WriteAllText(path, text);
        return path;
    }
}
