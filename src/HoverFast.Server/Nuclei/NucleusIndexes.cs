using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using HoverFast.Jobs;
using HoverFast.Server.Hosting;
using HoverFast.Server.Slides;

namespace HoverFast.Server.Nuclei;

/// <summary>The indices of the results: made when a slide is first looked at, kept beside the results, made anew when the result is another.</summary>
internal sealed class NucleusIndexes(ServerOptions options, ILogger<NucleusIndexes> logger, TimeProvider time) : IDisposable
{
    /// <summary>Changes when indices of old no longer fit.</summary>
    private const string Layout = "2";

    /// <summary>Indices that stay open; each holds little more than its summary and density.</summary>
    private const int MostOpen = 16;

    /// <summary>After what is wrong with the disk and not with the result: a file server that was away, or no space.</summary>
    private static readonly TimeSpan _triesAgain = TimeSpan.FromSeconds(30);

    // Either tells the same nuclei; GeoJSON is what a review works on too.
    private static readonly ResultKind[] _kinds = [ResultKind.GeoJson, ResultKind.Parquet];

    private readonly string _place = FollowedPath.Of(options.Results);
    private readonly ConcurrentDictionary<string, Building> _building = new(StringComparer.Ordinal);
    private readonly LinkedList<(string Key, NucleusIndex Index)> _open = new();
    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _oneAtATime = new(1);
    private readonly CancellationTokenSource _stop = new();

    /// <summary>How far an index is.</summary>
    internal sealed class Building
    {
        /// <summary>The part that is done, 0 to 1.</summary>
        public double Progress { get; set; }

        /// <summary>The work itself.</summary>
        public Task Work { get; set; } = Task.CompletedTask;

        /// <summary>Why it could not be made; null while there is hope.</summary>
        public string? Error { get; set; }

        /// <summary>When it may be tried again, after an error that may pass; null where it never will.</summary>
        public DateTimeOffset? Again { get; set; }
    }

    /// <summary>What a result's nuclei are known by; null where it has none that can be shown.</summary>
    public string? KeyOf(SlideEntry entry) => FileOf(entry) is { } file ? KeyOf(entry, file) : null;

    /// <summary>The file that the nuclei of a result are read from; null where it has none.</summary>
    public string? FileOf(SlideEntry entry) => _kinds.Select(kind => FileOf(entry, kind)).FirstOrDefault(path => path is not null);

    private string? FileOf(SlideEntry entry, ResultKind kind)
    {
        // Links out of the folder are not followed either. Manifests of old tell no kind.
        var output = entry.Manifest?.Outputs.FirstOrDefault(o =>
            o.Kind == kind || (o.Kind is null && kind == ResultKind.GeoJson && o.File.Contains(".geojson", StringComparison.OrdinalIgnoreCase)));
        return output?.PathIn(options.Results) is { } path && File.Exists(path) && FollowedPath.LeadsInto(path, _place) ? path : null;
    }

    /// <summary>The index where it is there; else it is begun, or how far it is is told.</summary>
    /// <returns>The index, or how far it is; neither where the result has no nuclei that can be shown.</returns>
    public (NucleusIndex? Index, Building? Building) Find(SlideEntry entry)
    {
        if (FileOf(entry) is not { } file)
        {
            return (null, null);
        }

        var key = KeyOf(entry, file);
        lock (_lock)
        {
            for (var node = _open.First; node is not null; node = node.Next)
            {
                if (node.Value.Key == key)
                {
                    _open.Remove(node);
                    _open.AddFirst(node);
                    return (node.Value.Index, null);
                }
            }

            var path = PathOf(key);
            if (File.Exists(path))
            {
                var index = new NucleusIndex(path);
                _open.AddFirst((key, index));
                if (_open.Count > MostOpen)
                {
                    _open.Last!.Value.Index.Dispose();
                    _open.RemoveLast();
                }

                return (index, null);
            }
        }

        if (_building.TryGetValue(key, out var failed) && failed.Again <= time.GetUtcNow())
        {
            _building.TryRemove(new(key, failed));
        }

        return (null, _building.GetOrAdd(key, _ =>
            {
                var building = new Building();
                building.Work = Task.Run(() => BuildAsync(entry.Id, key, file, entry.Manifest!, building));
                return building;
            }));
    }

    /// <summary>The index.</summary>
    /// <exception cref="RequestException">It isn't there, or not yet.</exception>
    public NucleusIndex Require(SlideEntry entry) =>
        Find(entry) switch
        {
            ({ } index, _) => index,
            (_, { Error: { } error }) => throw new RequestException(StatusCodes.Status422UnprocessableEntity, error),
            (_, { }) => throw new RequestException(StatusCodes.Status409Conflict, "The nuclei are being read; ask again in a moment."),
            _ => throw RequestException.NotFound("result with outlines"),
        };

    /// <inheritdoc/>
    public void Dispose()
    {
        _stop.Cancel();
        _oneAtATime.Wait();
        lock (_lock)
        {
            foreach (var (_, index) in _open)
            {
                index.Dispose();
            }

            _open.Clear();
        }

        _oneAtATime.Dispose();
        _stop.Dispose();
    }

    private async Task BuildAsync(string id, string key, string file, Manifest result, Building building)
    {
        try
        {
            await _oneAtATime.WaitAsync(_stop.Token);
            try
            {
                IndexBuilder.Build(file, result, PathOf(key), p => building.Progress = p, _stop.Token);
                foreach (var old in Directory.EnumerateFiles(Path.GetDirectoryName(PathOf(key))!, id + "-*").Where(f => f != PathOf(key)))
                {
                    File.Delete(old);
                }

                _building.TryRemove(key, out _);
            }
            finally
            {
                _oneAtATime.Release();
            }
        }
        catch (OperationCanceledException)
        {
            // The server ends.
        }
#pragma warning disable CA1031 // Nobody waits for this: what is not told here is told nowhere, and the page would wait for ever.
        catch (Exception e)
#pragma warning restore CA1031
        {
            logger.LogWarning(e, "The nuclei of {File} can't be read.", file);
            if (e is InvalidDataException)
            {
                building.Error = $"The nuclei can't be read: {e.Message}.";
            }
            else
            {
                building.Again = time.GetUtcNow() + _triesAgain;
                building.Error = "The nuclei can't be read, or their index can't be written; the server's log tells more.";
            }
        }
    }

    private string PathOf(string key) => Path.Combine(options.OwnFolder, "nuclei", key + ".db");

    private static string KeyOf(SlideEntry entry, string file)
    {
        var info = new FileInfo(file);
        var hash = SHA256.HashData(
            Encoding.UTF8.GetBytes($"{Layout} {entry.Manifest!.Key} {Path.GetFileName(file)} {info.Length} {info.LastWriteTimeUtc.Ticks}"));
        return $"{entry.Id}-{Convert.ToHexStringLower(hash)[..16]}";
    }
}
