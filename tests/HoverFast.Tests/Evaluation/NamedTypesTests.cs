using System.Text.Json;
using HoverFast.Evaluation;
using HoverFast.Labels;
using HoverFast.Slides;
using Xunit;

namespace HoverFast.Tests.Evaluation;

/// <summary>Types of two files against each other.</summary>
public sealed class NamedTypesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void TypesOfOutlinesAreScoredAgainstTypesOfLabels()
    {
        // Four nuclei: one has its type by another name, one another type, one a type that no model knows, in another case; one of no type is missed.
        LabelImageFile.WritePng(Make("labels/a.png"), Squares(1, 2, 3, 4));
        File.WriteAllText(Make("types/a.csv"), "label,type\n1,lymphocyte\n2,Stromal\n3,mast cell\n");
        File.WriteAllText(Make("found/a.geojson"), Outlines((0, "Inflammatory"), (1, "Epithelial"), (2, "Mast cell")));

        var report = EvaluationReport.OfFiles(_folder.File("labels"), _folder.File("found"), new Mpp(0.5));
        using var json = JsonDocument.Parse(report.ToJson());
        var types = json.RootElement.GetProperty("types");
        Assert.Equal(6 / 7.0, types.GetProperty("detection").GetDouble(), 6);
        Assert.Equal(2 / 3.0, types.GetProperty("accuracy").GetDouble(), 6);
        var ofTypes = types.GetProperty("types").EnumerateObject().ToDictionary(t => t.Name, t => t.Value.GetProperty("f1"));
        Assert.Equal(["Epithelial", "Inflammatory", "Stromal", "mast cell"], ofTypes.Keys);
        Assert.Equal([0, 1, 0, 1], ofTypes.Values.Select(v => v.GetDouble()));

        // Without a pixel size nobody knows what 3 um are; and without types on both sides there is nothing to score.
        Assert.Null(EvaluationReport.OfFiles(_folder.File("labels"), _folder.File("found")).Types);
        File.Delete(_folder.File("types/a.csv"));
        Assert.Null(EvaluationReport.OfFiles(_folder.File("labels"), _folder.File("found"), new Mpp(0.5)).Types);
    }

    /// <summary>A segmentation without any nucleus misses those of the truth, although it names no type.</summary>
    [Fact]
    public void WhatWasNotFoundCountsAsMissed()
    {
        File.WriteAllText(Make("truth/a.geojson"), Outlines((0, "Epithelial"), (1, "Epithelial")));
        File.WriteAllText(Make("truth/b.geojson"), Outlines((0, "Epithelial")));
        File.WriteAllText(Make("found/a.geojson"), Outlines((0, "Epithelial")));
        File.WriteAllText(Make("found/b.geojson"), Outlines());
        var types = EvaluationReport.OfFiles(_folder.File("truth"), _folder.File("found"), new Mpp(0.5)).Types;
        Assert.Equal((3, 1, 1), (types!.Truth(1), types.Found(1), types.Pairs(1, 1)));
    }

    /// <summary>Where people saw no nucleus, what is found is false, although no type is named there.</summary>
    [Fact]
    public void WhatWasFoundWhereNothingIsCountsAsFalse()
    {
        File.WriteAllText(Make("truth/a.geojson"), Outlines((0, "Epithelial")));
        File.WriteAllText(Make("truth/b.geojson"), Outlines());
        File.WriteAllText(Make("found/a.geojson"), Outlines((0, "Epithelial")));
        File.WriteAllText(Make("found/b.geojson"), Outlines((0, "Epithelial"), (1, "Epithelial")));
        var types = EvaluationReport.OfFiles(_folder.File("truth"), _folder.File("found"), new Mpp(0.5)).Types;
        Assert.Equal((1, 3, 1, 0.5), (types!.Truth(1), types.Found(1), types.Pairs(1, 1), types.Detection));
    }

    private string Make(string name)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_folder.File(name))!);
        return _folder.File(name);
    }

    private static string Outlines(params (int Place, string Type)[] nuclei) => JsonSerializer.Serialize(new
    {
        type = "FeatureCollection",
        features = nuclei.Select(n => new
        {
            type = "Feature",
            geometry = new
            {
                type = "Polygon",
                coordinates = new[] { new[] { At(n.Place, 0, 0), At(n.Place, 4, 0), At(n.Place, 4, 4), At(n.Place, 0, 4), At(n.Place, 0, 0) } },
            },
            properties = new { objectType = "detection", classification = new { name = n.Type } },
        }),
    });

    private static int[] At(int place, int x, int y) => [(20 * place) + x, y];

    // 4 x 4 pixels each, 20 apart.
    private static LabelImage Squares(params int[] labels)
    {
        var image = new LabelImage(20 * labels.Length, 4);
        for (var i = 0; i < image.Labels.Length; i++)
        {
            var x = i % image.Width;
            image.Labels[i] = x % 20 < 4 ? labels[x / 20] : 0;
        }

        return image;
    }
}
