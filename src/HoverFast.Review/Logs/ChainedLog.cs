using System.Text.Json;
using HoverFast.Files;
using HoverFast.Files.Chains;

namespace HoverFast.Review.Logs;

/// <summary>
/// An append-only log of JSON lines, each chained to the one before by a hash. An entry is on the disk before <see cref="Writing.Append"/> returns. Several
/// processes may write to one log: each reads what the others appended before it writes. What a crash left of a line that was never confirmed is cut off by the
/// next write. Thread safe.
/// </summary>
internal sealed class ChainedLog<T>(string path, JsonSerializerOptions json)
{
    private readonly Lock _gate = new();
    private readonly List<T> _entries = [];
    private readonly List<string> _hashes = [];
    private readonly JsonSerializerOptions _json = json;
    private long _read;

    /// <summary>Where it lies.</summary>
    public string Path => path;

    /// <summary>What is known of it so far.</summary>
    public IReadOnlyList<T> Entries => _entries;

    /// <summary>The last hash.</summary>
    public string Head => _hashes.Count == 0 ? ChainedLine.Nothing : _hashes[^1];

    /// <summary>Bytes after the last whole line: of a write that was cut off.</summary>
    public int Unfinished { get; private set; }

    /// <summary>Reads what others appended.</summary>
    /// <exception cref="BrokenLogException">The chain doesn't hold.</exception>
    public void Refresh()
    {
        lock (_gate)
        {
            if (RegularFile.Exists(path))
            {
                using var file = ChainedFile.Wait(() => new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
                Read(file);
            }
            else if (_read > 0)
            {
                throw new BrokenLogException(path, 1, "the log was taken away while it was in use.");
            }
        }
    }

    /// <summary>The hash of an entry, by its number from 1.</summary>
    public string HashOf(long number) => _hashes[checked((int)number - 1)];

    /// <summary>Begins to write: nobody else writes until it is disposed of, and all that others wrote is known.</summary>
    /// <exception cref="BrokenLogException">The chain doesn't hold.</exception>
    public Writing Begin()
    {
        _gate.Enter();
        try
        {
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
            var file = ChainedFile.Wait(() => new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
            try
            {
                Read(file);
                return new Writing(this, file);
            }
            catch
            {
                file.Dispose();
                throw;
            }
        }
        catch
        {
            _gate.Exit();
            throw;
        }
    }

    private static T Parse(string path, byte[] entry, long number, JsonSerializerOptions json)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(entry, json) ?? throw new JsonException("it is empty");
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            throw new BrokenLogException(path, number, $"entry {number} can't be read ({e.Message}); was it written by a newer version?");
        }
    }

    private void Read(FileStream file)
    {
        if (file.Length < _read)
        {
            throw new BrokenLogException(path, _entries.Count, "the log is shorter than it was: its end was cut off while it was in use.");
        }

        ChainedFile.Walk(path, file, _read, _entries.Count, Head, (number, entry, hash, end) =>
        {
            _entries.Add(Parse(path, entry, number, _json));
            _hashes.Add(hash);
            _read = end;
        });
        Unfinished = (int)Math.Min(int.MaxValue, file.Length - _read);
    }

    /// <summary>The right to write.</summary>
    internal sealed class Writing(ChainedLog<T> log, FileStream file) : IDisposable
    {
        private readonly ChainedWriter _writer = new(file, log._entries.Count, log.Head, log._read);
        private bool _wrote;

        /// <summary>Appends an entry and brings it to the disk.</summary>
        /// <returns>Its number, from 1.</returns>
        public long Append(T entry)
        {
            var number = _writer.Append(JsonSerializer.SerializeToUtf8Bytes(entry, log._json));
            log._entries.Add(entry);
            log._hashes.Add(_writer.Head);
            log._read = _writer.End;
            log.Unfinished = 0;
            _wrote = true;
            return number;
        }

        /// <inheritdoc/>
        public void Dispose()
        {
            try
            {
                if (_wrote)
                {
                    new LogHead(log._entries.Count, log.Head).Write(log.Path);
                }
            }
            catch (Exception e) when (PartialFile.IsDiskError(e))
            {
                // The entries are in the log, and a head that is behind does no harm: the next one catches up.
            }
            finally
            {
                _writer.Dispose();
                log._gate.Exit();
            }
        }
    }
}
