using System.Text.Json;
using HoverFast.Files;

namespace HoverFast.Jobs;

/// <summary>
/// Says that a run is writing the result of a name: the file NAME.lock beside the result, which tells host, process and time. It is made with
/// create-exclusive alone, which holds on network file systems too, and kept fresh while the run lives. A lock whose process is gone (same machine), that
/// an earlier run of the same cluster job left, or that was not refreshed for minutes (another machine, or a process that is hidden from this user), is dead;
/// who takes over marks that one lock first, with a file of its token's name, so that of several only one goes on.
/// </summary>
internal sealed class ResultLock : IDisposable
{
    /// <summary>
    /// How often the lock is refreshed, and after how long without it a lock whose process can't be asked about is dead: network file systems tell late.
    /// </summary>
    private static readonly TimeSpan _refreshEvery = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan _deadAfter = TimeSpan.FromMinutes(5);

    /// <summary>How old a file without sound content is before it counts as dead: its maker was stopped between making and writing it.</summary>
    private static readonly TimeSpan _writtenWithin = TimeSpan.FromSeconds(30);

    // EEXIST, ERROR_FILE_EXISTS and ERROR_ALREADY_EXISTS.
    private const int FileExists = 17;
    private const int FileExistsOnWindows = 80;
    private const int AlreadyExistsOnWindows = 183;

    private readonly string _path;
    private readonly LockOwner _owner;
    private readonly Timer _refresh;

    private ResultLock(string path, LockOwner owner)
    {
        _path = path;
        _owner = owner;
        _refresh = new Timer(_ => Refresh(), null, _refreshEvery, _refreshEvery);
    }

    /// <summary>Takes the lock of a name.</summary>
    /// <param name="path">The lock file.</param>
    /// <param name="name">The name of the result, for messages.</param>
    /// <exception cref="ResultInUseException">Another run has it.</exception>
    /// <exception cref="IOException">The file can't be written.</exception>
    public static ResultLock Take(string path, string name)
    {
        var owner = LockOwner.This();
        PartialFile.RequireNoFolder(path);
        for (var attempt = 0; attempt < 10; attempt++)
        {
            if (TryCreate(path, owner))
            {
                return new ResultLock(path, owner);
            }

            var holder = LockOwner.TryRead(path);
            if (IsGone(path))
            {
                continue;
            }

            if (!IsDead(path, holder))
            {
                throw new ResultInUseException(name, holder);
            }

            if (!TryClear(path, holder))
            {
                break;
            }
        }

        throw new ResultInUseException(name, LockOwner.TryRead(path));
    }

    /// <summary>Whether a run that lives seems to have a lock: told without writing anything, so that who only looks can ask.</summary>
    public static bool IsHeld(string path) => LockOwner.TryRead(path) is { } holder
        && (holder.IsOnThisMachine && holder.Lives is { } lives ? lives : DateTime.UtcNow - File.GetLastWriteTimeUtc(path) < _deadAfter);

    /// <summary>Whether the lock is still this run's: nobody took it for dead and went on.</summary>
    /// <exception cref="IOException">It is not.</exception>
    public void Require()
    {
        if (LockOwner.TryRead(_path)?.Token != _owner.Token)
        {
            throw new IOException($"{_path} was taken over by another run, as if this one had died; nothing of it is kept.");
        }
    }

    /// <summary>Gives the name free.</summary>
    public void Dispose()
    {
        _refresh.Dispose();
        try
        {
            if (LockOwner.TryRead(_path)?.Token == _owner.Token)
            {
                File.Delete(_path);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The next run finds that this process is gone.
        }
    }

    private static bool TryCreate(string path, LockOwner owner)
    {
        FileStream file;
        try
        {
            file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        }
        catch (IOException e) when ((e.HResult & 0xFFFF) is FileExists or FileExistsOnWindows or AlreadyExistsOnWindows)
        {
            return false;
        }

        using (file)
        {
            try
            {
                file.Write(JsonSerializer.SerializeToUtf8Bytes(owner, LockOwner.Json));
                return true;
            }
            catch (Exception e) when (PartialFile.IsDiskError(e))
            {
                // The disk is full: the lock would name nobody, and be waited for.
                File.Delete(path);
                throw;
            }
        }
    }

    private static bool IsDead(string path, LockOwner? holder) =>
        holder is null ? FileStatus.KindOf(path, follow: false) is not (FileKind.Regular or FileKind.Missing) || AgeOf(path) > _writtenWithin
        : holder.IsOnThisMachine && holder.Lives is { } lives ? !lives
        : holder.IsEarlierRunOfThisJob || AgeOf(path) > _deadAfter;

    private static bool IsGone(string path) => FileStatus.KindOf(path, follow: false) == FileKind.Missing;

    // Both times are the file system's, so that clocks of machines need not agree.
    private static TimeSpan AgeOf(string path)
    {
        var now = $"{path}.{Guid.NewGuid():N}";
        try
        {
            using (PartialFile.CreateNew(now))
            {
            }

            return File.GetLastWriteTimeUtc(now) - File.GetLastWriteTimeUtc(path);
        }
        finally
        {
            File.Delete(now);
        }
    }

    /// <summary>Takes a dead lock away. One run alone makes the mark of its token; the others find it and leave the lock to that one.</summary>
    private static bool TryClear(string path, LockOwner? holder)
    {
        var mark = $"{path}.{holder?.Token ?? "unreadable"}";
        if (!TryCreate(mark, LockOwner.This()))
        {
            var clearer = LockOwner.TryRead(mark);
            if (IsGone(mark))
            {
                return true;
            }

            if (!IsDead(mark, clearer))
            {
                return false;
            }

            // Who was to take over died too.
            File.Delete(mark);
            return true;
        }

        try
        {
            // Unless somebody else was quicker, and the lock is another one by now.
            var now = LockOwner.TryRead(path);
            if (now?.Token == holder?.Token && !IsGone(path) && IsDead(path, now))
            {
                File.Delete(path);
            }

            return true;
        }
        finally
        {
            File.Delete(mark);
        }
    }

    private void Refresh()
    {
        try
        {
            // A byte written makes the file system set its own time.
            if (LockOwner.TryRead(_path)?.Token == _owner.Token)
            {
                using var file = new FileStream(_path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
                file.WriteByte((byte)'{');
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Full or away for a moment: the next time will do.
        }
    }
}
