namespace HoverFast.Tests.Guards;

/// <summary>A new folder that nobody but root may look into, until this is disposed.</summary>
internal sealed class LockedFolder : IDisposable
{
    /// <summary>Makes it.</summary>
    public LockedFolder(string path)
    {
        Path = Directory.CreateDirectory(path).FullName;
        Set(UnixFileMode.None);
    }

    /// <summary>Where it is.</summary>
    public string Path { get; }

    public void Dispose() => Set(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

    private void Set(UnixFileMode mode)
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(Path, mode);
        }
    }
}
