using Xunit;

namespace HoverFast.Tests.Packages;

/// <summary>The repository that the tests were built in.</summary>
internal static class Repository
{
    /// <summary>Its folder; a test that runs somewhere else is skipped.</summary>
    public static string Root
    {
        get
        {
            for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            {
                if (File.Exists(Path.Combine(folder.FullName, "HoverFast.slnx")))
                {
                    return folder.FullName;
                }
            }

            Assert.Skip("needs the repository's sources, which do not lie above the tests");
            return "";
        }
    }
}
