using HoverFast.Cli;
using HoverFast.Tests;
using Xunit;

namespace HoverFast.Server.Tests.Accounts;

public sealed class UserCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task LookingAtAccountsMakesNothing()
    {
        var missing = _folder.File("resluts");
        var (code, _, error) = await RunningServer.RunAsync("user", "list", "--results", missing);
        Assert.Equal((ExitCode.CannotStart, $"error: {missing}: there is no such folder."), (code, error.Trim()));
        Assert.Equal(ExitCode.SomeFailed, (await RunningServer.RunAsync("user", "remove", "anna", "--results", missing)).Code);
        Assert.False(Directory.Exists(missing));

        (code, var output, _) = await RunningServer.RunAsync("user", "list", "--results", _folder.Path);
        Assert.Equal((ExitCode.Success, ""), (code, output.Trim()));
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Path));
    }
}
