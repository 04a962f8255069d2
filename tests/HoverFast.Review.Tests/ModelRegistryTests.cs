using HoverFast.Jobs;
using HoverFast.Model;
using HoverFast.Review.Models;
using HoverFast.Tests;
using Xunit;

namespace HoverFast.Review.Tests;

public sealed class ModelRegistryTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void AModelIsInUseOnlyOnceSomebodyPromotedIt()
    {
        var registry = Registry(2);
        Assert.Equal([ModelState.Candidate, ModelState.Candidate], registry.Models.Select(m => m.State));
        Assert.Null(registry.Current);
        Assert.Throws<ModelException>(() => CurrentModel.Of(_folder.Path));

        registry.Promote(2, "anna", "better");

        Assert.Equal((2, "anna"), (registry.Current!.Version, registry.Current.PromotedBy));
        Assert.Equal(registry.Current.Path, CurrentModel.Of(_folder.Path));
        Assert.Equal("2", ModelCard.Parse(File.ReadAllBytes(ModelCard.PathFor(registry.Current.Path)), "card").Version);
    }

    [Fact]
    public void RollingBackGoesBackOneByOneToTheProgramsOwn()
    {
        var registry = Registry(3);
        foreach (var version in new[] { 1, 2, 3 })
        {
            registry.Promote(version, "anna");
        }

        Assert.Equal(2, registry.RollBack("boris")!.Version);
        Assert.Equal([ModelState.Former, ModelState.Current, ModelState.Former], registry.Models.Select(m => m.State));
        Assert.Equal(1, registry.RollBack("boris")!.Version);
        Assert.Null(registry.RollBack("boris"));
        Assert.Null(ModelRegistry.Of(_folder.Path).Current);
        Assert.Throws<ModelException>(() => CurrentModel.Of(_folder.Path));
        Assert.Throws<ReviewException>(() => registry.RollBack("boris"));
    }

    /// <summary>Two people may promote the same model, or one does so again.</summary>
    [Fact]
    public void AModelThatWasPromotedTwiceIsRolledBackOnce()
    {
        var registry = Registry(2);
        foreach (var version in new[] { 1, 2, 2 })
        {
            registry.Promote(version, "anna");
        }

        Assert.Equal(1, registry.RollBack("boris")!.Version);
        Assert.Equal(1, registry.Current!.Version);
        Assert.Equal(1, ModelRegistry.Of(_folder.Path).Current!.Version);
        Assert.Null(registry.RollBack("boris"));
        Assert.Null(ModelRegistry.Of(_folder.Path).Current);
    }

    /// <summary>Of two people who roll back what they both see in use, or of two clicks, only the first one goes back.</summary>
    [Fact]
    public void WhatIsNoLongerInUseIsNotRolledBack()
    {
        var registry = Registry(2);
        registry.Promote(1, "anna");
        registry.Promote(2, "anna");
        Assert.Equal(1, registry.RollBack("boris", seen: 2)!.Version);

        Assert.Equal(1, Assert.Throws<ModelConflictException>(() => registry.RollBack("anna", seen: 2)).Current);
        Assert.Equal(1, registry.Current!.Version);
        Assert.Null(registry.RollBack("anna", seen: 1));
        Assert.Equal(0, Assert.Throws<ModelConflictException>(() => registry.RollBack("anna", seen: 1)).Current);
    }

    [Fact]
    public void AFileThatWasExchangedIsNotPromoted()
    {
        var registry = Registry(1);
        File.AppendAllText(registry.Models[0].Path, "x");

        Assert.Contains("is not the file that was added", Assert.Throws<ReviewException>(() => registry.Promote(1, "anna")).Message, StringComparison.Ordinal);
        Assert.Null(registry.Current);
    }

    /// <summary>Where results were made with --audit, what becomes of models stands in their audit log, and a registry made anew does not fit it.</summary>
    [Fact]
    public void TheAuditLogOfTheResultsHasModelsAndPromotions()
    {
        File.WriteAllText(_folder.File("audit.jsonl"), "");
        var registry = Registry(1);
        registry.Promote(1, "anna", "better");
        registry.RollBack("boris");
        var lines = File.ReadAllLines(_folder.File("audit.jsonl"));
        Assert.Equal(3, lines.Length);
        Assert.Contains("\"model added\"", lines[0], StringComparison.Ordinal);
        Assert.Contains("\"who\":\"anna\",\"what\":\"model promoted\"", lines[1], StringComparison.Ordinal);
        Assert.Contains("\"note\":\"version 1: better\"", lines[1], StringComparison.Ordinal);
        Assert.Contains("\"model rolled back\"", lines[2], StringComparison.Ordinal);
        Assert.Empty(ResultVerification.Of(_folder.Path).Problems);

        var log = _folder.File("models/registry.jsonl");
        var kept = File.ReadAllLines(log)[..2];
        File.WriteAllLines(log, kept);
        Assert.Equal(
            "models/registry.jsonl: entry 3 (model rolled back) is not the one that audit.jsonl names.",
            Assert.Single(ResultVerification.Of(_folder.Path).Problems));
        File.Delete(log);
        Assert.Contains("is missing", Assert.Single(ResultVerification.Of(_folder.Path).Problems), StringComparison.Ordinal);
    }

    [Fact]
    public void AChangedEntryIsFound()
    {
        var registry = Registry(1);
        registry.Promote(1, "anna");
        Assert.Null(registry.Verify()!.Problem);
        var log = Directory.EnumerateFiles(Path.Combine(_folder.Path, "models"), "*.jsonl").Single();
        File.WriteAllText(log, File.ReadAllText(log).Replace("anna", "anne", StringComparison.Ordinal));

        Assert.Contains("was changed", ModelRegistry.Of(_folder.Path).Verify()!.Problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(-1)]
    public void ThereIsNoOtherVersion(int version) =>
        Assert.Contains("there is no model of version", Assert.Throws<ReviewException>(() => Registry(1).Promote(version, "anna")).Message,
            StringComparison.Ordinal);

    [Fact]
    public void WhatAKilledRunLeftIsTakenAway()
    {
        var registry = Registry(1);
        Directory.CreateDirectory(Path.Combine(_folder.Path, "models", "v2"));
        Directory.CreateDirectory(Path.Combine(_folder.Path, "models", "v2.partial"));

        Assert.Equal(2, Add(registry).Version);
        Assert.Equal(["registry.jsonl", "registry.jsonl.head", "v1", "v2"],
            Directory.EnumerateFileSystemEntries(Path.Combine(_folder.Path, "models")).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    private ModelRegistry Registry(int models)
    {
        var registry = ModelRegistry.Of(_folder.Path);
        for (var i = 0; i < models; i++)
        {
            Add(registry);
        }

        return registry;
    }

    private RegisteredModel Add(ModelRegistry registry)
    {
        using var made = new TemporaryFolder();
        foreach (var name in new[] { "ours.onnx", "ours-int8.onnx" })
        {
            var bytes = BuiltInModels.Graph("hoverfast-he");
            File.WriteAllBytes(made.File(name), bytes);
            ModelCatalog.CardOf("hoverfast-he").Save(ModelCard.PathFor(made.File(name)));
        }

        return registry.Add(new NewModel { Folder = made.Path, Stem = "ours", ParentName = "hoverfast-he", Fields = ["random-1.01"], Scores = [],
            Who = "anna" });
    }
}
