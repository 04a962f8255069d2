using HoverFast.Jobs;
using HoverFast.Pipeline;
using Xunit;

namespace HoverFast.Tests.Jobs;

/// <summary>What a benchmark says of dense tissue and of an ordinary slide, and the energy that it counts.</summary>
public sealed class BenchmarkTests
{
    [Fact]
    public void TissueAndSlideAreToldApartAndRatiosAreOfTheSameSlide()
    {
        BenchmarkResult[] results =
        [
            Of("ours", BenchmarkNetwork.Student, "dense.svs", tissue: 8, slide: 10, seconds: 4, joules: 200),
            Of("theirs", BenchmarkNetwork.HoverFast, "dense.svs", tissue: 1, slide: 10, seconds: 50, joules: 2500) with { IsPart = true },
            Of("ours", BenchmarkNetwork.Student, "ordinary.svs", tissue: 2, slide: 30, seconds: 2, joules: 100),
            Of("theirs", BenchmarkNetwork.HoverFast, "ordinary.svs", tissue: 2, slide: 30, seconds: 80, joules: 4000),
        ];
        var table = new BenchmarkTable(BenchmarkResult.Parse(BenchmarkResult.ToJson(results)));

        var rows = table.Rows.Select(r => BenchmarkTable.Columns.Zip(r).ToDictionary(c => c.First, c => c.Second)).ToList();

        Assert.Equal(["2.0", "0.020", "1.0", "0.025"], rows.Select(r => r["mm2/s"]));
        Assert.Equal(["2.5", "-", "15.0", "0.375"], rows.Select(r => r["slide mm2/s"]));
        Assert.Equal(["25.0", "2500", "50.0", "2000"], rows.Select(r => r["J/mm2"]));
        Assert.Equal(["100", "1.0", "40.0", "1.0"], rows.Select(r => r["x HoverFast"]));
        Assert.Contains("energy of all processors by RAPL", table.Footnote(), StringComparison.Ordinal);
        Assert.Contains(">ours, ordinary.svs<", table.ToSvg(), StringComparison.Ordinal);
        Assert.Equal(table.ToMarkdown().Split('\n')[0].Count(c => c == '|'), table.ToMarkdown().Split('\n')[1].Count(c => c == '|'));
    }

    [Fact]
    public void EnergyThatCantBeReadIsSaidToBeSo()
    {
        var table = new BenchmarkTable([Of("ours", BenchmarkNetwork.Student, "dense.svs", tissue: 8, slide: 10, seconds: 4, joules: null)]);

        Assert.Equal("-", table.Rows.Single()[BenchmarkTable.Columns.ToList().IndexOf("J/mm2")]);
        Assert.Contains("J/mm2: not readable here", table.Footnote(), StringComparison.Ordinal);
    }

    /// <summary>Two packages, one of whose counters begins anew; the parts of a package are counted in it.</summary>
    [Fact]
    public void CountersOfAllPackagesAreAddedUp()
    {
        using var folder = new TemporaryFolder();
        Assert.Null(ProcessorEnergy.Begin(folder.File("none")));
        Assert.Null(ProcessorEnergy.Begin(folder.Path));
        Set("intel-rapl:0", "energy_uj", 5_000_000);
        Set("intel-rapl:0:0", "energy_uj", 1_000_000);
        Set("intel-rapl:1", "energy_uj", 90_000_000);
        Set("intel-rapl:1", "max_energy_range_uj", 100_000_000);
        var energy = ProcessorEnergy.Begin(folder.Path)!;

        Set("intel-rapl:0", "energy_uj", 7_500_000);
        Set("intel-rapl:0:0", "energy_uj", 2_000_000);
        Set("intel-rapl:1", "energy_uj", 20_000_000);

        Assert.Equal(2.5 + 30, energy.Joules()!.Value, 6);
        File.Delete(folder.File("intel-rapl:1/max_energy_range_uj"));
        Assert.Null(energy.Joules());

        void Set(string package, string name, long value)
        {
            Directory.CreateDirectory(folder.File(package));
            File.WriteAllText(Path.Combine(folder.File(package), name), $"{value}\n");
        }
    }

    private static BenchmarkResult Of(string model, BenchmarkNetwork network, string name, double tissue, double slide, double seconds, double? joules) => new()
    {
        Model = model,
        Slide = name,
        Network = network,
        MultiplyAddsPerPixel = 1,
        Mpp = 0.5,
        Precision = "int8",
        Engine = "",
        Device = "cpu",
        Threads = 1,
        SquareMillimetres = tissue,
        SlideSquareMillimetres = slide,
        IsPart = false,
        Pixels = 1,
        Seconds = seconds,
        CpuSeconds = seconds,
        Joules = joules,
        Nuclei = 1,
        PeakMemoryBytes = 1,
        StageSeconds = Enum.GetValues<Stage>().ToDictionary(s => s, _ => 1.0),
    };
}
