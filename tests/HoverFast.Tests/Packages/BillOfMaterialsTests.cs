using System.Diagnostics;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using Xunit;

namespace HoverFast.Tests.Packages;

/// <summary>deploy/sbom.sh tells what each program is built of, in the versions that are pinned.</summary>
public sealed class BillOfMaterialsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task EachProgramHasOneWithThePinnedVersions()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs a Unix shell");
        var start = new ProcessStartInfo("bash")
        {
            WorkingDirectory = Repository.Root,
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.ArgumentList.Add("deploy/sbom.sh");
        start.ArgumentList.Add(_folder.Path);
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken) + await errors;
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.SkipWhen(
            process.ExitCode != 0 && output.Contains("NU1301", StringComparison.Ordinal),
            "needs a source of packages, to fetch the tool CycloneDX");
        Assert.True(process.ExitCode == 0, output);

        var pinned = XDocument.Load(Path.Combine(Repository.Root, "Directory.Packages.props")).Descendants("PackageVersion")
            .ToDictionary(p => p.Attribute("Include")!.Value, p => p.Attribute("Version")!.Value, StringComparer.OrdinalIgnoreCase);
        foreach (
            var (program, package) in new[]
            {
                ("hoverfast", "System.CommandLine"),
                ("hoverfast-library", "SkiaSharp"),
                ("hoverfast-serve", "Microsoft.Data.Sqlite"),
                ("hoverfast-train", "TorchSharp"),
            })
        {
            var bill = JsonNode.Parse(await File.ReadAllTextAsync(_folder.File(program + ".cdx.json"), TestContext.Current.CancellationToken))!;
            Assert.Equal(("CycloneDX", program), ((string?)bill["bomFormat"], (string?)bill["metadata"]!["component"]!["name"]));
            var component = bill["components"]!.AsArray().Single(c => (string?)c!["name"] == package)!;
            Assert.Equal(pinned[package], (string?)component["version"]);
            Assert.NotEmpty(component["hashes"]!.AsArray());
        }
    }
}
