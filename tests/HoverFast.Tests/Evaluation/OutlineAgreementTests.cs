using System.Numerics;
using System.Text.Json.Nodes;
using HoverFast.Cli;
using HoverFast.Evaluation;
using HoverFast.Labels;
using HoverFast.Slides;
using Xunit;

namespace HoverFast.Tests.Evaluation;

public sealed class OutlineAgreementTests
{
    private static readonly Vector2[] _square = Square(0, 0, 20);
    private static readonly Vector2[] _other = Square(40, 0, 20);

    [Fact]
    public void TheSameInAnotherOrderAgrees()
    {
        var agreement = OutlineAgreement.Of([_square, _other], [_other, _square]);
        Assert.Equal((2, 0, 1.0), (agreement.Matched, agreement.Doubled.Count, agreement.Share));
        Assert.Empty(agreement.Rest);
    }

    [Fact]
    public void ACutNucleusIsFound()
    {
        var agreement = OutlineAgreement.Of([_square, _other], [_square, Square(40, 0, 10)]);
        Assert.Equal(0.5, agreement.Share);
        Assert.Equal(
            [new UnmatchedOutline(false, new Vector2(50, 10), 400, 0.25), new UnmatchedOutline(true, new Vector2(45, 5), 100, 0.25)],
            agreement.Rest);
    }

    /// <summary>Other programs write outlines that simplifying has left no area.</summary>
    [Fact]
    public void OutlinesWithoutAreaAreLikeThemselvesAndLieSomewhere()
    {
        Vector2[][] flat = [_square, [new(100, 20), new(110, 20), new(120, 20)], [new(40, 40), new(40, 40), new(40, 40)]];
        Assert.Equal((3, 1.0), (OutlineAgreement.Of(flat, flat).Matched, OutlineAgreement.Of(flat, flat).Share));
        Assert.Equal(
            [new UnmatchedOutline(false, new Vector2(110, 20), 0, 0), new UnmatchedOutline(false, new Vector2(40, 40), 0, 0)],
            OutlineAgreement.Of(flat, [_square, Square(100, 10, 20)]).Rest.Take(2));
    }

    [Fact]
    public async Task FieldsTellWhereOverTheSlideTheyDisagree()
    {
        // Fields of 512 pixels: six of seven agree in the first; in the next nothing does, but for one that is drawn otherwise; below is one nucleus alone.
        using var folder = new TemporaryFolder();
        List<Vector2[]> same = [.. Enumerable.Range(0, 6).Select(i => Square(10 + (40 * i), 10, 20))];
        List<Vector2[]> first = [.. same, Square(300, 300, 20), Square(600, 10, 20), Square(700, 100, 20), Square(800, 200, 20), Square(10, 1200, 20)];
        List<Vector2[]> second = [.. same, Square(600, 10, 16), Square(900, 300, 20)];
        var fields = OutlineAgreement.Of(first, second).Fields(0.5);
        Assert.Equal(
            [new DifferenceField(0, 0, 6, 1, 0, 0), new DifferenceField(1, 0, 0, 3, 2, 2), new DifferenceField(0, 2, 0, 1, 0, 0)],
            fields.Fields);
        Assert.Equal([12 / 13.0, 0, 0], fields.Fields.Select(f => f.Agreement));
        fields.WriteTable(folder.File("f.csv"));
        Assert.Equal(
            ["512,0,256,0,0,3,2,2,0.0000", "0,1024,0,512,0,1,0,0,0.0000"],
            (await File.ReadAllLinesAsync(folder.File("f.csv"), TestContext.Current.CancellationToken))[2..]);

        // Sixteen pixels a field: nearly cyan, red, white, and grey where there are too few.
        fields.WritePicture(folder.File("f.png"));
        var picture = RgbImageFile.Read(folder.File("f.png"));
        Assert.True(At(8, 8).G == 255 && At(8, 8).B > 180);
        Assert.Equal([(255, 0, 0), (255, 255, 255), (200, 200, 200)], (List<(int, int, int)>)[At(24, 8), At(8, 24), At(8, 40)]);

        // By the command line the pixel size is asked for, where no manifest has it.
        var labels = new LabelImage(600, 40);
        labels.Labels[30] = 1;
        LabelImageFile.WriteTiff(folder.File("l.tif"), labels);
        string[] command = ["compare", folder.File("l.tif"), folder.File("l.tif"), "--differences-map"];
        Assert.Equal(ExitCode.CannotStart, await HoverFastCommand.RunAsync([.. command, folder.File("m.png")]));
        Assert.Equal(ExitCode.Usage, await HoverFastCommand.RunAsync([.. command, folder.File("m.tif"), "--mpp", "0.5"]));
        Assert.Equal(
            ExitCode.Success,
            await HoverFastCommand.RunAsync([.. command, folder.File("m.png"), "--differences-map", folder.File("m.csv"), "--mpp", "0.5"]));
        Assert.True(File.Exists(folder.File("m.png")));
        Assert.Equal("0,0,0,0,1,0,0,0,1.0000", File.ReadLines(folder.File("m.csv")).Last());

        (int R, int G, int B) At(int x, int y) => picture.Row(y).Slice(3 * x, 3) is var p ? (p[0], p[1], p[2]) : default;
    }

    [Fact]
    public async Task WhereTheyDisagreeIsWrittenForQuPath()
    {
        using var folder = new TemporaryFolder();
        var agreement = OutlineAgreement.Of([_square, _other, Square(100, 0, 20)], [_square, Square(40, 0, 16), Square(200, 0, 8)]);
        Assert.True(agreement.HasOutlines);
        agreement.WriteDifferences(folder.File("d.geojson"));
        var features = JsonNode.Parse(await File.ReadAllTextAsync(folder.File("d.geojson"), TestContext.Current.CancellationToken))!["features"]!.AsArray();
        Assert.Equal(
            [("Drawn otherwise", 0.64, 40.0), ("Only in the first", 0, 100), ("Drawn otherwise", 0.64, 40), ("Only in the second", 0, 200)],
            features.Select(f => (
                (string)f!["properties"]!["classification"]!["name"]!,
                (double)f["properties"]!["measurements"]!["Closest IoU"]!,
                (double)f["geometry"]!["coordinates"]![0]![0]![0]!)));
        Assert.Equal(3, OutlineFile.Read(folder.File("d.geojson")).Count(o => o.Length == 4 && o[0].X < 150));

        // By the command line, and label images have no outlines.
        File.Copy(folder.File("d.geojson"), folder.File("a.geojson"));
        Assert.Equal(
            ExitCode.Success,
            await HoverFastCommand.RunAsync(["compare", folder.File("a.geojson"), folder.File("d.geojson"), "--differences", folder.File("none.geojson.gz")]));
        Assert.Empty(OutlineFile.Read(folder.File("none.geojson.gz")));
        LabelImageFile.WriteTiff(folder.File("l.tif"), new LabelImage(10, 10));
        string[] labels = ["compare", folder.File("l.tif"), folder.File("l.tif"), "--differences"];
        Assert.Equal(ExitCode.CannotStart, await HoverFastCommand.RunAsync([.. labels, folder.File("x.geojson")]));
        Assert.Equal(ExitCode.Usage, await HoverFastCommand.RunAsync([.. labels, folder.File("x.csv")]));
        Assert.False(File.Exists(folder.File("x.geojson")));
    }

    [Fact]
    public async Task TypesOfWhatBothHaveAreHeldBesideEachOther()
    {
        using var folder = new TemporaryFolder();
        var (first, second) = (folder.File("a.geojson"), folder.File("b.geojson"));
        await Write(first, "Epithelial", "Stromal", "Stromal", "Other", null);
        await Write(second, "Epithelial", "Epithelial", "Stromal", null, "Other", "Stromal");
        TypePair[] expected = [new("Epithelial", "Epithelial", 1), new("Stromal", "Epithelial", 1), new("Stromal", "Stromal", 1)];
        Assert.Equal(expected, OutlineAgreement.OfFiles(first, second).Types);

        // Who names none has none to hold beside.
        await Write(second, null, null, null);
        Assert.Empty(OutlineAgreement.OfFiles(first, second).Types);
        Assert.Empty(OutlineAgreement.Of([_square], [_square]).Types);

        static Task Write(string path, params string?[] types) => File.WriteAllTextAsync(
            path,
            new JsonObject
            {
                ["type"] = "FeatureCollection",
                ["features"] = new JsonArray([.. types.Select((t, i) => Feature(100 * i, t))]),
            }.ToJsonString(),
            TestContext.Current.CancellationToken);

        static JsonNode Feature(int x, string? type) => new JsonObject
        {
            ["type"] = "Feature",
            ["geometry"] = new JsonObject
            {
                ["type"] = "Polygon",
                ["coordinates"] = JsonNode.Parse($"[[[{x},0],[{x + 20},0],[{x + 20},20],[{x},20],[{x},0]]]"),
            },
            ["properties"] = new JsonObject
            {
                ["objectType"] = "detection",
                ["classification"] = type is null ? null : new JsonObject { ["name"] = type },
            },
        };
    }

    [Fact]
    public void ADoubledNucleusIsFoundAndMatchedOnce()
    {
        var agreement = OutlineAgreement.Of([_square, _other], [_square, Square(0.2f, 0, 20), _other]);
        Assert.Equal(2, agreement.Matched);
        Assert.True(Assert.Single(agreement.Doubled).InSecond);
        Assert.Equal(2.0 / 3, agreement.Share, 12);
        Assert.Single(agreement.Rest, r => r.InSecond && r.BestIou > 0.9);
    }

    [Fact]
    public void NeighboursThatTouchAreNoDouble() => Assert.Empty(OutlineAgreement.Of([_square, Square(20, 0, 20)], []).Doubled);

    [Fact]
    public void NothingAgreesWithNothing() => Assert.Equal(1, OutlineAgreement.Of([], []).Share);

    [Fact]
    public void AnOutlineThatCrossesItselfIsCompared()
    {
        Vector2[] bow = [new(0, 0), new(10, 10), new(10, 0), new(0, 10)];
        Assert.Equal(1, OutlineAgreement.Of([bow], [bow]).Matched);
    }

    [Fact]
    public void AHandfulOfEqualOutlinesIsCounted()
    {
        var equal = Enumerable.Repeat(_square, 30).ToList();
        var agreement = OutlineAgreement.Of(equal, equal);
        Assert.Equal((30, 30, 2 * 30 * 29 / 2), (agreement.First, agreement.Second, agreement.Doubled.Count));
    }

    /// <summary>A file that holds nuclei twice is like itself.</summary>
    [Fact]
    public void WhatIsDoubledInBothIsTheSame()
    {
        Vector2[][] doubled = [_square, _other, _square, Square(0.2f, 0, 20)];
        var agreement = OutlineAgreement.Of(doubled, doubled);
        Assert.Equal((4, 1.0, 6), (agreement.Matched, agreement.Share, agreement.Doubled.Count));
        Assert.Empty(agreement.Rest);
        Assert.Equal(3, OutlineAgreement.Of(doubled, doubled[..3]).Matched);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.001f)]
    public void ThousandsOfOutlinesOnEachOtherAreNoNuclei(float apart)
    {
        var many = Enumerable.Range(0, 3000).Select(i => Square(i * apart, 0, 20)).ToList();
        Assert.Throws<InvalidDataException>(() => OutlineAgreement.Of(many, many));
    }

    [Fact]
    public void AnOutlineThatCrossesItselfAgainAndAgainIsNoNucleus()
    {
        var random = new Random(1);
        Vector2[] star = [.. Enumerable.Range(0, 1500).Select(_ => new Vector2(random.NextSingle() * 1000, random.NextSingle() * 1000))];
        Assert.Throws<InvalidDataException>(() => OutlineAgreement.Of([star], [_square]));
        Assert.Throws<InvalidDataException>(() => OutlineAgreement.Of([Enumerable.Repeat(star, 20).SelectMany(s => s).ToArray()], []));
    }

    [Fact]
    public void LabelImagesAreComparedByTheirPixels()
    {
        var first = new LabelImage(6, 2, [1, 1, 0, 2, 2, 2, 1, 1, 0, 2, 2, 2]);
        var second = new LabelImage(6, 2, [9, 9, 0, 0, 7, 7, 9, 9, 0, 0, 7, 7]);
        var agreement = OutlineAgreement.Of(first, second, 0.7);
        Assert.Equal((2, 2, 1), (agreement.First, agreement.Second, agreement.Matched));
        Assert.Equal(
            [new UnmatchedOutline(false, new Vector2(4.5f, 1), 6, 4.0 / 6), new UnmatchedOutline(true, new Vector2(5, 1), 4, 4.0 / 6)],
            agreement.Rest);
        Assert.Equal(2, OutlineAgreement.Of(first, second, 0.6).Matched);
    }

    [Fact]
    public void OutlinesAndALabelImageOfThemAgree()
    {
        using var folder = new TemporaryFolder();
        var (json, image) = (folder.File("a.geojson"), folder.File("a.png"));
        File.WriteAllText(
            json,
            """[{"geometry":{"type":"Polygon","coordinates":[[[1,1],[9,1],[9,7.5],[1,7.5],[1,1]]]}},{"geometry":{"type":"Polygon","coordinates":[[[12,2],[19,2],[12,9],[12,2]]]}}]""");
        LabelImageFile.WritePng(image, OutlineFile.Draw(json, new PixelSize(20, 10)));
        Assert.Equal(1, OutlineAgreement.OfFiles(json, image).Share);
        Assert.Equal(2, OutlineAgreement.OfFiles(image, json).Matched);
        Assert.Equal(2, OutlineAgreement.OfFiles(json, json).Matched);
    }

    private static Vector2[] Square(float x, float y, float side) => [new(x, y), new(x + side, y), new(x + side, y + side), new(x, y + side)];
}
