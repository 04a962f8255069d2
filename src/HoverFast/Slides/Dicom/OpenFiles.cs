using HoverFast.Files;
using Microsoft.Win32.SafeHandles;

namespace HoverFast.Slides.Dicom;

/// <summary>
/// Keeps the files that were read last open. A slide may lie in a thousand files, more than a process may have open. Thread safe.
/// </summary>
internal sealed class OpenFiles : IDisposable
{
    private const int MostOpen = 16;

    private readonly Lock _lock = new();
    private readonly List<(string Path, SafeFileHandle Handle)> _open = [];
    private bool _closed;

    /// <summary>Fills some of the bytes from an offset of a file; returns how many, 0 at its end.</summary>
    public int Read(string path, Span<byte> bytes, long offset)
    {
        while (true)
        {
            try
            {
                return RandomAccess.Read(Handle(path), bytes, offset);
            }
            catch (ObjectDisposedException) when (!_closed)
            {
                // Others needed its place between finding and reading it.
            }
        }
    }

    /// <summary>Bytes of a file.</summary>
    public long LengthOf(string path) => RandomAccess.GetLength(Handle(path));

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            _closed = true;
            _open.ForEach(f => f.Handle.Dispose());
            _open.Clear();
        }
    }

    private SafeFileHandle Handle(string path)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_closed, this);
            var at = _open.FindIndex(f => f.Path == path);
            var file = at >= 0 ? _open[at] : (path, RegularFile.OpenHandle(path, FileOptions.RandomAccess));
            if (at >= 0)
            {
                _open.RemoveAt(at);
            }
            else if (_open.Count == MostOpen)
            {
                // A read under way keeps the handle until it is done.
                _open[0].Handle.Dispose();
                _open.RemoveAt(0);
            }

            _open.Add(file);
            return file.Item2;
        }
    }
}
