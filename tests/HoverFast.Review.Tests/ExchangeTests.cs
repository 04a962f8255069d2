using System.Text.Json.Nodes;
using HoverFast.Review.Edits;
using HoverFast.Review.Fields;
using HoverFast.Tests;
using Xunit;

namespace HoverFast.Review.Tests;

public sealed class ExchangeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ReviewFolder _review;
    private readonly ReviewField _field;

    public ExchangeTests(SegmentedSample sample)
    {
        _review = ReviewFolder.Open(sample.Copy(_folder.File("results")));
        _field = _review.Start(new SessionPlan { Who = "anna", Fields = 3, Side = 80, Seed = 1 }, sample.Places,
            TestContext.Current.CancellationToken).Fields.First(f => _review.Look(f.Id).Nuclei.Count(n => n.IsInField) > 3);
    }

    private string File => _folder.File("corrected.geojson");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void TheCorrectedResultIsValidAndKeepsWhatNobodyTouched()
    {
        var nuclei = _review.Look(_field.Id).Nuclei.Where(n => n.IsInField).ToList();
        Edit(EditKind.Delete, nuclei[0].Id);
        Edit(EditKind.Redraw, nuclei[1].Id, Square(5));
        Edit(EditKind.SetClass, nuclei[2].Id, type: "Mitosis");
        Edit(EditKind.Add, null, Square(60), "Lymphocyte");
        var count = _review.ExportGeoJson("sample", File, "anna");

        var features = Read();
        var original = Read(Path.Combine(_review.Results, "sample.geojson.gz"));
        Assert.Equal(original.Count, count);
        Assert.Equal(count, features.Count);
        Assert.False(features.ContainsKey(nuclei[0].Id));
        Assert.Null(features[nuclei[1].Id]["properties"]!["measurements"]);
        Assert.Equal("Mitosis", features[nuclei[2].Id]["properties"]!["classification"]!["name"]!.GetValue<string>());

        // All but how sure the model was of the class that it named.
        var had = original[nuclei[2].Id]["properties"]!["measurements"]!.AsObject();
        Assert.True(had.Remove("Type probability"));
        Assert.Equal(had.ToJsonString(), features[nuclei[2].Id]["properties"]!["measurements"]!.ToJsonString());
        Assert.Equal("Lymphocyte", Assert.Single(features, f => !original.ContainsKey(f.Key)).Value["properties"]!["classification"]!["name"]!.GetValue<string>(
            ));
        Assert.All(original.Where(o => nuclei.Take(3).All(n => n.Id != o.Key)), o => Assert.Equal(o.Value.ToJsonString(), features[o.Key].ToJsonString()));
        Assert.All(ResultNucleus.ReadAll(File), n => Assert.True(n.Shape.Outline.Polygon.IsValid));
        Assert.All(features.Values, f => Assert.Equal("detection", f["properties"]!["objectType"]!.GetValue<string>()));
    }

    [Fact]
    public void EditsOfAnotherProgramComeBack()
    {
        _review.ExportGeoJson("sample", File, "anna");
        var features = Read();
        var ids = features.Keys.Take(3).ToList();
        features.Remove(ids[0]);
        features[ids[1]]["geometry"]!["coordinates"] = Ring(Square(20));
        features[ids[2]]["properties"]!["classification"] = new JsonObject { ["names"] = new JsonArray("Tumor", "Positive") };
        features[Guid.NewGuid()] = new JsonObject
        {
            ["type"] = "Feature",
            ["geometry"] = new JsonObject { ["type"] = "Polygon", ["coordinates"] = Ring(Square(90)) },
            ["properties"] = new JsonObject { ["objectType"] = "detection" },
        };
        Write(features.Values);

        var report = _review.Import(File, null, "qupath");

        Assert.Equal((1, 1, 1, 1), (report.Added, report.Redrawn, report.Reclassified, report.Deleted));
        Assert.Empty(report.Conflicts);
        _review.ExportGeoJson("sample", _folder.File("again.geojson"), "anna");
        var again = Read(_folder.File("again.geojson"));
        Assert.False(again.ContainsKey(ids[0]));
        Assert.Equal("Tumor: Positive", again[ids[2]]["properties"]!["classification"]!["name"]!.GetValue<string>());

        // The same file says nothing new.
        Assert.Equal(0, _review.Import(_folder.File("again.geojson"), "sample", "qupath").Entry);
        Assert.All(_review.Verify(), c => Assert.Null(c.Problem));
    }

    [Fact]
    public void WhatWasChangedHereMeanwhileIsNotOverwritten()
    {
        _review.ExportGeoJson("sample", File, "anna");
        var nuclei = _review.Look(_field.Id).Nuclei.Where(n => n.IsInField).ToList();
        Edit(EditKind.Redraw, nuclei[0].Id, Square(5));
        Edit(EditKind.Delete, nuclei[1].Id);
        var features = Read();
        features[nuclei[0].Id]["geometry"]!["coordinates"] = Ring(Square(40));
        Write(features.Values);

        var report = _review.Import(File, "sample", "qupath");

        Assert.Equal([nuclei[0].Id], report.Conflicts);
        Assert.Equal(0, report.Entry);
        Assert.Equal(Square(5), _review.Look(_field.Id).Nuclei.Single(n => n.Id == nuclei[0].Id).Outline);
        Assert.DoesNotContain(_review.Look(_field.Id).Nuclei, n => n.Id == nuclei[1].Id);
    }

    /// <summary>What came by a file belongs to no field, and yet who calls one done has to have seen it.</summary>
    [Fact]
    public void AFieldIsNotCalledDoneOverAnImportUnseen()
    {
        _review.ExportGeoJson("sample", File, "boris");
        var seen = _review.Look(_field.Id).Entry;
        var features = Read();
        features.Remove(_review.Look(_field.Id).Nuclei.First(n => n.IsInField).Id);
        Write(features.Values);
        Assert.Equal(1, _review.Import(File, "sample", "boris").Deleted);

        var accept = new NucleusEdit { What = EditKind.Accept, Field = _field.Id, Who = "anna", Seen = seen };
        Assert.Equal("boris", Assert.Throws<ReviewConflictException>(() => _review.Edit(accept)).Who);
        _review.Edit(accept with { Seen = _review.Look(_field.Id).Entry });
        Assert.True(_review.Look(_field.Id).State.IsDone);
    }

    /// <summary>What another person exported meanwhile has edits that this file knows nothing of.</summary>
    [Fact]
    public void AFileIsHeldAgainstTheOwnExport()
    {
        _review.ExportGeoJson("sample", File, "anna");
        var gone = DeletedByBoris();
        _review.ExportGeoJson("sample", _folder.File("other.geojson"), "boris");

        var report = _review.Import(File, "sample", "anna");

        Assert.Equal(0, report.Entry);
        Assert.Empty(report.Conflicts);
        Assert.DoesNotContain(_review.Look(_field.Id).Nuclei, n => n.Id == gone);
    }

    /// <summary>Nobody can tell which export a file came from where its editor made none: what another person changed between them is listed.</summary>
    [Theory]
    [InlineData("carla")]
    [InlineData("boris")]
    public void WhatMayHaveComeLaterThanTheFileIsListed(string first)
    {
        _review.ExportGeoJson("sample", File, first);
        var gone = DeletedByBoris();
        _review.ExportGeoJson("sample", _folder.File("other.geojson"), first);

        var report = _review.Import(File, "sample", "anna");

        Assert.Equal([gone], report.Conflicts);
        Assert.DoesNotContain(_review.Look(_field.Id).Nuclei, n => n.Id == gone);
    }

    [Fact]
    public void WhatOneAddedOneMayDelete()
    {
        _review.ExportGeoJson("sample", File, "anna");
        Edit(EditKind.Add, null, Square(30));
        var added = _review.Look(_field.Id).Nuclei.Single(n => n.Outline.SequenceEqual(Square(30))).Id;
        _review.ExportGeoJson("sample", File, "anna");
        var features = Read();
        Assert.True(features.Remove(added));
        Write(features.Values);

        Assert.Equal(1, _review.Import(File, "sample", "anna").Deleted);
        Assert.DoesNotContain(_review.Look(_field.Id).Nuclei, n => n.Id == added);
    }

    [Fact]
    public void AnExportedSelectionDeletesNothing()
    {
        Write(Read(Path.Combine(_review.Results, "sample.geojson.gz")).Values.Take(2));

        Assert.Contains("selection", Assert.Throws<ReviewException>(() => _review.Import(File, null, "qupath")).Message, StringComparison.Ordinal);
        Assert.True(_review.Import(File, null, "qupath", allowDeletions: true).Deleted > 20);
    }

    [Fact]
    public void WhatIsNoNucleusIsLeftOutAndTold()
    {
        var features = Read(Path.Combine(_review.Results, "sample.geojson.gz"));
        var id = features.Keys.First();
        features[id]["geometry"]!["coordinates"] = Ring([0, 0, 0.1, 0, 0.1, 0.1]);
        Write(features.Values);

        var report = _review.Import(File, null, "qupath");

        Assert.Contains("less than 1 um2", Assert.Single(report.Refused), StringComparison.Ordinal);
        Assert.Equal(0, report.Entry);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{\"type\":\"FeatureCollection\",\"features\":[{]}")]
    [InlineData("no GeoJSON")]
    public void ABrokenFileChangesNothing(string text)
    {
        System.IO.File.WriteAllText(File, text);
        Assert.Contains("corrected.geojson", Assert.Throws<ReviewException>(() => _review.Import(File, null, "qupath")).Message, StringComparison.Ordinal);
    }

    private Guid DeletedByBoris()
    {
        var id = _review.Look(_field.Id).Nuclei.First(n => n.IsInField).Id;
        _review.Edit(new NucleusEdit { What = EditKind.Delete, Field = _field.Id, Who = "boris", Seen = _review.Look(_field.Id).Entry, Nuclei = [id] });
        return id;
    }

    private void Edit(EditKind what, Guid? id, double[]? points = null, string? type = null) => _review.Edit(new NucleusEdit
    {
        What = what,
        Field = _field.Id,
        Who = "anna",
        Seen = _review.Look(_field.Id).Entry,
        Nuclei = id is { } one ? [one] : [],
        Points = points ?? [],
        Class = type,
    });

    private double[] Square(double at) => [_field.X + at, _field.Y + at, _field.X + at + 12, _field.Y + at, _field.X + at + 12, _field.Y + at + 12,
        _field.X + at, _field.Y + at + 12];

    private static JsonArray Ring(double[] flat) =>
        [new JsonArray([.. Enumerable.Range(0, (flat.Length / 2) + 1)
            .Select(i => (JsonNode)new JsonArray(flat[2 * i % flat.Length], flat[((2 * i) + 1) % flat.Length]))])];

    private Dictionary<Guid, JsonObject> Read(string? path = null) =>
        ResultNucleus.Features(path ?? File).Select(f => JsonNode.Parse(f.GetRawText())!.AsObject()).ToDictionary(f => Guid.Parse(f["id"]!.GetValue<string>()));

    private void Write(IEnumerable<JsonObject> features) =>
        System.IO.File.WriteAllText(File, new JsonObject { ["type"] = "FeatureCollection",
            ["features"] = new JsonArray([.. features.Select(f => f.DeepClone())]) }.ToJsonString());
}
