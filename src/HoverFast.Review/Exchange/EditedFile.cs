using System.Security.Cryptography;
using HoverFast.Review.Edits;
using HoverFast.Review.Fields;
using HoverFast.Review.Logs;

namespace HoverFast.Review.Exchange;

/// <summary>
/// A GeoJSON file that was edited in another program. What was changed in it is told by holding it against what the same person exported last (or else anybody,
/// or the result itself, where nothing was); what somebody changed in the review since is not overwritten. The file doesn't say which export it came from, so
/// that what another person changed isn't set back either to what it was in an export before.
/// </summary>
internal sealed class EditedFile(string path)
{
    /// <summary>Nuclei that may be missing without a word, and their share: more look like an export of a selection.</summary>
    private const int FewDeletions = 20;

    private const double FewDeletionsShare = 0.2;

    /// <summary>Programs may write a ring from another point on.</summary>
    private const double SameOutline = 0.998;

    /// <summary>Bytes of an identity that all nuclei of one result share.</summary>
    private const int SharedBytes = 6;

    /// <summary>The result that a file belongs to, by the identities of its nuclei.</summary>
    /// <exception cref="ReviewException">None does.</exception>
    public static SlideResult ResultOf(string path, IEnumerable<SlideResult> results)
    {
        var ids = ResultNucleus.Features(path).Select(ResultNucleus.IdOf).OfType<Guid>().Take(1000).Select(Prefix).ToHashSet(StringComparer.Ordinal);
        return results.FirstOrDefault(r => ResultNucleus.Features(r.NucleiPath).Select(ResultNucleus.IdOf).OfType<Guid>().Take(1)
            .Any(id => ids.Contains(Prefix(id))))
            ?? throw new ReviewException($"{path}: holds no nucleus of these results. Name the result that it belongs to.");

        static string Prefix(Guid id) => Convert.ToHexString(id.ToByteArray(bigEndian: true).AsSpan(0, SharedBytes));
    }

    /// <summary>Takes the edits in, as one entry of the log.</summary>
    /// <exception cref="ReviewException">The file can't be read, or most nuclei are missing from it.</exception>
    public ImportReport Import(SlideReview review, string who, string? why, bool allowDeletions)
    {
        var hash = HashOfFile();
        var (exported, seen, of) = review.Look(state => BaseOf(state, who));
        var all = ResultNucleus.ReadAll(review.Result.NucleiPath).ToList();
        var then = review.StateAt(exported, all);
        var refused = new List<string>();
        var edited = Read(new EditPlanner(then, review.Result.Bounds, review.Result.Mpp), then, refused);
        var alive = then.Nuclei.Where(n => n.Value.Shape is not null).ToDictionary(n => n.Key, n => n.Value.Shape!);
        var missing = alive.Keys.Count(id => !edited.ContainsKey(id));
        if (!allowDeletions && missing > Math.Max(FewDeletions, FewDeletionsShare * alive.Count))
        {
            throw new ReviewException(
                $"{path}: {missing} of {alive.Count} nuclei are missing. Was a selection exported? If they shall all be deleted, allow it.");
        }

        var conflicts = new List<Guid>();
        List<NucleusChange> changes = [];
        var found = all.DistinctBy(n => n.Id).ToDictionary(n => n.Id, n => n.Shape);
        var entry = review.Append(now =>
        {
            foreach (var id in alive.Keys.Union(edited.Keys))
            {
                var (old, target) = (alive.GetValueOrDefault(id), edited.GetValueOrDefault(id));
                var current = now.Nuclei.TryGetValue(id, out var known) ? known.Shape : found.GetValueOrDefault(id);
                if (IsSame(old, target) || IsSame(current, target))
                {
                    continue;
                }

                if (current == old && !MayBeUnseen(of, id, who, seen, exported, found.GetValueOrDefault(id), target))
                {
                    changes.Add(new NucleusChange(id, current, target));
                }
                else
                {
                    conflicts.Add(id);
                }
            }

            return changes.Count == 0 ? null
                : new ReviewEntry { When = DateTimeOffset.UtcNow, Who = who, What = EditKind.Import, Changes = changes, Why = string.IsNullOrWhiteSpace(why)
                    ? null : why, File = hash };
        });
        return new ImportReport(
            review.Result.Name,
            entry,
            changes.Count(c => c.Before is null),
            changes.Count(c => c.Before is not null && c.After is not null && !IsSame(c.Before with { Class = null }, c.After with { Class = null })),
            changes.Count(c => c.Before is not null && c.After is not null && IsSame(c.Before with { Class = null }, c.After with { Class = null })),
            changes.Count(c => c.After is null),
            conflicts,
            refused);
    }

    /// <summary>The entry up to which the file's nuclei are taken to be known, the entry up to which they surely are, and the entries.</summary>
    private static (long Base, long Seen, IReadOnlyList<ReviewEntry> Entries) BaseOf(ReviewState state, string who)
    {
        List<ReviewEntry> entries = [.. Enumerable.Range(1, state.Entries).Select(n => state[n])];
        var exports = entries.Where(e => e.What == EditKind.Export).ToList();
        return exports.LastOrDefault(e => e.Who == who)?.Of is { } own ? (own, own, entries)
            : (exports.LastOrDefault()?.Of ?? 0, exports.FirstOrDefault()?.Of ?? 0, entries);
    }

    /// <summary>Whether a nucleus's last change before the export is another person's and may have come after the file was written.</summary>
    private static bool MayBeUnseen(IReadOnlyList<ReviewEntry> entries, Guid id, string who, long seen, long exported, Shape? found, Shape? target)
    {
        var changes = entries.Take((int)exported).Index().SelectMany(e => (e.Item.Changes ?? []).Where(c => c.Id == id)
            .Select(c => (Number: e.Index + 1, e.Item.Who, c.Before, c.After))).ToList();
        return changes.Count > 0 && changes[^1].Who != who
            && (changes[^1].Number > seen || IsSame(found, target) || changes.Exists(c => IsSame(c.Before, target)));
    }

    private static bool IsSame(Shape? a, Shape? b) =>
        a is null || b is null ? a is null && b is null : a.Class == b.Class && (a.Outline.Equals(b.Outline) || a.Outline.IouWith(b.Outline) >= SameOutline);

    private string HashOfFile()
    {
        try
        {
            using var file = Files.RegularFile.OpenRead(path);
            return Convert.ToHexStringLower(SHA256.HashData(file));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ReviewException($"{path}: can't be read ({e.Message.TrimEnd('.')}).", e);
        }
    }

    // Nuclei are detections or cells; annotations count only where there are none, as everywhere.
    private Dictionary<Guid, Shape> Read(EditPlanner planner, ReviewState then, List<string> refused)
    {
        var detections = new Dictionary<Guid, Shape>();
        var others = new Dictionary<Guid, Shape>();
        var number = 0;
        foreach (var feature in ResultNucleus.Features(path))
        {
            number++;
            var into = Labels.GeoJsonOutlines.KindOf(feature) is "detection" or "cell" ? detections : others;
            try
            {
                if (ResultNucleus.TryOf(feature) is not { } nucleus)
                {
                    continue;
                }

                var id = nucleus.Id == Guid.Empty || into.ContainsKey(nucleus.Id) ? Guid.NewGuid() : nucleus.Id;

                // What the model found stays, whatever its size.
                var known = then.Nuclei.GetValueOrDefault(id)?.Shape;
                into[id] = IsSame(known, nucleus.Shape) ? known! : nucleus.Shape with { Outline = planner.Drawn(nucleus.Shape.Outline.Flat) };
            }
            catch (Exception e) when (e is ReviewException or InvalidDataException or OverflowException)
            {
                refused.Add($"{path}: object {number} was left out: {e.Message}");
                if (ResultNucleus.IdOf(feature) is { } id && then.Nuclei.GetValueOrDefault(id)?.Shape is { } before)
                {
                    // Refusing an outline must not delete the nucleus.
                    into[id] = before;
                }
            }
        }

        return detections.Count > 0 ? detections : others;
    }
}
