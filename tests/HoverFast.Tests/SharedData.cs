using Xunit;

namespace HoverFast.Tests;

/// <summary>The folder of real data that lies beside the repository on some machines; tests that need it skip without it.</summary>
internal static class SharedData
{
    private static readonly string? _root = Find();

    /// <summary>The path of a file or folder of the shared data, or the calling test is skipped.</summary>
    public static string Require(params string[] parts)
    {
        Assert.SkipWhen(_root is null, "needs the folder shared/ beside the repository, which this machine doesn't have");
        var path = Path.Combine([_root!, .. parts]);
        Assert.SkipUnless(File.Exists(path) || Directory.Exists(path), $"needs {Path.Combine(parts)} in shared/, which is not there");
        return path;
    }

    private static string? Find()
    {
        var shared = Path.Combine(Path.GetDirectoryName(Repository.Root) ?? "/", "shared");
        return Directory.Exists(shared) ? shared : null;
    }
}
