using System.Security.Cryptography;
using System.Text.Json;
using System.Text.RegularExpressions;
using HoverFast.Cli;
using HoverFast.Jobs;
using HoverFast.Slides;
using HoverFast.Tests.Guards;
using Xunit;

namespace HoverFast.Tests.Jobs;

public sealed class ValidationTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task LimitsHoldOrDoNotAndTheLogSaysSo()
    {
        Assert.Equal(
            ExitCode.Success,
            await Validate(
                """{ "name": "breast", "mpp": 0.25, "limits": [ { "figure": "dice", "least": 0.6 }, { "figure": "pq", "least": 0.4, "tissue": "09_4" } ] }"""));
        Assert.Equal(
            ExitCode.SomeFailed,
            await Validate(
                """{ "name": "breast", "mpp": 0.25, "limits": [ { "figure": "dice", "least": 0.99 }, { "figure": "pq", "least": 0, "tissue": "liver" } ] }"""));
        var report = File.ReadAllText(_folder.File("out/validation.json"));
        Assert.Contains("\"holds\": false", report, StringComparison.Ordinal);
        Assert.Equal(2, File.ReadAllLines(_folder.File("out/audit.jsonl")).Length);
        Assert.Empty(ResultVerification.Of(_folder.File("out")).Problems);

        // The page for people: each limit with its interval, the worst tiles with their pictures, all tiles.
        var page = File.ReadAllText(_folder.File("out/validation.html"));
        Assert.Contains("NOT HELD: 2 of 2 limits do not hold.", page, StringComparison.Ordinal);
        Assert.Contains("<td>of liver</td><td>at least 0.000</td><td class=\"n\">none</td>", page, StringComparison.Ordinal);
        var tiles = Directory.GetFiles(Path.Combine(LabelledTiles.Folder("tnbc"), "labels"), "*.png").Length;
        Assert.Equal(Math.Min(6, tiles), Regex.Count(page, "src=\"data:image/jpeg;base64,"));
        Assert.DoesNotContain("<script", page, StringComparison.Ordinal);
        Assert.DoesNotContain("http", page, StringComparison.Ordinal);
        using var json = JsonDocument.Parse(report);
        var scores = json.RootElement.GetProperty("tiles").EnumerateArray().ToDictionary(t => t.GetProperty("name").GetString()!, t => t.GetProperty("pq").GetDouble());
        Assert.Equal(tiles, scores.Count);
        var shown = Regex.Matches(page, "<figcaption><b>([^<]+)</b>").Select(m => scores[m.Groups[1].Value]).ToList();
        Assert.Equal(scores.Values.Order().Take(6), shown);
        var mean = json.RootElement.GetProperty("findings")[0].GetProperty("mean").GetDouble();
        Assert.Equal(mean, json.RootElement.GetProperty("tiles").EnumerateArray().Average(t => t.GetProperty("dice").GetDouble()), 3);

        // A signature of the laboratory: asked for with a key, and of no use to another file.
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        File.WriteAllText(_folder.File("key.pem"), key.ExportECPrivateKeyPem());
        File.WriteAllText(_folder.File("public.pem"), key.ExportSubjectPublicKeyInfoPem());
        Assert.Equal("validation.json: is not signed.", Assert.Single(ResultVerification.Of(_folder.File("out"), _folder.File("public.pem")).Problems));
        Assert.Equal(ExitCode.Success, await HoverFastCommand.RunAsync(["sign", _folder.File("out"), "--key", _folder.File("key.pem")]));
        Assert.Empty(ResultVerification.Of(_folder.File("out"), _folder.File("public.pem")).Problems);
        Assert.Equal(3, File.ReadAllLines(_folder.File("out/audit.jsonl")).Length);
        File.WriteAllText(_folder.File("out/validation.json"), report.Replace("\"holds\": false", "\"holds\": true", StringComparison.Ordinal));
        var changed = ResultVerification.Of(_folder.File("out"), _folder.File("public.pem")).Problems;
        Assert.Equal(2, changed.Count);
        Assert.Contains(changed, p => p.StartsWith("validation.json: its signature does not fit", StringComparison.Ordinal));
        Assert.Contains(changed, p => p.StartsWith("validation.json: is not the one", StringComparison.Ordinal));
        Assert.Equal(ExitCode.SomeFailed, await HoverFastCommand.RunAsync(["verify", _folder.File("out"), "--key", _folder.File("public.pem")]));
        Assert.Throws<IOException>(() => ResultSigning.Sign(_folder.File("out"), _folder.File("key.pem")));
        File.WriteAllText(_folder.File("out/validation.json"), report);

        // A folder without a log is signed and asked by itself; a log that doesn't name the validation tells nothing of it.
        Directory.CreateDirectory(_folder.File("alone"));
        File.Copy(_folder.File("out/validation.json"), _folder.File("alone/validation.json"));
        Assert.Equal(1, ResultSigning.Sign(_folder.File("alone"), _folder.File("key.pem")));
        Assert.Empty(ResultVerification.Of(_folder.File("alone"), _folder.File("public.pem")).Problems);
        File.WriteAllText(_folder.File("alone/audit.jsonl"), "");
        Assert.StartsWith("validation.json: has no entry", Assert.Single(ResultVerification.Of(_folder.File("alone")).Problems), StringComparison.Ordinal);

        // verify holds both files against the log.
        File.WriteAllText(_folder.File("out/validation.html"), page.Replace("NOT HELD", "Held", StringComparison.Ordinal));
        Assert.StartsWith("validation.html: is not the one", Assert.Single(ResultVerification.Of(_folder.File("out")).Problems), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ThePictureShowsWhatWasFoundAndWhatWasNot()
    {
        using var segmenter = new SlideSegmenter(calibrator: new SlideCalibrator { Stated = new Mpp(0.25) });
        var jpeg = await ValidationPictures.DrawAsync(segmenter.LabelAsync, LabelledTiles.Folder("tnbc"), "09_4", TestContext.Current.CancellationToken);
        File.WriteAllBytes(_folder.File("a.jpg"), jpeg);
        var picture = RgbImageFile.Read(_folder.File("a.jpg"));
        var (green, red) = (0, 0);
        for (var i = 0; i < picture.Width * picture.Height * 3; i += 3)
        {
            var (r, g, b) = (picture.Pixels[i], picture.Pixels[i + 1], picture.Pixels[i + 2]);
            green += g > r + 60 && g > b + 60 ? 1 : 0;
            red += r > g + 100 && r > b + 100 ? 1 : 0;
        }

        Assert.True(green > 2 * red && red > 20, $"{green} green, {red} red");
    }

    [Theory]
    [InlineData("no json", "is no protocol")]
    [InlineData("""{ "name": "a", "mpp": 0.25, "limits": [] }""", "at least one limit")]
    [InlineData("""{ "name": "a", "mpp": 25, "limits": [ { "figure": "dice", "least": 0.5 } ] }""", "mpp between")]
    [InlineData("""{ "name": "a", "mpp": 0.25, "limits": [ { "figure": "luck", "least": 0.5 } ] }""", "figures are dice")]
    [InlineData("""{ "name": "a", "mpp": 0.25, "limits": [null] }""", "null")]
    public void WhatIsNoProtocolIsTold(string text, string problem)
    {
        File.WriteAllText(_folder.File("p.json"), text);
        Assert.Contains(problem, Assert.Throws<IOException>(() => ValidationProtocol.Read(_folder.File("p.json"))).Message, StringComparison.Ordinal);
    }

    /// <summary>Other curves of 256 bits are none that the signature promises, and a public key can only check.</summary>
    [Fact]
    public void SigningTakesAPrivateKeyOfTheCurve()
    {
        using var key = System.Security.Cryptography.ECDsa.Create(System.Security.Cryptography.ECCurve.NamedCurves.nistP256);
        File.WriteAllText(_folder.File("public.pem"), key.ExportSubjectPublicKeyInfoPem());
        File.WriteAllText(_folder.File("a.json"), "{}");
        using var known = ResultSignature.ReadKey(_folder.File("public.pem"));
        Assert.Contains("private key", Assert.Throws<IOException>(() => ResultSignature.Write(_folder.File("a.json"), known)).Message, StringComparison.Ordinal);
        Assert.Equal(["a.json", "public.pem"], Directory.GetFiles(_folder.Path).Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal));

        using var other = System.Security.Cryptography.ECDsa.Create(System.Security.Cryptography.ECCurve.CreateFromFriendlyName("brainpoolP256r1"));
        File.WriteAllText(_folder.File("other.pem"), other.ExportECPrivateKeyPem());
        Assert.Contains("P-256", Assert.Throws<IOException>(() => ResultSignature.ReadKey(_folder.File("other.pem"))).Message, StringComparison.Ordinal);
    }

    private Task<int> Validate(string protocol)
    {
        File.WriteAllText(_folder.File("p.json"), protocol);
        return HoverFastCommand.RunAsync(["validate", LabelledTiles.Folder("tnbc"), "--protocol", _folder.File("p.json"), "-o", _folder.File("out")]);
    }
}
