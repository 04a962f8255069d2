using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using HoverFast.Files;
using HoverFast.Jobs;
using HoverFast.Pipeline;
using HoverFast.Server.Hosting;
using HoverFast.Slides;

namespace HoverFast.Server.Slides;

/// <summary>
/// All slides of the folders and all results, joined by what they are of. The page names a slide by an id that is looked up here, never by a path.
/// </summary>
internal sealed class SlideCatalogue(ServerOptions options, SlideFolders folders, TimeProvider time)
{
    private static readonly TimeSpan _lookAgain = TimeSpan.FromSeconds(3);

    private readonly Lock _lock = new();
    private readonly ConcurrentDictionary<string, (string Stamp, Manifest? Manifest)> _manifests = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, (string Stamp, string? Fingerprint)> _fingerprints = new(StringComparer.Ordinal);
    private IReadOnlyDictionary<string, SlideEntry> _entries = new Dictionary<string, SlideEntry>();
    private long? _looked;

    /// <summary>All slides, by name.</summary>
    public IReadOnlyCollection<SlideEntry> All => [.. Entries.Values.OrderBy(e => e.Name, StringComparer.OrdinalIgnoreCase)];

    /// <summary>A slide.</summary>
    /// <exception cref="RequestException">There is none of this id.</exception>
    public SlideEntry Require(string id) => Entries.TryGetValue(id, out var entry) ? entry : throw RequestException.NotFound("slide");

    /// <summary>Looks at the folders anew with the next question: a result has come.</summary>
    public void Forget()
    {
        lock (_lock)
        {
            _looked = null;
        }
    }

    /// <summary>The id of a name.</summary>
    public static string IdOf(string name) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)))[..16];

    private IReadOnlyDictionary<string, SlideEntry> Entries
    {
        get
        {
            lock (_lock)
            {
                // By the time that has passed: a clock may be set back.
                if (_looked is not { } looked || time.GetElapsedTime(looked) > _lookAgain)
                {
                    _entries = Look();
                    _looked = time.GetTimestamp();
                }

                return _entries;
            }
        }
    }

    private Dictionary<string, SlideEntry> Look()
    {
        var slides = folders.List();
        var byPlace = slides.ToDictionary(s => ManifestSlide.HashOf(s.Path), StringComparer.Ordinal);
        var byLength = new Lazy<ILookup<(string File, long? Length), SlideInput>>(
            () => slides.ToLookup(s => (Path.GetFileName(s.Path), FileStatus.ChangeOf(s.Path)?.Length)));
        var entries = new Dictionary<string, SlideEntry>(StringComparer.Ordinal);
        var shown = new HashSet<string>(StringComparer.Ordinal);
        foreach (var path in Directory.Exists(options.Results) ? Directory.EnumerateFiles(options.Results, "*" + Manifest.Ending) : [])
        {
            if (Read(path) is { } manifest)
            {
                var own = SlideOf(manifest.Slide);
                shown.Add(own?.Path ?? "");
                Add(Manifest.NameOf(path), own?.Path, manifest);
            }
        }

        foreach (var slide in slides.Where(s => !shown.Contains(s.Path)))
        {
            // A result of another slide may have its name.
            var file = Path.GetFileName(slide.Path);
            var names = (string[])[slide.Name, file, $"{Path.GetFileName(Path.GetDirectoryName(slide.Path))}_{file}"];
            Add(names.FirstOrDefault(n => !entries.ContainsKey(IdOf(n))) ?? slide.Name, slide.Path, null);
        }

        return entries;

        void Add(string name, string? path, Manifest? manifest) => entries.TryAdd(IdOf(name), new SlideEntry(IdOf(name), name, path, manifest));

        // The slide at the result's place, or that very slide elsewhere: files of patients' folders may all have one name, and none is shown for another.
        SlideInput? SlideOf(ManifestSlide of) =>
            byPlace.TryGetValue(of.PathHash, out var there) ? there
            : byLength.Value[(of.File, of.Bytes)].ToList() is { Count: > 1 } several ? several.Find(s => FingerprintOf(s.Path) == of.Fingerprint)
            : byLength.Value[(of.File, of.Bytes)].FirstOrDefault();
    }

    private string? FingerprintOf(string path)
    {
        var stamp = SlideEntry.StampOf(path);
        if (!_fingerprints.TryGetValue(path, out var known) || known.Stamp != stamp)
        {
            try
            {
                known = (stamp, SlideFingerprint.Of(path));
            }
            catch (Exception e) when (e is SlideException or IOException or UnauthorizedAccessException)
            {
                known = (stamp, null);
            }

            _fingerprints[path] = known;
        }

        return known.Fingerprint;
    }

    private Manifest? Read(string path)
    {
        if (FileStatus.ChangeOf(path) is not { } file)
        {
            // A result that is made anew is without its manifest for a moment.
            return null;
        }

        var stamp = $"{file.Length} {file.Changed.Ticks}";
        if (!_manifests.TryGetValue(path, out var known) || known.Stamp != stamp)
        {
            known = (stamp, Manifest.TryRead(path));
            _manifests[path] = known;
        }

        return known.Manifest;
    }
}
