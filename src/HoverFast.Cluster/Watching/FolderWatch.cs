using HoverFast.Cluster.Batches;
using HoverFast.Files;
using HoverFast.Jobs;
using HoverFast.Pipeline;
using HoverFast.Slides;

namespace HoverFast.Cluster.Watching;

/// <summary>
/// A laboratory's automation: segments slides as they come into a folder, each when it is whole, and keeps a list of them beside the results. It
/// may be stopped and started again at any time: what is done stays done, what was under way goes on.
/// </summary>
/// <param name="segmenter">Does the work.</param>
/// <param name="folder">Where slides come in.</param>
/// <param name="results">Where results go.</param>
/// <param name="kinds">Which results.</param>
/// <param name="options">How the folder is watched.</param>
/// <param name="watchers">Are told what happens to each slide.</param>
/// <param name="log">Is told, in sentences, what else happens.</param>
public sealed class FolderWatch(
    SlideSegmenter segmenter,
    string folder,
    string results,
    ResultOptions kinds,
    WatchOptions options,
    IReadOnlyList<IBatchWatcher> watchers,
    Action<string> log)
{
    /// <summary>Name of the list of slides, in the folder of the results.</summary>
    public const string StateFile = "hoverfast-watch.json";

    // ENOSPC and EDQUOT; ERROR_DISK_FULL and ERROR_HANDLE_DISK_FULL.
    private static readonly int[] _noRoom = OperatingSystem.IsWindows() ? [112, 39] : [28, 122];

    private HashSet<string> _leftOut = new(StringComparer.Ordinal);
    private HashSet<string> _notesBefore = new(StringComparer.Ordinal);
    private HashSet<string> _notes = new(StringComparer.Ordinal);

    /// <summary>Watches until it is cancelled; with <see cref="WatchOptions.Once"/>, until nothing is left to do.</summary>
    /// <param name="cancellation">Stops it; tiles of the slide under way are kept.</param>
    /// <returns>How many slides failed.</returns>
    /// <exception cref="ResultInUseException">Another watch has this folder of results.</exception>
    /// <exception cref="SlideException">The list of slides is damaged.</exception>
    /// <exception cref="IOException">The folder of the results can't be made or written.</exception>
    public async Task<int> RunAsync(CancellationToken cancellation)
    {
        var (from, to) = (Path.GetFullPath(folder), Path.TrimEndingDirectorySeparator(Path.GetFullPath(results)));
        Directory.CreateDirectory(to);
        using var alone = ResultLock.Take(Path.Combine(to, StateFile + ".lock"), "the watched folder");
        var state = new WatchState(Path.Combine(to, StateFile));
        var arrivals = new Arrivals(from, to, options.Rest, TimeProvider.System);
        using var notice = new EndNotice(options.Program, options.Address);
        var failed = 0;
        log($"watching {from} every {options.Every.TotalSeconds:0.#} s; results go to {to}");
        while (true)
        {
            var left = 0;
            (_notesBefore, _notes) = (_notes, new HashSet<string>(StringComparer.Ordinal));
            foreach (var (path, signature) in Look(arrivals, state))
            {
                if (await SegmentAsync(state, path, signature, from, to, cancellation) is not { } slide)
                {
                    left++;
                    break;
                }

                state.Set(slide);
                Save(state);
                left += slide.IsSettled ? 0 : 1;
                failed += slide is { IsSettled: true, Error: not null } ? 1 : 0;
                await TellAsync(state, notice, to, cancellation);
            }

            await TellAsync(state, notice, to, cancellation);
            Save(state);
            if (options.Once && left == 0 && arrivals.Coming == 0 && _notes.Count == 0)
            {
                return failed;
            }

            await Task.Delay(options.Every, cancellation);
        }
    }

    private IReadOnlyList<(string Path, string Signature)> Look(Arrivals arrivals, WatchState state)
    {
        try
        {
            var whole = arrivals.Look((path, signature) => state.Of(path) is { IsSettled: true } known && known.Signature == signature);
            TellLeftOut(
            [
                .. arrivals.Unreadable.Select(p => $"{p} may not be read by this account; it is left out."),
                .. arrivals.Misnamed.Select(p => $"{p} can't be opened, since its name is not in UTF-8; it is left out until it is renamed."),
            ]);
            return whole;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Note($"{folder} can't be read ({e.Message}); it is looked at again.");
            return [];
        }
    }

    // Each once, and no trouble to wait for: nothing but a person changes what this account may read, or what a file is called.
    private void TellLeftOut(IReadOnlyList<string> leftOut)
    {
        foreach (var sentence in leftOut.Where(s => !_leftOut.Contains(s)))
        {
            log(sentence);
        }

        _leftOut = leftOut.ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>
    /// Segments a slide. Null where there is no room for its result, or its files or the folder of the results are away: it is tried again at the next look.
    /// </summary>
    private async Task<WatchedSlide?> SegmentAsync(WatchState state, string path, string signature, string from, string to, CancellationToken cancellation)
    {
        var before = state.Of(path);
        var input = new SlideInput(path, before?.Name ?? NameOf(path, from, name => IsTaken(name, path, to, state)));
        SlideOutcome? outcome = null;
        try
        {
            await foreach (var ended in SlideBatch.RunAsync(segmenter, [input], to, kinds, watchers, cancellation: cancellation))
            {
                outcome = ended;
            }
        }
        catch (IOException e)
        {
            // Not of the slide: the folder of the results is away.
            Note($"{e.Message} {input.Name} goes on when it can.");
            return null;
        }

        if (outcome!.Error is { } error && IsNoRoom(error))
        {
            Note($"there is no room for results in {to}; {input.Name} goes on when there is.");
            return null;
        }

        // A slide that went away while it was read comes back as it was, and one that is still being written is no damaged one.
        if (outcome.Error is not null && Arrivals.SignatureOf(path) != signature)
        {
            Note($"{path} went away or was changed while it was read; it is looked at again.");
            return null;
        }

        var attempts = before?.Signature == signature ? before.Attempts + 1 : 1;
        return new WatchedSlide
        {
            Path = path,
            Name = input.Name,
            Signature = signature,
            At = DateTimeOffset.UtcNow,
            Nuclei = outcome.Manifest?.Counts.Nuclei,
            Error = outcome.Error?.Message,
            Attempts = attempts,
            IsSettled = outcome.Error is null or SlideException || attempts >= options.Attempts,
        };
    }

    private async Task TellAsync(WatchState state, EndNotice notice, string to, CancellationToken cancellation)
    {
        foreach (var slide in state.Untold)
        {
            try
            {
                await notice.TellAsync(slide, Manifest.PathFor(to, slide.Name), cancellation);
                state.Set(slide with { IsTold = true });
            }
            catch (IOException e)
            {
                Note($"{e.Message} It is tried again at the next look.");

                // Where nobody answers, each would be waited for; who refused this one may take the next.
                if (e.InnerException is not null)
                {
                    return;
                }
            }
        }
    }

    private void Save(WatchState state)
    {
        try
        {
            state.Save();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Note($"{StateFile} can't be written ({e.Message}); it is written at the next look.");
        }
    }

    // The folders below the watched one are part of the name, so that it depends on no other slide; the ending only where two would have one name.
    private static string NameOf(string path, string from, Func<string, bool> isTaken)
    {
        var place = Path.GetRelativePath(from, Path.GetDirectoryName(path)!);
        var prefix = place == "." ? "" : place.Replace(Path.DirectorySeparatorChar, '_') + "_";
        var name = prefix + SlideInputs.Of(path).Name;
        if (isTaken(name))
        {
            name = prefix + Path.GetFileName(path);
        }

        var free = name;
        for (var i = 2; isTaken(free); i++)
        {
            free = $"{name}-{i}";
        }

        return free;
    }

    // The results tell more than the list, which may be lost, or made when the slides lay elsewhere: a result of this very slide keeps its name.
    private static bool IsTaken(string name, string path, string to, WatchState state)
    {
        if (Manifest.TryRead(Manifest.PathFor(to, name)) is not { } standing)
        {
            return state.IsTaken(name, path, _ => true);
        }

        try
        {
            return !standing.Slide.IsOf(path, SlideFingerprint.Of(path)) || state.IsTaken(name, path, RegularFile.Exists);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It can't be read, and will be told to have failed.
            return true;
        }
    }

    private static bool IsNoRoom(Exception error) =>
        (error is IOException && _noRoom.Contains(error.HResult & 0xFFFF)) || (error.InnerException is { } inner && IsNoRoom(inner));

    // The same trouble at every look is told once.
    private void Note(string text)
    {
        if (_notes.Add(text) && !_notesBefore.Contains(text))
        {
            log(text);
        }
    }
}
