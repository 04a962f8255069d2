using HoverFast.Cli;
using HoverFast.Tests.Guards;
using Xunit;

namespace HoverFast.Tests.Cli;

/// <summary>Who is told how to give a pixel size is told of options that the command takes.</summary>
public sealed class PixelSizeAdviceTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("segment", "Give it with --mpp (for example --mpp 0.25), or per slide with --mpp-table FILE.csv")]
    [InlineData("estimate", "Give it with --mpp (for example --mpp 0.25).")]
    [InlineData("infer_wsi", "Give it to 'hoverfast segment', with --mpp (for example --mpp 0.25).")]
    public async Task NamesTheCommandsOwnOptions(string command, string advice)
    {
        var picture = _folder.File("a.png");
        DarkDiscs.Write(picture, 100);
        string[] output = command == "estimate" ? [] : ["-o", _folder.File("out")];
        var ended = await ChildProcess.HoverFastAsync([command, picture, .. output]);

        Assert.Equal(ExitCode.SomeFailed, ended.ExitCode);

        // A table breaks lines.
        var told = string.Join(' ', (ended.Error + ended.Output).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains(advice, told, StringComparison.Ordinal);
    }
}
