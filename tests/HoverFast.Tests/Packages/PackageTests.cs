using System.IO.Compression;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using HoverFast.Tests.Guards;
using Xunit;

namespace HoverFast.Tests.Packages;

/// <summary>
/// What is packed here can be used elsewhere: the tool is installed into an empty home and segments the sample; a fresh console project that knows the
/// library's package alone builds and runs.
/// </summary>
public sealed partial class PackageTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task BothPackagesServeAUserOfThem()
    {
        var packages = Directory.CreateDirectory(_folder.File("packages")).FullName;
        foreach (var project in (string[])["HoverFast", "HoverFast.Cli"])
        {
            // A folder of its own for what is built, so that the programs under test stay as they are. The analyzers have had their say.
            var packed = await DotnetAsync(
                null,
                Repository.Root,
                "pack",
                Path.Combine("src", project),
                "-o",
                packages,
                "--artifacts-path",
                _folder.File("artifacts"),
                "-p:RunAnalyzers=false",
                "--nologo",
                "-v",
                "quiet");
            Assert.SkipWhen(NoSource().IsMatch(packed.Output), "needs a source of packages, to fetch the native parts of other systems");
            Assert.True(packed.ExitCode == 0, packed.Output + packed.Error);
        }

        var version = VersionOf(packages);
        CheckLibrary(Path.Combine(packages, $"HoverFast.{version}.nupkg"));
        CheckTool(Path.Combine(packages, $"HoverFast.Cli.{version}.nupkg"));
        await InstallAndRunToolAsync(packages, version);
        await BuildAndRunProgramAsync(packages, version);
    }

    private static string VersionOf(string packages) =>
        Directory.GetFiles(packages, "HoverFast.Cli.*.nupkg").Select(f => Path.GetFileNameWithoutExtension(f)["HoverFast.Cli.".Length..]).Single();

    private static void CheckLibrary(string package)
    {
        using var zip = ZipFile.OpenRead(package);
        var names = zip.Entries.Select(e => e.FullName).ToList();
        Assert.Superset(new HashSet<string> { "README.md", "lib/net10.0/HoverFast.Core.dll", "lib/net10.0/HoverFast.Core.xml" }, names.ToHashSet());
        Assert.True(File.Exists(Path.ChangeExtension(package, ".snupkg")));

        using var nuspec = zip.GetEntry("HoverFast.nuspec")!.Open();
        var metadata = XDocument.Load(nuspec).Root!.Elements().Single();
        Assert.Equal("BSD-3-Clause", metadata.Elements().Single(e => e.Name.LocalName == "license").Value);
        Assert.Equal("README.md", metadata.Elements().Single(e => e.Name.LocalName == "readme").Value);

        // SkiaSharp itself asks for the native parts of Windows and macOS; ONNX Runtime's package holds those of all systems.
        var dependencies = metadata.Descendants().Where(e => e.Name.LocalName == "dependency").Select(e => (string)e.Attribute("id")!).ToHashSet();
        Assert.Superset(new HashSet<string> { "SkiaSharp", "SkiaSharp.NativeAssets.Linux.NoDependencies", "Microsoft.ML.OnnxRuntime" }, dependencies);
        Assert.DoesNotContain("Grpc.Tools", dependencies);
        Assert.DoesNotContain("Meziantou.Analyzer", dependencies);
    }

    private static void CheckTool(string package)
    {
        using var zip = ZipFile.OpenRead(package);
        var native = zip.Entries.Select(e => e.FullName).Where(n => n.Contains("/native/", StringComparison.Ordinal)).ToList();
        foreach (var system in (string[])["win-x64", "linux-x64", "linux-arm64", "osx-arm64"])
        {
            Assert.Contains(native, n => n.Contains($"/{system}/", StringComparison.Ordinal) && n.Contains("onnxruntime", StringComparison.Ordinal));
        }

        foreach (var system in (string[])["win-x64", "linux-x64", "linux-arm64", "osx"])
        {
            Assert.Contains(native, n => n.Contains($"/{system}/", StringComparison.Ordinal) && n.Contains("SkiaSharp", StringComparison.Ordinal));
        }

        Assert.DoesNotContain(native, n => n.EndsWith(".pdb", StringComparison.Ordinal) || n.Contains("/android/", StringComparison.Ordinal));
    }

    private async Task InstallAndRunToolAsync(string packages, string version)
    {
        var home = Directory.CreateDirectory(_folder.File("home")).FullName;
        var environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["HOME"] = home,
            ["USERPROFILE"] = home,
            ["DOTNET_CLI_HOME"] = home,
            ["NUGET_PACKAGES"] = Path.Combine(home, "packages"),
        };
        var tools = Path.Combine(home, "tools");
        var config = WriteSources(home, $"<clear /><add key=\"here\" value=\"{packages}\" />");
        var installed = await DotnetAsync(
            environment,
            home,
            "tool",
            "install",
            "HoverFast.Cli",
            "--version",
            version,
            "--tool-path",
            tools,
            "--configfile",
            config);
        Assert.True(installed.ExitCode == 0, installed.Output + installed.Error);

        var program = Path.Combine(tools, OperatingSystem.IsWindows() ? "hoverfast.exe" : "hoverfast");
        var segmented = await ChildProcess.RunAsync(program, ["segment", "--sample", "-o", Path.Combine(home, "out")], environment, home);
        Assert.True(segmented.ExitCode == 0, segmented.Output + segmented.Error);
        var manifest = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(home, "out", "sample.manifest.json"), TestContext.Current.CancellationToken))!;

        // What GoldenResultTests knows to the byte, told as a number: ONNX Runtime may find one more or less.
        Assert.InRange((int)manifest["counts"]!["nuclei"]!, 263, 273);
        Assert.True(File.Exists(Path.Combine(home, "out", "sample.geojson.gz")));
    }

    private async Task BuildAndRunProgramAsync(string packages, string version)
    {
        var project = Directory.CreateDirectory(_folder.File("fresh")).FullName;
        var config = WriteSources(project, "");
        await File.WriteAllTextAsync(
            Path.Combine(project, "Fresh.csproj"),
            """
             <Project Sdk="Microsoft.NET.Sdk">
               <PropertyGroup>
                 <OutputType>Exe</OutputType>
                 <TargetFramework>net10.0</TargetFramework>
                 <ImplicitUsings>enable</ImplicitUsings>
               </PropertyGroup>
             </Project>
             """,
            TestContext.Current.CancellationToken);
        var (example, _) = ReadmeExamples.All[^1];
        await File.WriteAllTextAsync(
            Path.Combine(project, "Program.cs"),
            ReadmeExamples.On(example, ReadmeExamples.Slide(_folder), _folder.File("results")),
            TestContext.Current.CancellationToken);

        // Packages of an own folder, so that ours does not stay behind; the others are taken from where they lie.
        var global = (await DotnetAsync(null, project, "nuget", "locals", "global-packages", "--list")).Output.Split(' ', 2)[^1].Trim();
        var environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["NUGET_PACKAGES"] = _folder.File("restored"),
            ["RestoreFallbackFolders"] = global,
        };

        // As docs/packages.md says it: the packages' folder beside the usual sources, which have what the library needs.
        foreach (var args in (string[][])
            [
                ["nuget", "add", "source", packages, "--name", "here", "--configfile", config],
                ["add", "package", "HoverFast", "--version", version],
                ["build", "-c", "Release", "--nologo", "-v", "quiet"],
            ])
        {
            var done = await DotnetAsync(environment, project, args);
            Assert.True(done.ExitCode == 0, done.Output + done.Error);
        }

        var run = await DotnetAsync(environment, project, Path.Combine("bin", "Release", "net10.0", "Fresh.dll"));
        Assert.True(run.ExitCode == 0, run.Output + run.Error);
        ReadmeExamples.CheckNuclei(run.Output);
    }

    private static string WriteSources(string folder, string sources)
    {
        var path = Path.Combine(folder, "nuget.config");
        File.WriteAllText(path, $"<configuration><packageSources>{sources}</packageSources></configuration>");
        return path;
    }

    private static Task<ChildProcess.Ended> DotnetAsync(Dictionary<string, string>? environment, string folder, params string[] args) =>
        ChildProcess.RunAsync(
            "dotnet",
            args,
            new Dictionary<string, string>(environment ?? [], StringComparer.Ordinal)
            {
                ["DOTNET_NOLOGO"] = "1",
                ["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1",
                ["MSBUILDDISABLENODEREUSE"] = "1",
            },
            folder);

    [GeneratedRegex("NU1301|NU1101|NU1102")]
    private static partial Regex NoSource();
}
