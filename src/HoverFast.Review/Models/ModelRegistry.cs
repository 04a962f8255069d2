using System.Globalization;
using HoverFast.Files;
using HoverFast.Files.Chains;
using HoverFast.Jobs;
using HoverFast.Model;
using HoverFast.Review.Logs;

namespace HoverFast.Review.Models;

/// <summary>
/// The models that came of reviews, in the folder <c>models</c> beside the results: a folder for each, and a chained log of who added, promoted and rolled
/// back what.
/// A model is in use only once a person promoted it. Thread safe; several processes may work on one registry.
/// </summary>
public sealed class ModelRegistry
{
    private const string FolderName = "models";
    private readonly string _results;
    private readonly string _folder;
    private readonly ChainedLog<RegistryEntry> _log;

    private ModelRegistry(string results)
    {
        _results = Path.GetFullPath(results);
        var folder = Path.Combine(_results, FolderName);
        _folder = folder;
        _log = new ChainedLog<RegistryEntry>(Path.Combine(folder, "registry.jsonl"), ReviewEntry.Json);
    }

    /// <summary>The models, the oldest first.</summary>
    /// <exception cref="IOException">The log was changed.</exception>
    public IReadOnlyList<RegisteredModel> Models
    {
        get
        {
            _log.Refresh();
            return Of(_log.Entries);
        }
    }

    /// <summary>The model in use; null where none was promoted, or it was rolled back to the program's own.</summary>
    public RegisteredModel? Current => Models.FirstOrDefault(m => m.State == ModelState.Current);

    /// <summary>The registry beside results, begun or not.</summary>
    /// <param name="results">The folder of results.</param>
    public static ModelRegistry Of(string results)
    {
        ArgumentException.ThrowIfNullOrEmpty(results);
        return Directory.Exists(results) ? new ModelRegistry(results)
            : throw new ReviewException($"{results}: there is no such folder of results.");
    }

    /// <summary>Adds a candidate. Its files are copied, and its cards get the registry's version.</summary>
    /// <exception cref="ReviewException">Its files are incomplete.</exception>
    public RegisteredModel Add(NewModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        using var writing = _log.Begin();
        using var audit = AuditLog.BeginIn(_results);
        var version = Of(_log.Entries).Count + 1;
        var place = FolderOf(version);
        var partial = PartialFile.UnfinishedOf(place);
        foreach (var left in new[] { partial, place }.Where(Directory.Exists))
        {
            // Of a run that was killed before its entry was written.
            Directory.Delete(left, recursive: true);
        }

        Directory.CreateDirectory(partial);
        foreach (var file in Directory.EnumerateFiles(model.Folder))
        {
            File.Copy(file, Path.Combine(partial, Path.GetFileName(file)));
        }

        string[] models = [Path.Combine(partial, model.Stem + "-int8.onnx"), Path.Combine(partial, model.Stem + ".onnx")];
        foreach (var path in models)
        {
            if (!File.Exists(path) || !File.Exists(ModelCard.PathFor(path)))
            {
                throw new ReviewException($"{Path.Combine(model.Folder, Path.GetFileName(path))}: the model or its card is missing.");
            }

            var card = ModelCard.Parse(File.ReadAllBytes(ModelCard.PathFor(path)), path);
            (card with { Name = Path.GetFileNameWithoutExtension(path), Version = version.ToString(CultureInfo.InvariantCulture) })
                .Save(ModelCard.PathFor(path));
        }

        Directory.Move(partial, place);
        Append(writing, audit, new RegistryEntry
        {
            When = DateTimeOffset.UtcNow,
            Who = model.Who,
            What = RegistryEntry.Act.Add,
            Version = version,
            Model = new RegistryEntry.AddedModel(
                model.Stem, model.Parent, model.ParentName, model.Fields, model.Scores,
                    [.. models.Select(m => RegularFile.HashOf(Path.Combine(place, Path.GetFileName(m))))]),
        });
        return Of(_log.Entries)[^1];
    }

    /// <summary>Puts a model to use: from now on new results that name the registry are made with it.</summary>
    /// <param name="version">Which.</param>
    /// <param name="who">Who decides.</param>
    /// <param name="why">Why, or null.</param>
    /// <exception cref="ReviewException">There is no such model, or its files are not those that were added.</exception>
    public RegisteredModel Promote(int version, string who, string? why = null)
    {
        using var writing = _log.Begin();
        var models = Of(_log.Entries);
        if (version < 1 || version > models.Count)
        {
            throw new ReviewException(
                $"{_folder}: there is no model of version {version}{(models.Count == 0 ? "; none was made yet" : $"; there are 1 to {models.Count}")}.");
        }

        Use(writing, RegistryEntry.Act.Promote, version, who, why);
        return Of(_log.Entries)[version - 1];
    }

    /// <summary>Goes back to the model that was in use before the current one.</summary>
    /// <param name="who">Who decides.</param>
    /// <param name="why">Why, or null.</param>
    /// <param name="seen">The version that was in use when that was decided; null where nobody looked.</param>
    /// <returns>It; null where that is the program's own.</returns>
    /// <exception cref="ModelConflictException">Another one is in use by now; nothing was done.</exception>
    /// <exception cref="ReviewException">None is in use.</exception>
    public RegisteredModel? RollBack(string who, string? why = null, int? seen = null)
    {
        using var writing = _log.Begin();
        var used = UsedBefore(_log.Entries);
        var current = used.Count > 0 ? used.Peek() : 0;
        if (seen is { } before && before != current)
        {
            throw new ModelConflictException(before, current);
        }

        if (used.Count == 0)
        {
            throw new ReviewException($"{_folder}: no model was promoted, so there is nothing to roll back.");
        }

        // More than once where it was promoted again meanwhile.
        while (used.Count > 0 && used.Peek() == current)
        {
            used.Pop();
        }

        var version = used.Count > 0 ? used.Peek() : 0;
        Use(writing, RegistryEntry.Act.RollBack, version, who, why);
        return version > 0 ? Of(_log.Entries)[version - 1] : null;
    }

    /// <summary>Looks at the registry's log.</summary>
    public ReviewCheck? Verify() => LogCheck.Of(_log.Path) is var check && (check.Entries > 0 || check.Problem is not null)
        ? new ReviewCheck(check.Path, check.Entries, check.Head, check.Problem)
        : null;

    private void Use(ChainedLog<RegistryEntry>.Writing writing, RegistryEntry.Act what, int version, string who, string? why)
    {
        if (string.IsNullOrWhiteSpace(who))
        {
            throw new ReviewException("Say who decides.");
        }

        if (version > 0)
        {
            Require(version);
        }

        using var audit = AuditLog.BeginIn(_results);
        var told = string.IsNullOrWhiteSpace(why) ? null : why;
        Append(writing, audit, new RegistryEntry { When = DateTimeOffset.UtcNow, Who = who, What = what, Version = version, Why = told });
        var current = Of(_log.Entries).FirstOrDefault(m => m.State == ModelState.Current);
        CurrentModel.Write(_folder, current is null ? null : Path.GetRelativePath(_folder, current.Path));
    }

    private void Append(ChainedLog<RegistryEntry>.Writing writing, ChainedWriter? audit, RegistryEntry entry)
    {
        var number = writing.Append(entry);
        var model = _log.Entries.FirstOrDefault(e => e.What == RegistryEntry.Act.Add && e.Version == entry.Version)?.Model;
        audit?.Append(new AuditEntry
        {
            When = entry.When,
            Who = entry.Who,
            What = entry.What switch
            {
                RegistryEntry.Act.Add => "model added",
                RegistryEntry.Act.Promote => "model promoted",
                _ => "model rolled back",
            },
            Result = model?.Stem ?? "the program's own model",
            Program = Manifest.ProgramVersion(),
            Model = model?.Sha256[0] ?? "",
            Sha256 = _log.HashOf(number),
            Log = AuditEntry.PathIn(_results, _log.Path),
            Number = number,
            Note = string.Create(CultureInfo.InvariantCulture, $"version {entry.Version}{(entry.Why is null ? "" : $": {entry.Why}")}"),
        }.ToJson());
    }

    private void Require(int version)
    {
        var model = Of(_log.Entries)[version - 1];
        var added = _log.Entries.First(e => e.What == RegistryEntry.Act.Add && e.Version == version).Model!;
        foreach (var (path, hash) in new[] { model.Path, model.Float32Path }.Zip(added.Sha256))
        {
            if (!File.Exists(path) || RegularFile.HashOf(path) != hash)
            {
                throw new ReviewException($"{path}: is not the file that was added as version {version}. Make the model again.");
            }
        }
    }

    private List<RegisteredModel> Of(IReadOnlyList<RegistryEntry> entries)
    {
        var used = UsedBefore(entries);
        return
        [
            .. entries.Where(e => e.What == RegistryEntry.Act.Add).Select(e =>
            {
                var promoted = entries.LastOrDefault(p => p.What == RegistryEntry.Act.Promote && p.Version == e.Version);
                var stem = Path.Combine(FolderOf(e.Version), e.Model!.Stem);
                return new RegisteredModel
                {
                    Version = e.Version,
                    State = used.Count > 0 && used.Peek() == e.Version ? ModelState.Current : promoted is null ? ModelState.Candidate : ModelState.Former,
                    Path = stem + "-int8.onnx",
                    Float32Path = stem + ".onnx",
                    ReportPath = stem + ".report.html",
                    Parent = e.Model.Parent,
                    ParentName = e.Model.ParentName,
                    Fields = e.Model.Fields,
                    Scores = e.Model.Scores,
                    Who = e.Who,
                    When = e.When,
                    PromotedBy = promoted?.Who,
                    PromotedWhen = promoted?.When,
                };
            }),
        ];
    }

    // What was in use one after the other, as far as it wasn't rolled back.
    private static Stack<int> UsedBefore(IEnumerable<RegistryEntry> entries)
    {
        var used = new Stack<int>();
        foreach (var entry in entries)
        {
            if (entry.What == RegistryEntry.Act.Promote)
            {
                used.Push(entry.Version);
            }
            else if (entry.What == RegistryEntry.Act.RollBack)
            {
                used.Pop();
                while (used.Count > 0 && used.Peek() != entry.Version)
                {
                    used.Pop();
                }
            }
        }

        return used;
    }

    private string FolderOf(int version) => Path.Combine(_folder, string.Create(CultureInfo.InvariantCulture, $"v{version}"));
}
