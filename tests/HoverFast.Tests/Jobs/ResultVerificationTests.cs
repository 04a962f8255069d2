using System.Security.Cryptography;
using HoverFast.Cli;
using HoverFast.Files.Chains;
using HoverFast.Jobs;
using HoverFast.Tests.Guards;
using Xunit;

namespace HoverFast.Tests.Jobs;

public sealed class ResultVerificationTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task TellsWhatWasChanged()
    {
        await SegmentAsync("geojson,csv");
        var held = ResultVerification.Of(_folder.Path);
        Assert.Empty(held.Problems);
        Assert.Equal((2, 4, 2), (held.Results, held.Files, held.Entries));
        Assert.Equal(ExitCode.Success, await HoverFastCommand.RunAsync(["verify", _folder.Path]));

        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        File.WriteAllText(_folder.File("key.pem"), key.ExportECPrivateKeyPem());
        File.WriteAllText(_folder.File("public.pem"), key.ExportSubjectPublicKeyInfoPem());
        Assert.Contains("is not signed", ResultVerification.Of(_folder.Path, _folder.File("public.pem")).Problems[0], StringComparison.Ordinal);
        Assert.Equal(2, ResultSigning.Sign(_folder.Path, _folder.File("key.pem")));
        Assert.Empty(ResultVerification.Of(_folder.Path, _folder.File("public.pem")).Problems);
        Assert.Equal(4, ResultVerification.Of(_folder.Path).Entries);

        File.AppendAllText(_folder.File("09_4.csv"), "one more\n");
        File.WriteAllText(
            _folder.File("09_1.manifest.json"),
            File.ReadAllText(_folder.File("09_1.manifest.json")).Replace("\"geoJson\"", "\"csv\"", StringComparison.Ordinal));
        File.Delete(_folder.File("09_1.csv"));
        var broken = ResultVerification.Of(_folder.Path, _folder.File("public.pem")).Problems;
        Assert.Contains(broken, p => p.StartsWith("09_4.csv: was changed", StringComparison.Ordinal));
        Assert.Contains(broken, p => p.StartsWith("09_1.csv: is missing", StringComparison.Ordinal));
        Assert.Contains(broken, p => p.StartsWith("09_1.manifest.json: its signature does not fit", StringComparison.Ordinal));
        Assert.Contains(broken, p => p.StartsWith("09_1.manifest.json: is not the one", StringComparison.Ordinal));
        Assert.Equal(4, broken.Count);
        Assert.Equal(ExitCode.SomeFailed, await HoverFastCommand.RunAsync(["verify", _folder.Path]));
        Assert.Contains(
            "nothing is signed",
            Assert.Throws<IOException>(() => ResultSigning.Sign(_folder.Path, _folder.File("key.pem"))).Message,
            StringComparison.Ordinal);
    }

    /// <summary>docs/trust.md checks signatures with <c>openssl dgst</c>, which takes DER; earlier versions signed with the two numbers side by side.</summary>
    [Fact]
    public async Task APipeInASignaturesPlaceIsReplaced()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var manifest = _folder.Write("a.manifest.json", "{}"u8.ToArray());
        Files.Fifo.Make(ResultSignature.PathFor(manifest));
        var signing = Task.Run(() => ResultSignature.Write(manifest, key), TestContext.Current.CancellationToken);
        Assert.Same(signing, await Task.WhenAny(signing, Task.Delay(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken)));
        await signing;
        Assert.True(ResultSignature.Fits(manifest, key));
    }

    [Fact]
    public void SignaturesAreThoseOfOpenSslAndEarlierOnesStillFit()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var manifest = _folder.File("a.manifest.json");
        File.WriteAllText(manifest, "{}");
        ResultSignature.Write(manifest, key);
        var bytes = File.ReadAllBytes(manifest);
        var signature = Convert.FromBase64String(File.ReadAllText(manifest + ".sig"));

        Assert.True(key.VerifyData(bytes, signature, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence));
        Assert.True(ResultSignature.Fits(manifest, key));

        File.WriteAllText(manifest + ".sig", Convert.ToBase64String(key.SignData(bytes, HashAlgorithmName.SHA256)));
        Assert.True(ResultSignature.Fits(manifest, key));
        File.AppendAllText(manifest, " ");
        Assert.False(ResultSignature.Fits(manifest, key));
        File.WriteAllText(manifest + ".sig", Convert.ToBase64String([0x30, 0x81]));
        Assert.False(ResultSignature.Fits(manifest, key));
    }

    [Fact]
    public async Task AResultThatDidNotComeToTheLogIsWrittenDownByTheNextRun()
    {
        await SegmentAsync("csv");
        var log = File.ReadAllBytes(_folder.File("audit.jsonl"));
        var picture = _folder.File("new.png");
        File.Copy(LabelledTiles.Image("tnbc", "09_1"), picture);
        string[] command = ["segment", picture, "--mpp", "0.25", "-o", _folder.Path, "--write", "csv", "--audit"];
        File.WriteAllText(_folder.File("audit.jsonl"), "broken\n");
        Assert.Equal(ExitCode.SomeFailed, await HoverFastCommand.RunAsync(command));
        Assert.Equal(ExitCode.SomeFailed, await HoverFastCommand.RunAsync(command));

        File.WriteAllBytes(_folder.File("audit.jsonl"), log);
        Assert.Equal(ExitCode.Success, await HoverFastCommand.RunAsync(command));
        var found = ResultVerification.Of(_folder.Path);
        Assert.Empty(found.Problems);
        Assert.Equal(3, found.Entries);

        // Kept from now on.
        var finished = Manifest.TryRead(_folder.File("new.manifest.json"))!.Finished;
        Assert.Equal(ExitCode.Success, await HoverFastCommand.RunAsync(command));
        Assert.Equal(finished, Manifest.TryRead(_folder.File("new.manifest.json"))!.Finished);
    }

    [Fact]
    public async Task AManifestWithNothingForAFileIsNoManifest()
    {
        await SegmentAsync("csv");
        var manifest = System.Text.Json.Nodes.JsonNode.Parse(File.ReadAllText(_folder.File("09_1.manifest.json")))!;
        manifest["outputs"]!.AsArray().Add(null);
        File.WriteAllText(_folder.File("09_1.manifest.json"), manifest.ToJsonString());

        Assert.Contains("09_1.manifest.json: is no manifest.", ResultVerification.Of(_folder.Path).Problems);
    }

    /// <summary>A table of an earlier result beside the new one is told, and is no failure; tables that aren't of results are left alone.</summary>
    [Fact]
    public async Task FilesThatNoManifestNamesAreTold()
    {
        await SegmentAsync("geojson,csv");
        Assert.Empty(ResultVerification.Of(_folder.Path).Unnamed);
        await SegmentAsync("geojson", mpp: "0.26");
        File.WriteAllText(_folder.File("summary.csv"), "of something else\n");
        File.WriteAllText(_folder.File("gone.geojson.gz"), "its manifest was deleted");

        var found = ResultVerification.Of(_folder.Path);

        Assert.Equal(["09_1.csv", "09_4.csv", "gone.geojson.gz"], found.Unnamed);
        Assert.True(found.Holds, string.Join('\n', found.Problems));
        Assert.Equal(ExitCode.Success, await HoverFastCommand.RunAsync(["verify", _folder.Path]));
    }

    /// <summary>Hashes and signatures are of what stands in a file: one patient's result under another's name has them too.</summary>
    [Fact]
    public async Task AManifestUnderAnotherResultsNameIsFound()
    {
        await SegmentAsync("geojson,csv");
        File.Delete(_folder.File("audit.jsonl"));
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        File.WriteAllText(_folder.File("key.pem"), key.ExportECPrivateKeyPem());
        ResultSigning.Sign(_folder.Path, _folder.File("key.pem"));
        foreach (var ending in (string[])["", ".sig"])
        {
            File.Copy(_folder.File("09_1.manifest.json" + ending), _folder.File("other.manifest.json" + ending));
            File.Move(_folder.File("09_1.manifest.json" + ending), _folder.File("kept" + ending));
            File.Move(_folder.File("09_4.manifest.json" + ending), _folder.File("09_1.manifest.json" + ending));
            File.Move(_folder.File("kept" + ending), _folder.File("09_4.manifest.json" + ending));
        }

        Assert.Equal(
            [
                "09_1.manifest.json: is the manifest of 09_4: it was renamed or copied.",
                "09_4.manifest.json: is the manifest of 09_1: it was renamed or copied.",
                "other.manifest.json: is the manifest of 09_1: it was renamed or copied.",
            ],
            ResultVerification.Of(_folder.Path, _folder.File("key.pem")).Problems);
    }

    /// <summary>As a container is started (docs/containers.md): by a number that no file of users names.</summary>
    [Fact]
    public async Task WhoHasNoNameIsWrittenDownByNumber()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "needs root's rights, to run as another user");
        var command = await OtherUser.CommandAsync(_folder.Path, "control", "--log", _folder.File("audit.jsonl"));
        var run = await ChildProcess.RunAsync(command[0], [.. command[1..].Select(a => a.Replace("--reuid=65534", "--reuid=54321", StringComparison.Ordinal))]);

        Assert.True(run.ExitCode == ExitCode.Success, run.Output + run.Error);
        Assert.Equal("user 54321", AuditEntry.TryParse(ChainedFile.Read(_folder.File("audit.jsonl")).Entries[0])!.Who);
    }

    [Fact]
    public async Task ALogThatWasCutOffIsFound()
    {
        await SegmentAsync("csv");
        File.WriteAllText(_folder.File("audit.jsonl"), File.ReadAllLines(_folder.File("audit.jsonl"))[0] + "\n");
        Assert.StartsWith("09_1.manifest.json: has no entry", Assert.Single(ResultVerification.Of(_folder.Path).Problems), StringComparison.Ordinal);
    }

    [Fact]
    public void ACurveOfAnotherKindIsRefused()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        File.WriteAllText(_folder.File("key.pem"), key.ExportECPrivateKeyPem());
        Assert.Contains(
            "P-256",
            Assert.Throws<IOException>(() => ResultVerification.Of(_folder.Path, _folder.File("key.pem"))).Message,
            StringComparison.Ordinal);
        using var known = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var spelledOut = ECDsa.Create(known.ExportExplicitParameters(includePrivateParameters: true));
        File.WriteAllText(_folder.File("key.pem"), spelledOut.ExportECPrivateKeyPem());
        Assert.Contains(
            "spells its curve out",
            Assert.Throws<IOException>(() => ResultVerification.Of(_folder.Path, _folder.File("key.pem"))).Message,
            StringComparison.Ordinal);
        File.WriteAllText(_folder.File("key.pem"), "no key");
        Assert.Contains(
            "P-256",
            Assert.Throws<IOException>(() => ResultVerification.Of(_folder.Path, _folder.File("key.pem"))).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void AnEmptyFolderHoldsNoResults() => Assert.Throws<IOException>(() => ResultVerification.Of(_folder.Path));

    private async Task SegmentAsync(string kinds, string mpp = "0.25")
    {
        string[] pictures = [LabelledTiles.Image("tnbc", "09_4"), LabelledTiles.Image("tnbc", "09_1")];
        Assert.Equal(ExitCode.Success, await HoverFastCommand.RunAsync(["segment", .. pictures, "--mpp", mpp, "-o", _folder.Path, "--write", kinds, "--audit"]));
    }
}
