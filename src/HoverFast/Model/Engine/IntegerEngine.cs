using System.Collections.Concurrent;
using HoverFast.Model.Onnx;
using HoverFast.Slides;

namespace HoverFast.Model.Engine;

/// <summary>
/// Runs quantised students of <see cref="StudentGraph"/> in whole numbers. Inside the network it computes what
/// ONNX Runtime computes, bit for bit; first and last convolution, whose weights are floats in the file, take weights of 15 bits, so that
/// the maps differ from ONNX Runtime's by rounding. The same picture gives the same maps on every machine and thread. Thread safe.
/// </summary>
internal sealed class IntegerEngine
{
    private readonly EngineProgram _program;
    private readonly ConvolutionKernel _kernel;
    private readonly ConcurrentBag<EngineRun> _runs = [];

    private IntegerEngine(EngineProgram program, ConvolutionKernel kernel)
    {
        _program = program;
        _kernel = kernel;
        Stride = program.Steps.Max(s => s.Scale);
        OutputStride = program.Steps[program.Head.Source].Scale / program.Head.Subpixels;
    }

    /// <summary>What computes the convolutions.</summary>
    public string Kernel => _kernel.Name;

    /// <summary>Sides of a picture are multiples of this.</summary>
    public int Stride { get; }

    /// <summary>Pixels of the picture on a side of a pixel of the maps.</summary>
    public int OutputStride { get; }

    /// <summary>Whether the network tells nucleus types.</summary>
    public bool TellsTypes => _program.Types is not null;

    /// <summary>Takes a network over.</summary>
    /// <param name="graph">The quantised graph.</param>
    /// <param name="kernel">What computes the convolutions.</param>
    /// <returns>The engine, or null where the graph is of another kind.</returns>
    public static IntegerEngine? TryCreate(OnnxGraph graph, ConvolutionKernel kernel) =>
        EngineProgram.Read(graph, kernel) is { } program ? new IntegerEngine(program, kernel) : null;

    /// <summary>Maps for the network's answers to a picture, types included where it tells them.</summary>
    public NucleusMaps NewMaps(RgbImage picture)
    {
        var (width, height) = (picture.Width / OutputStride, picture.Height / OutputStride);
        return new NucleusMaps(width, height, types: TellsTypes ? new byte[width * height] : null);
    }

    /// <summary>Runs the network.</summary>
    /// <param name="picture">Its sides are multiples of the network's stride.</param>
    /// <param name="maps">Maps of the size that the network gives.</param>
    /// <exception cref="ArgumentException">One of them has another size, or the maps have no place for types that the network tells.</exception>
    public void Run(RgbImage picture, NucleusMaps maps)
    {
        if (picture.Width % Stride != 0
            || picture.Height % Stride != 0
            || maps.Width != picture.Width / OutputStride
            || maps.Height != picture.Height / OutputStride)
        {
            throw new ArgumentException(
                $"Maps of {maps.Width} x {maps.Height} don't suit a picture of {picture.Width} x {picture.Height}, whose sides are multiples of {Stride}.",
                nameof(maps));
        }

        if (TellsTypes && maps.Types is null)
        {
            throw new ArgumentException("The network tells types, for which the maps have no place.", nameof(maps));
        }

        var run = Take();
        run.Run(picture, maps);
        Return(run);
    }

    /// <summary>Begins a run that is shown a picture in bands.</summary>
    /// <param name="width">Pixels in a row, a multiple of the network's stride.</param>
    /// <param name="height">Rows, likewise.</param>
    /// <exception cref="ArgumentException">A side is no multiple of the stride.</exception>
    public BandRun StartBands(int width, int height)
    {
        if (width % Stride != 0 || height % Stride != 0)
        {
            throw new ArgumentException($"The sides of a picture are multiples of {Stride}, not {width} x {height}.");
        }

        var run = Take();
        run.Start(width, height);
        return new BandRun(this, run);
    }

    /// <summary>Keeps a run's memory for the next.</summary>
    internal void Return(EngineRun run) => _runs.Add(run);

    private EngineRun Take() => _runs.TryTake(out var free) ? free : new EngineRun(_program, _kernel);
}
