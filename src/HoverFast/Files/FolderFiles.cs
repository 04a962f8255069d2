using System.IO.Enumeration;

namespace HoverFast.Files;

/// <summary>Lists the files of folders.</summary>
internal static class FolderFiles
{
    private static readonly EnumerationOptions _all = new() { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.None, IgnoreInaccessible = true };

    /// <summary>
    /// The files of a folder and of those in it at any depth, links to files among them, in the order of their paths. Links to folders are left out, since
    /// they may lead in circles, and so are those that lead nowhere.
    /// </summary>
    public static IEnumerable<string> Below(string folder)
    {
        var files = new FileSystemEnumerable<string>(folder, (ref FileSystemEntry entry) => entry.ToSpecifiedFullPath(), _all)
        {
            ShouldIncludePredicate = (ref FileSystemEntry entry) => !entry.IsDirectory && (!IsLink(ref entry) || RegularFile.Exists(entry.ToFullPath())),
            ShouldRecursePredicate = (ref FileSystemEntry entry) => !IsLink(ref entry),
        };
        return files.Order(StringComparer.Ordinal);

        static bool IsLink(ref FileSystemEntry entry) => entry.Attributes.HasFlag(FileAttributes.ReparsePoint);
    }
}
