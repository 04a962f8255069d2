using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using HoverFast.Jobs;
using HoverFast.Server.Hosting;

namespace HoverFast.Server.Slides;

/// <summary>All slides of the folders and all results, joined by name. The page names a slide by an id that is looked up here, never by a path.</summary>
internal sealed class SlideCatalogue(ServerOptions options, SlideFolders folders, TimeProvider time)
{
    private static readonly TimeSpan _lookAgain = TimeSpan.FromSeconds(3);

    private readonly Lock _lock = new();
    private readonly ConcurrentDictionary<string, (string Stamp, Manifest? Manifest)> _manifests = new(StringComparer.Ordinal);
    private IReadOnlyDictionary<string, SlideEntry> _entries = new Dictionary<string, SlideEntry>();
    private DateTimeOffset _looked;

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
            _looked = default;
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
                if (time.GetUtcNow() - _looked > _lookAgain)
                {
                    _entries = Look();
                    _looked = time.GetUtcNow();
                }

                return _entries;
            }
        }
    }

    private Dictionary<string, SlideEntry> Look()
    {
        var slides = folders.List().ToDictionary(s => s.Name, StringComparer.Ordinal);
        var byFile = slides.Values.ToLookup(s => Path.GetFileName(s.Path), StringComparer.Ordinal);
        var entries = new Dictionary<string, SlideEntry>(StringComparer.Ordinal);
        foreach (var path in Directory.Exists(options.Results) ? Directory.EnumerateFiles(options.Results, "*" + Manifest.Ending) : [])
        {
            if (Read(path) is not { } manifest)
            {
                continue;
            }

            var name = Manifest.NameOf(path);
            var own =
                slides.TryGetValue(name, out var slide) && Path.GetFileName(slide.Path) == manifest.Slide.File
                    ? slide
                    : byFile[manifest.Slide.File].FirstOrDefault();
            if (own is not null)
            {
                slides.Remove(own.Name);
            }

            Add(new SlideEntry(IdOf(name), name, own?.Path, manifest));
        }

        foreach (var slide in slides.Values)
        {
            Add(new SlideEntry(IdOf(slide.Name), slide.Name, slide.Path, null));
        }

        return entries;

        void Add(SlideEntry entry) => entries.TryAdd(entry.Id, entry);
    }

    private Manifest? Read(string path)
    {
        var file = new FileInfo(path);
        var stamp = $"{file.Length} {file.LastWriteTimeUtc.Ticks}";
        if (!_manifests.TryGetValue(path, out var known) || known.Stamp != stamp)
        {
            known = (stamp, Manifest.TryRead(path));
            _manifests[path] = known;
        }

        return known.Manifest;
    }
}
