using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using HoverFast.Files;
using HoverFast.Files.Chains;
using HoverFast.Model;
using HoverFast.Output;
using HoverFast.Output.Dicom;
using HoverFast.Pipeline;
using HoverFast.Slides;
using HoverFast.Slides.DicomWeb;

namespace HoverFast.Jobs;

/// <summary>
/// One input to its files: opened, compared with the result that stands, run tile by tile, written, and described in its manifest. A job that
/// was killed goes on from the finished tiles and comes to the same bytes.
/// </summary>
/// <param name="Input">The slide.</param>
/// <param name="Results">Where its files go.</param>
internal sealed record SlideJob(SlideInput Input, ResultFolder Results)
{
    private const string Segmented = "segmented";
    private const string Changed = "changed while it was read; run the command again once it is whole.";

    /// <summary>Whether finished tiles of this input are kept from a run that did not end.</summary>
    public bool CanGoOn => !WantsMaps && File.Exists(Results.JournalOf(Input));

    /// <summary>Journals hold no maps: a run that writes them begins anew.</summary>
    private bool WantsMaps => Results.Options.Kinds?.Contains(ResultKind.Maps) == true;

    /// <summary>Runs the job.</summary>
    /// <param name="model">The network.</param>
    /// <param name="settings">How the slide is segmented.</param>
    /// <param name="calibrator">Settles its pixel size.</param>
    /// <param name="progress">Is told after each tile, on one thread at a time.</param>
    /// <param name="cancellation">Stops the run; the journal stays.</param>
    /// <returns>Done or kept.</returns>
    /// <exception cref="SlideException">The slide can't be opened, calibrated or read.</exception>
    /// <exception cref="ResultInUseException">Another run is writing the result of this name.</exception>
    /// <exception cref="IOException">A file can't be written.</exception>
    public async Task<SlideOutcome> RunAsync(
        NucleusModel model,
        SegmentSettings settings,
        SlideCalibrator calibrator,
        Action<SlideProgress>? progress,
        CancellationToken cancellation)
    {
        using var session = SlideSession.Open(Input.Path, model, settings, calibrator, cancellation);
        var key = KeyOf(session.Key, Results.Options.Simplify, Results.Options.ExcludeArtefacts);
        var files = Results.FilesOf(Input, session);
        if (Standing(session, key, files) is { } outcome)
        {
            ClearAway(session, files);
        }
        else
        {
            Results.Create();
            using var held = ResultLock.Take(Results.LockOf(Input), Input.Name);

            // Another run may have come to it meanwhile.
            outcome = Standing(session, key, files);
            if (outcome is null)
            {
                using var staged = StagedSlide.Of(session, Results.Options.StageIn, cancellation);
                try
                {
                    outcome = await RunAsync(staged.Session, key, files, held, progress, cancellation);
                }
                catch (SlideException e) when (staged.Session != session)
                {
                    // Nobody knows the copy.
                    throw new SlideException(Input.Path, e.Problem, e) { Kind = e.Kind, Region = e.Region };
                }
            }
        }

        await StoreAsync(files, cancellation);
        return outcome;
    }

    /// <summary>The result that stands; null where there is none, or none that holds.</summary>
    /// <exception cref="SlideException">The name has a result of another input.</exception>
    private SlideOutcome? Standing(SlideSession session, byte[] key, IReadOnlyList<ResultFile> files)
    {
        if (Manifest.TryRead(Results.ManifestOf(Input)) is not { } manifest)
        {
            PartialFile.RequireNoFolder(Results.ManifestOf(Input));
            return null;
        }

        if (!IsForced(manifest) && manifest.StillHolds(key, Results.Path, files) && IsAgainst(manifest, session) && IsWrittenDown())
        {
            RequireAccuracy(manifest.Quality?.ExpectedPq);
            return new SlideOutcome { Input = Input, State = SlideState.Kept, Manifest = manifest };
        }

        return manifest.Slide.IsOf(session.Path, session.Fingerprint)
            ? null
            : throw new SlideException(
                Input.Path,
                $"would replace the result of another input: {Input.Name} in {Results.Path} belongs to a file {manifest.Slide.File} of another place. Choose another folder for the results, or delete that result first.");
    }

    private bool IsForced(Manifest manifest) =>
        Results.Options.Force && (Results.Options.ForceBefore is not { } before || manifest.Finished < before);

    /// <summary>Whether a result's maps tell the disagreement that is asked for. It changes no nucleus, so it is no part of the key.</summary>
    private bool IsAgainst(Manifest manifest, SlideSession session) =>
        !WantsMaps
        || (manifest.SecondModel?.Sha256 == Results.Options.SecondModel?.Card.Sha256
            && manifest.Disagreement == ResultOutputs.DisagreementOf(session, Results.Options.SecondModel));

    /// <summary>
    /// Whether the audit log has the result that stands, as far as it should. A run that came to its manifest and not to the log (it was killed, the disk was
    /// full, the log was broken) left its journal; nobody else's result is written down as if this program had just made it.
    /// </summary>
    private bool IsWrittenDown()
    {
        if (!Results.Options.Audit || !File.Exists(Results.JournalOf(Input)))
        {
            return true;
        }

        try
        {
            var last = ChainedFile.Read(Path.Combine(Results.Path, AuditEntry.FileName)).Entries
                .Select(AuditEntry.TryParse)
                .LastOrDefault(e => e is { What: Segmented } && e.Result == Input.Name);
            return last?.Sha256 == ResultVerification.HashOf(Results.ManifestOf(Input));
        }
        catch (IOException)
        {
            // There is none, or its chain doesn't hold.
            return false;
        }
    }

    private void WriteDown(Manifest manifest)
    {
        if (Results.Options.Audit)
        {
            var entry = new AuditEntry
            {
                When = manifest.Finished,
                Who = AuditEntry.Me,
                What = Segmented,
                Result = Input.Name,
                Program = manifest.Version,
                Model = manifest.Model.Sha256,
                Sha256 = ResultVerification.HashOf(Results.ManifestOf(Input)),
            };
            ChainedFile.Append(Path.Combine(Results.Path, AuditEntry.FileName), entry.ToJson());
        }
    }

    /// <exception cref="SlideException">Less accuracy is to be expected than is asked for.</exception>
    private void RequireAccuracy(double? expected)
    {
        if (expected < Results.Options.RefuseBelow)
        {
            throw new SlideException(
                Input.Path,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"is refused: a PQ of {expected:0.00} is expected, and {Results.Options.RefuseBelow:0.00} asked for."));
        }
    }

    /// <summary>Deletes what a run of other settings left unfinished beside a result that stands, unless that run is still under way.</summary>
    private void ClearAway(SlideSession session, IReadOnlyList<ResultFile> files)
    {
        string[] unfinished = [.. UnfinishedOf(session, files), Results.JournalOf(Input)];
        if (!unfinished.Append(Results.LockOf(Input)).Any(File.Exists))
        {
            return;
        }

        try
        {
            using var held = ResultLock.Take(Results.LockOf(Input), Input.Name);
            foreach (var path in unfinished)
            {
                File.Delete(path);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // That run is under way, or the folder may only be read: the result stands all the same.
        }
    }

    /// <summary>What runs that were killed left beside their journal; they may have been writing other kinds of files.</summary>
    private IEnumerable<string> UnfinishedOf(SlideSession session, IReadOnlyList<ResultFile> files) =>
        files.Select(f => f.Path)
            .Concat(ResultFolder.Endings.Select(ending => Path.Combine(Results.Path, Input.Name + ending)))
            .Append(Results.ManifestOf(Input))
            .SelectMany(path => path.EndsWith(".dcm", StringComparison.Ordinal) ? AnnotationGroup.FilesOf(path, session.Types.Count).Prepend(path) : [path])
            .Select(PartialFile.UnfinishedOf)
            .Distinct(StringComparer.Ordinal)
            .Where(File.Exists);

    /// <summary>Sends annotations where they are wanted. What fails leaves the result as it is: the next run keeps it and sends again.</summary>
    private async Task StoreAsync(IReadOnlyList<ResultFile> files, CancellationToken cancellation)
    {
        if (Results.Options.StoreAt is not { } root)
        {
            return;
        }

        using var store = DicomWebStore.Open(root);
        foreach (var file in files.Where(f => f.Kind == ResultKind.DicomAnnotations))
        {
            await store.SendAsync(file.Path, cancellation);
        }
    }

    private async Task<SlideOutcome> RunAsync(
        SlideSession session,
        byte[] key,
        IReadOnlyList<ResultFile> files,
        ResultLock held,
        Action<SlideProgress>? progress,
        CancellationToken cancellation)
    {
        foreach (var path in files.Select(f => f.Path).Append(Results.ManifestOf(Input)))
        {
            PartialFile.RequireFree(path);
        }

        foreach (var path in UnfinishedOf(session, files))
        {
            File.Delete(path);
        }

        if (WantsMaps)
        {
            File.Delete(Results.JournalOf(Input));
        }

        using var journal = Journal.Open(Results.JournalOf(Input), session.Key);
        var run = new SlideRun(session, journal)
        {
            KeepsMaps = WantsMaps,
            Second = Results.Options.SecondModel,
            ExcludesArtefacts = Results.Options.ExcludeArtefacts,
        };
        try
        {
            var outputs = ResultOutputs.Open(files, session, Results.Options, run);
            using var writer = new NucleusWriter(outputs, key, Results.Options.Simplify);
            var maps = outputs.OfType<MapsOutput>().SingleOrDefault();
            await run.RunAsync(
                tile =>
                {
                    writer.Add(tile.Nuclei, tile.Measurements);
                    if (maps is not null && tile.Maps is { } block)
                    {
                        maps.Add(block);
                    }

                    return ValueTask.CompletedTask;
                },
                progress,
                cancellation);
            if (session.HasChanged())
            {
                throw new SlideException(Input.Path, Changed);
            }

            held.Require();
            var report = run.Report();
            RequireAccuracy(report.Quality?.ExpectedPq);

            var standing = Manifest.TryRead(Results.ManifestOf(Input));
            var isSame = standing?.Key == Convert.ToHexStringLower(key);
            var left = isSame ? [] : LeftBehind(standing, files);

            // An older result must not stand beside half a new one.
            File.Delete(Results.ManifestOf(Input));
            writer.Complete();
            var written = files.Zip(outputs, (file, output) => file with { Path = output.Path });
            var manifest = Manifest.Of(session, key, report, writer.Counts, Results.Path, written, Results.Options.Simplify) with
            {
                SecondModel = WantsMaps && Results.Options.SecondModel is { } second
                    ? ManifestModel.Of(
                        second,
                        new WorkingGrid(session.Grid.FullResolution, session.Calibration.Mpp, new Mpp(second.Card.Mpp)).Mpp.MicronsPerPixel)
                    : null,
                Disagreement = WantsMaps ? ResultOutputs.DisagreementOf(session, Results.Options.SecondModel) : null,
            };
            manifest = isSame ? manifest.With(standing!, Results.Path) : manifest;
            manifest.Write(Results.ManifestOf(Input));
            WriteDown(manifest);
            journal.Remove();
            return new SlideOutcome { Input = Input, State = SlideState.Done, Report = report, Manifest = manifest, LeftBehind = left };
        }
        catch (SlideException e) when (session.HasChanged())
        {
            // Its tiles are some of the one slide and some of the other.
            journal.Remove();
            throw new SlideException(Input.Path, Changed, e);
        }
        catch when (run.TilesDone == 0 && !journal.HoldsEarlierTiles)
        {
            // Nothing to go on from. Tiles of an earlier run stay, also where this one did not come to read them.
            journal.Remove();
            throw;
        }
    }

    /// <summary>Files of the result that stands which a new one, of another key, doesn't write.</summary>
    private List<string> LeftBehind(Manifest? standing, IReadOnlyList<ResultFile> files)
    {
        if (standing is null)
        {
            return [];
        }

        var written = files.Select(f => Path.GetFullPath(f.Path)).ToHashSet(StringComparer.Ordinal);
        return
        [
            .. standing.Outputs.Select(o => o.File)
                .Where(f => Path.GetFullPath(Path.Combine(Results.Path, f)) is var path && !written.Contains(path) && File.Exists(path)),
        ];
    }

    /// <summary>The key of a result: simplified outlines, or fields left out, make another result of the same nuclei.</summary>
    /// <param name="session">The slide's key.</param>
    /// <param name="simplify">How far outlines are simplified, in full-resolution pixels.</param>
    /// <param name="excludeArtefacts">Whether fields with artefacts are left out.</param>
    internal static byte[] KeyOf(byte[] session, double simplify, bool excludeArtefacts) =>
        simplify == 0 && !excludeArtefacts
            ? session
            : SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(
                CultureInfo.InvariantCulture,
                $"{Convert.ToHexStringLower(session)}{(simplify == 0 ? "" : $"; simplify {simplify:R}")}{(excludeArtefacts ? "; without artefacts, folds and bubbles" : "")}")));
}
