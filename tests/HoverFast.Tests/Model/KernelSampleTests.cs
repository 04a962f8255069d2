using System.Diagnostics;
using System.IO.Compression;
using System.Security.Cryptography;
using HoverFast.Model.Engine;
using Xunit;

namespace HoverFast.Tests.Model;

/// <summary>The whole program on the sample picture, once with each kernel of this machine, in processes of their own: the same nuclei, byte for byte.</summary>
public sealed class KernelSampleTests : IDisposable
{
    private static readonly Lazy<string> _scalar = new(() =>
    {
        using var folder = new TemporaryFolder();
        return Segment("scalar", folder);
    });

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Names => [.. ConvolutionKernel.Available.Select(k => k.Name)];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Names))]
    public void The_sample_has_the_same_nuclei_on_every_kernel(string name) => Assert.Equal(_scalar.Value, Segment(name, _folder));

    // The hash of the sample's GeoJSON, made without the instructions that the kernel is there to do without.
    private static string Segment(string kernel, TemporaryFolder folder)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "dotnet" ? path : "dotnet")
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in (string[])[Path.Combine(AppContext.BaseDirectory, "hoverfast.dll"), "segment", "--sample", "-o", folder.File("results"), "--output", "geojson"])
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment[ConvolutionKernel.Variable] = kernel;
        if (!kernel.StartsWith("AVX-512", StringComparison.Ordinal))
        {
            start.Environment["DOTNET_EnableAVX512"] = "0";
            start.Environment["DOTNET_EnableAVXVNNI"] = kernel == "AVX-VNNI" ? "1" : "0";
            start.Environment["DOTNET_EnableAVX2"] = kernel == "scalar" ? "0" : "1";
        }

        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, error + output.GetAwaiter().GetResult());
        Assert.Contains($"integer engine ({kernel})", File.ReadAllText(Assert.Single(Directory.GetFiles(folder.File("results"), "*.manifest.json"))), StringComparison.Ordinal);
        using var text = new GZipStream(File.OpenRead(Path.Combine(folder.File("results"), "sample.geojson.gz")), CompressionMode.Decompress);
        var bytes = new MemoryStream();
        text.CopyTo(bytes);
        Assert.True(bytes.Length > 10_000);
        return Convert.ToHexStringLower(SHA256.HashData(bytes.ToArray()));
    }
}
