using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using HoverFast.Cli;
using HoverFast.Jobs;
using HoverFast.Model;
using HoverFast.Model.Engine;
using HoverFast.Nuclei;
using HoverFast.Pipeline;
using HoverFast.Slides;
using Xunit;

namespace HoverFast.Tests.Guards;

/// <summary>
/// The GeoJSON text of the default student, to the byte, on every kernel of the integer engine and with no vector unit at all. Ids are left out: they hang
/// on the result's key, which tells versions apart. A change that moves a hash on purpose writes the new one here, and says so in the changelog.
/// </summary>
public sealed partial class GoldenResultTests : IDisposable
{
    private const string Sample = "8a4ec767a97f0d29a14dbf877ffcd7253e7c07e62b77cf0cf93987f122d632a9";
    private const string Tile = "40367df6936dda28f6c2581b0af83d5a4600bffc6f7fea33789e6e81d3d26847";
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task TheSampleHasTheNucleiThatItHad()
    {
        Assert.Equal(ExitCode.Success, await HoverFastCommand.RunAsync(["segment", "--sample", "-o", _folder.Path, "--output", "geojson"]));
        SkipOutsideTheEngine("sample");
        Assert.Equal(Sample, Hash("sample.geojson.gz"));
    }

    [Fact]
    public async Task ARealTileHasTheNucleiThatItHad()
    {
        Assert.Equal(
            ExitCode.Success,
            await HoverFastCommand.RunAsync(["segment", LabelledTiles.Image("tnbc", "09_4"), "--mpp", "0.25", "-o", _folder.Path, "--output", "geojson"]));
        SkipOutsideTheEngine("09_4");
        Assert.Equal(Tile, Hash("09_4.geojson.gz"));
    }

    /// <summary>Instruction sets are hidden from .NET by its environment variables.</summary>
    [Theory]
    [InlineData("DOTNET_EnableAVX512")]
    [InlineData("DOTNET_EnableAVXVNNI", "DOTNET_EnableAVX512")]
    public async Task OlderProcessorsFindTheSame(params string[] hidden)
    {
        // AVX-512 was called AVX512F before .NET 10.
        var environment = hidden.Append("DOTNET_EnableAVX512F").ToDictionary(name => name, _ => "0", StringComparer.Ordinal);
        var ended = await ChildProcess.HoverFastAsync(environment, "segment", "--sample", "-o", _folder.Path, "--output", "geojson");
        Assert.True(ended.ExitCode == ExitCode.Success, ended.Error);
        SkipOutsideTheEngine("sample");
        Assert.Equal(Sample, Hash("sample.geojson.gz"));
    }

    public static TheoryData<string> Kernels => [.. ConvolutionKernel.Available.Select(k => k.Name)];

    /// <summary>A kernel is forced by its name, and the manifest tells it.</summary>
    [Theory]
    [MemberData(nameof(Kernels))]
    public async Task EveryKernelFindsTheSame(string name)
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal) { [ConvolutionKernel.Variable] = name };
        var ended = await ChildProcess.HoverFastAsync(environment, "segment", "--sample", "-o", _folder.Path, "--output", "geojson");
        Assert.True(ended.ExitCode == ExitCode.Success, ended.Error);
        Assert.Contains($"integer engine ({name})", File.ReadAllText(_folder.File("sample.manifest.json")), StringComparison.Ordinal);
        Assert.Equal(Sample, Hash("sample.geojson.gz"));
    }

    [Fact]
    public async Task AnUnknownKernelEndsWithItsNameAndThoseThereAre()
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal) { [ConvolutionKernel.Variable] = "MMX" };
        var ended = await ChildProcess.HoverFastAsync(environment, "segment", "--sample", "-o", _folder.Path, "--output", "geojson");
        Assert.Equal(ExitCode.CannotStart, ended.ExitCode);
        Assert.Contains("HOVERFAST_KERNEL: this machine has no kernel 'MMX'; it has ", ended.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder.File("sample.geojson.gz")));
    }

    [Fact]
    public async Task TheScalarKernelFindsTheSame()
    {
        using var model = NucleusModel.LoadBuiltIn(NucleusModel.DefaultName, new ScalarKernel(4, 1));
        var settings = new SegmentSettings { TileSize = model.SuggestedTileSize, Threads = 1, Measurements = MeasurementChoice.Basic };
        using var segmenter = new SlideSegmenter(model, settings, new SlideCalibrator { Stated = new Mpp(0.25) });
        var results = new ResultOptions { Kinds = [ResultKind.GeoJson] };
        await segmenter.SegmentAsync(
            new SlideInput(LabelledTiles.Image("tnbc", "09_4"), "tile"),
            _folder.Path,
            results,
            cancellation: TestContext.Current.CancellationToken);
        Assert.Equal(Tile, Hash("tile.geojson.gz"));
    }

    [Fact]
    public async Task WithoutVectorsItFindsTheSame()
    {
        var ended = await ChildProcess.RunAsync(
            "dotnet",
            [typeof(GoldenResultTests).Assembly.Location, "-method", $"{typeof(GoldenResultTests).FullName}.{nameof(TheScalarKernelFindsTheSame)}"],
            new Dictionary<string, string>(StringComparer.Ordinal) { ["DOTNET_EnableHWIntrinsic"] = "0" });
        Assert.True(ended.ExitCode == 0, ended.Output + ended.Error);
        Assert.Matches(@"Total: 1, Errors: 0, Failed: 0, Skipped: 0", ended.Output);
    }

    /// <summary>ONNX Runtime's sums differ by rounding, and from one processor to another.</summary>
    private void SkipOutsideTheEngine(string name)
    {
        var engine = (string)JsonNode.Parse(File.ReadAllText(_folder.File(name + ".manifest.json")))!["model"]!["engine"]!;
        Assert.SkipUnless(
            engine.StartsWith("integer engine", StringComparison.Ordinal),
            $"needs the integer engine, but this processor leaves the network to {engine}");
    }

    private string Hash(string name)
    {
        using var text = new StreamReader(new GZipStream(File.OpenRead(_folder.File(name)), CompressionMode.Decompress));
        var withoutIds = Id().Replace(text.ReadToEnd(), "");
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(withoutIds)));
    }

    [GeneratedRegex("\"id\":\"[0-9a-f-]{36}\",")]
    private static partial Regex Id();
}
