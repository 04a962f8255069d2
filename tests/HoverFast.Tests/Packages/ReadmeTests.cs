using System.Text.RegularExpressions;
using HoverFast.Jobs;
using HoverFast.Tests.Guards;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Xunit;

namespace HoverFast.Tests.Packages;

/// <summary>What the README shows is compiled and run.</summary>
public sealed partial class ReadmeTests : IDisposable
{
    private const string Usings =
        "global using System; global using System.Collections.Generic; global using System.IO; global using System.Linq; global using System.Threading.Tasks;";
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task TheFirstProgramSegmentsASlideToFiles()
    {
        var printed = await RunAsync(ReadmeExamples.All[0].Program);
        var manifest = Manifest.TryRead(Manifest.PathFor(_folder.File("results"), "slide"))!;
        Assert.InRange(manifest.Counts.Nuclei, 100, 1000);
        Assert.Contains(manifest.Counts.Nuclei.ToString(System.Globalization.CultureInfo.InvariantCulture), printed, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(_folder.File("results"), "slide.geojson.gz")));
    }

    [Fact]
    public async Task TheSecondProgramStreamsNucleiWithoutAnyFile()
    {
        ReadmeExamples.CheckNuclei(await RunAsync(ReadmeExamples.All[1].Program));
        Assert.Equal([_folder.File("slide.svs")], Directory.GetFileSystemEntries(_folder.Path));
    }

    /// <summary>Every command line of the README that calls the program is one that it takes: the commands and options are all there.</summary>
    [Fact]
    public async Task EveryCommandLineIsOneThatTheProgramTakes()
    {
        var text = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "README.md"), TestContext.Current.CancellationToken);
        var lines = CommandLine().Matches(text).Select(m => m.Value).Distinct().ToList();
        Assert.True(lines.Count >= 5, $"only {lines.Count} command lines found");
        var help = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in lines)
        {
            var words = line.Split("#")[0].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            var command = words[1] == "model" ? words[1..3] : words[1..2];
            if (command[0] is "adapt" or "train" or "distill" or "export" or "serve")
            {
                continue;
            }

            var name = string.Join(' ', command);
            if (!help.TryGetValue(name, out var told))
            {
                told = help[name] = (await ChildProcess.HoverFastAsync([.. command, "--help"])).Output;
            }

            Assert.Contains("hoverfast " + name, told, StringComparison.Ordinal);
            Assert.All(words.Where(w => w.StartsWith('-') && w.Length > 1), option => Assert.Matches($@"(^|[\s,]){Regex.Escape(option)}[\s,]", told));
        }
    }

    private async Task<string> RunAsync(string program)
    {
        var source = ReadmeExamples.On(program, ReadmeExamples.Slide(_folder), _folder.File("results"));
        var known = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Where(p => Path.GetExtension(p) == ".dll");
        var compilation = CSharpCompilation.Create(
            "program",
            [CSharpSyntaxTree.ParseText(Usings), CSharpSyntaxTree.ParseText(source)],
            known.Select(p => MetadataReference.CreateFromFile(p)),
            new CSharpCompilationOptions(OutputKind.ConsoleApplication, optimizationLevel: OptimizationLevel.Release));
        // Beside the tests, where all libraries lie, and with the settings of the program there.
        var name = $"readme-{Guid.NewGuid():N}";
        var path = Path.Combine(AppContext.BaseDirectory, name + ".dll");
        try
        {
            var result = compilation.Emit(path);
            Assert.True(result.Success, string.Join('\n', result.Diagnostics) + "\n" + source);
            string[] settings =
            [
                "--runtimeconfig",
                Path.Combine(AppContext.BaseDirectory, "hoverfast.runtimeconfig.json"),
                "--depsfile",
                Path.Combine(AppContext.BaseDirectory, "hoverfast.deps.json"),
            ];
            var ended = await ChildProcess.RunAsync("dotnet", ["exec", .. settings, path]);
            Assert.True(ended.ExitCode == 0, ended.Output + ended.Error);
            return ended.Output;
        }
        finally
        {
            File.Delete(path);
        }
    }

    [GeneratedRegex("(?m)^hoverfast [a-z_]+ .*$")]
    private static partial Regex CommandLine();
}
