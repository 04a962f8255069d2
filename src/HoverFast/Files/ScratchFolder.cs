namespace HoverFast.Files;

/// <summary>A folder for files that nobody needs afterwards: deleted, with all that is in it, when disposed.</summary>
public sealed class ScratchFolder : IDisposable
{
    private readonly DirectoryInfo _folder;

    /// <summary>Makes the folder in the system's place for temporary files; only this user can read it.</summary>
    /// <param name="purpose">A word for its name.</param>
    /// <exception cref="IOException">It can't be made.</exception>
    public ScratchFolder(string purpose)
    {
        try
        {
            _folder = Directory.CreateTempSubdirectory($"hoverfast-{purpose}-");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException(
                $"the folder for temporary files {System.IO.Path.GetTempPath()} is missing or can't be written to; name another one by the variable TMPDIR.",
                e);
        }
    }

    /// <summary>The folder.</summary>
    public string Path => _folder.FullName;

    /// <summary>The path of a file in it.</summary>
    public string File(string name) => System.IO.Path.Combine(Path, name);

    /// <inheritdoc/>
    public void Dispose()
    {
        try
        {
            _folder.Delete(recursive: true);
        }
        catch (DirectoryNotFoundException)
        {
            // Somebody was quicker.
        }
    }
}
