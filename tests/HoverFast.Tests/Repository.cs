namespace HoverFast.Tests;

/// <summary>The clone that the tests were built from.</summary>
internal static class Repository
{
    /// <summary>Its root folder.</summary>
    public static string Root { get; } = Find() ?? throw new InvalidOperationException("The tests don't lie in a clone of the repository.");

    private static string? Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "HoverFast.slnx")))
            {
                return folder.FullName;
            }
        }

        return null;
    }
}
