using BenchmarkDotNet.Attributes;
using HoverFast.Slides;

namespace HoverFast.Benchmarks;

/// <summary>From a level's pixels to the working grid, 1024 x 1024 of them: halving, and averaging over areas by an odd ratio.</summary>
public class ResampleBenchmarks
{
    private const int Side = 1024;
    private const double OddRatio = 1.37;
    private readonly RgbImage _target = new(Side, Side);
    private RgbImage _double = new(1, 1);
    private RgbImage _odd = new(1, 1);
    private Resampler.Kernel? _kernel;
    private ushort[] _middle = [];

    [Params(true, false)]
    public bool Vectors { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _double = new RgbImage(2 * Side, 2 * Side);
        new Random(1).NextBytes(_double.Span);
        var width = (int)Math.Ceiling(Side * OddRatio) + 4;
        _odd = new RgbImage(width, width);
        new Random(2).NextBytes(_odd.Span);
        _kernel = Resampler.Kernel.Make(0, Side, OddRatio, width, Side);
        _middle = new ushort[(Side * 3 * width) + 8];
    }

    [Benchmark]
    public void Halve()
    {
        for (var y = 0; y < Side; y++)
        {
            Resampler.Halve(_double.Row(2 * y), _double.Row((2 * y) + 1), _target.Row(y), Vectors);
        }
    }

    [Benchmark]
    public void AverageByAnOddRatio() => Resampler.Resample(_odd, 0, 0, _kernel!, _kernel!, 0, Side, _middle, _target, Vectors);
}
