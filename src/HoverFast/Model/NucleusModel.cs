using System.Collections.Concurrent;
using HoverFast.Model.Engine;
using HoverFast.Model.Onnx;
using HoverFast.Slides;

namespace HoverFast.Model;

/// <summary>
/// A network ready to run on the CPU: quantised students in an engine of our own where a kernel fits the processor, all else in ONNX
/// Runtime. The graph takes <c>image</c>, uint8 [1, H, W, 3] RGB, and gives <c>probability</c>, uint8 [1, 1, h, w], and <c>hv</c>, int8 [1, 2, h, w]
/// (horizontal, vertical), on the scales of <see cref="NucleusMaps"/>; graphs with nucleus types also <c>types</c>, uint8 [1, 1, h, w]. h = (H - 2 margin) /
/// output stride, w likewise. One instance serves any number of threads at once.
/// </summary>
public sealed class NucleusModel : IDisposable
{
    private readonly IntegerEngine? _engine;
    private readonly INetworkRunner? _runner;
    private readonly Lock _lifetime = new();
    private int _running;
    private bool _builtIn;
    private volatile bool _isDisposed;

    // Maps that are done with: fresh memory is dear.
    private readonly ConcurrentBag<NucleusMaps> _spare = [];
    private readonly ConcurrentBag<AugmentationBuffers> _buffers = [];

    /// <summary>A model that the integer engine runs.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="card">The network's card.</param>
    /// <param name="path">Its file or name.</param>
    internal NucleusModel(IntegerEngine engine, ModelCard card, string path)
    {
        _engine = engine;
        Card = card;
        Path = path;
        Engine = $"integer engine ({engine.Kernel})";
    }

    /// <summary>A model whose network another engine runs.</summary>
    /// <param name="runner">The engine; it becomes this model's own.</param>
    /// <param name="card">The network's card.</param>
    /// <param name="path">Its file or name.</param>
    internal NucleusModel(INetworkRunner runner, ModelCard card, string path)
    {
        _runner = runner;
        Card = card;
        Path = path;
        Engine = runner.Name;
    }

    /// <summary>The model's card.</summary>
    public ModelCard Card { get; }

    /// <summary>What runs the network, for people: "integer engine (AVX-512 VNNI)" or "ONNX Runtime 1.31.1".</summary>
    public string Engine { get; }

    /// <summary>
    /// Side of a tile, halo included, that suits the network: the integer engine takes little memory whatever the size, so that halos decide; ONNX
    /// Runtime holds whole layers; and a network of one input size takes whole patches.
    /// </summary>
    public int SuggestedTileSize
    {
        get
        {
            const int Large = 2048;
            const int Medium = 1024;
            if (Card.FixedInput is { } side)
            {
                var step = side - (2 * Card.Margin);
                return side + ((Math.Max(0, Medium - side) + step - 1) / step * step);
            }

            return _engine is null ? Medium : Large;
        }
    }

    /// <summary>What the maps' last bits depend on: kernels of the integer engine give the same bytes.</summary>
    internal string EngineKey => _runner?.Key ?? "integer";

    /// <summary>
    /// What tells this model from all others in the keys of results: the hash of its bytes and, where a card beside the file could have been edited, the
    /// card's numbers.
    /// </summary>
    internal string Identity => _builtIn ? Card.Sha256 : $"{Card.Sha256}; {Card.Numbers}";

    /// <summary>The file, or the name of the built-in model.</summary>
    public string Path { get; }

    /// <summary>Where it runs.</summary>
    public ComputeDevice Device { get; internal init; }

    /// <summary>
    /// The model that an adapted one began from, where it carries that: it segments slides whose tissue does not look like the tiles that were learned. Null
    /// for models that segment all slides themselves.
    /// </summary>
    internal NucleusModel? Start { get; init; }

    /// <summary>The numbers by which its own tissue is told from other, as JSON, where there is a <see cref="Start"/>.</summary>
    internal string? Tissue { get; init; }

    /// <summary>Loads a model and the card beside it.</summary>
    /// <param name="path">The ONNX file.</param>
    /// <param name="threadsPerRun">Threads that one <see cref="Run(RgbImage)"/> in ONNX Runtime uses; 1 is best when several tiles run at once.</param>
    /// <param name="onnxRuntime">Whether ONNX Runtime runs the network even where the integer engine could; it does on all devices but the processor.</param>
    /// <param name="device">Where it runs.</param>
    /// <exception cref="ModelException">The model or its card is missing, damaged, or they don't belong together; or the device can't be used.</exception>
    public static NucleusModel Load(string path, int threadsPerRun = 1, bool onnxRuntime = false, ComputeDevice device = ComputeDevice.Cpu)
    {
        ArgumentNullException.ThrowIfNull(path);
        return new ModelLoader(threadsPerRun, onnxRuntime, device).Load(path);
    }

    /// <summary>Loads the student that comes with the library.</summary>
    /// <param name="name">One of <see cref="BuiltIn"/>, or null for the default.</param>
    /// <param name="threadsPerRun">Threads that one <see cref="Run(RgbImage)"/> in ONNX Runtime uses.</param>
    /// <param name="onnxRuntime">Whether ONNX Runtime runs the network even where the integer engine could; it does on all devices but the processor.</param>
    /// <param name="device">Where it runs.</param>
    /// <exception cref="ModelException">There is no such model, or the device can't be used.</exception>
    public static NucleusModel LoadBuiltIn(string? name = null, int threadsPerRun = 1, bool onnxRuntime = false, ComputeDevice device = ComputeDevice.Cpu)
    {
        name ??= DefaultFor(device);
        var model = new ModelLoader(threadsPerRun, onnxRuntime, device).Load(BuiltInModels.Graph(name), BuiltInModels.Card(name), name);
        model._builtIn = true;
        return model;
    }

    /// <summary>Loads a built-in student that runs on one kernel of the integer engine, even where another is faster.</summary>
    internal static NucleusModel LoadBuiltIn(string name, ConvolutionKernel kernel) =>
        IntegerEngine.TryCreate(OnnxGraph.Parse(BuiltInModels.Graph(name), name), kernel) is { } engine
            ? new NucleusModel(engine, BuiltInModels.Card(name), name)
            : throw new ModelException(name, "the integer engine does not run it.");

    /// <summary>Name of the built-in model that is used where none is asked for.</summary>
    public static string DefaultName => "hoverfast-he";

    /// <summary>The built-in model for a device: processors are fastest in 8-bit integers, all others in floats.</summary>
    public static string DefaultFor(ComputeDevice device) => device == ComputeDevice.Cpu ? DefaultName : DefaultName + "-float32";

    /// <summary>The most views that <see cref="Run(RgbImage, int)"/> can average.</summary>
    public static int MostViews => TestTimeAugmentation.Most;

    /// <summary>Names of the models that come with the library.</summary>
    public static IReadOnlyList<string> BuiltIn => BuiltInModels.Names;

    /// <summary>
    /// Runs the network on a picture. A network that takes one size only (<see cref="ModelCard.FixedInput"/>) is run on patches of that size,
    /// side by side with the overlap that its margin asks for, and its maps are put together.
    /// </summary>
    /// <param name="image">A picture of the card's mpp; its sides are multiples of the card's stride, and at least the fixed input.</param>
    /// <returns>The maps, of (side - 2 margin) / output stride pixels.</returns>
    /// <exception cref="ArgumentException">The picture's size doesn't suit the network.</exception>
    /// <exception cref="ObjectDisposedException">The model was disposed of.</exception>
    public NucleusMaps Run(RgbImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        Check(image.Width);
        Check(image.Height);
        return Card.FixedInput is { } side && (image.Width != side || image.Height != side) ? RunPatches(image, side) : RunWhole(image);
    }

    /// <summary>
    /// Runs the network on several mirrored and turned views of a picture and takes the mean of its answers: more exact, and as many times slower.
    /// </summary>
    /// <param name="image">As for <see cref="Run(RgbImage)"/>.</param>
    /// <param name="views">1 to 8: the picture, mirrored, upside down, both; then the same with rows as columns. Nucleus types are those of the first.</param>
    /// <returns>As for <see cref="Run(RgbImage)"/>.</returns>
    /// <exception cref="ArgumentException">The picture's size doesn't suit the network, or there are no so many views.</exception>
    public NucleusMaps Run(RgbImage image, int views) => Run(image, views, tellsDisagreement: false);

    /// <summary>As <see cref="Run(RgbImage, int)"/>; of several views the maps also tell how far they disagree, where that is asked for.</summary>
    internal NucleusMaps Run(RgbImage image, int views, bool tellsDisagreement)
    {
        ArgumentNullException.ThrowIfNull(image);
        if (views == 1)
        {
            return Run(image);
        }

        var others = TestTimeAugmentation.First(views).Skip(1);
        var result = Run(image);
        var buffers = TakeBuffers(image.Size, new PixelSize(result.Width, result.Height), tellsDisagreement);
        buffers.Sums.Add(result);
        foreach (var view in others)
        {
            var turned = buffers.Picture(view);
            view.Apply(image, turned);
            var maps = Run(turned);
            view.Invert(maps, buffers.Inverted);
            buffers.Sums.Add(buffers.Inverted);
            Recycle(maps);
        }

        buffers.Sums.Mean(result);
        result.Disagreement = tellsDisagreement ? buffers.Sums.Disagreement() : null;
        _buffers.Add(buffers);
        return result;
    }

    private AugmentationBuffers TakeBuffers(PixelSize picture, PixelSize maps, bool tellsDisagreement)
    {
        if (_buffers.TryTake(out var buffers) && buffers.Suits(picture, maps, tellsDisagreement))
        {
            buffers.Sums.Clear();
            return buffers;
        }

        return new AugmentationBuffers(picture, maps, tellsDisagreement);
    }

    /// <summary>Whether <see cref="StartBands"/> can be had.</summary>
    internal bool RunsInBands => _engine is not null;

    /// <summary>Begins a run on a picture that is shown in bands of rows; null where the network takes pictures whole.</summary>
    /// <param name="width">Pixels in a row, a multiple of the card's stride.</param>
    /// <param name="height">Rows, likewise.</param>
    /// <exception cref="ObjectDisposedException">The model was disposed of.</exception>
    internal BandRun? StartBands(int width, int height)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        return _engine?.StartBands(width, height);
    }

    /// <summary>Gives the memory of maps back for the next run; nobody must touch them any more.</summary>
    internal void Recycle(NucleusMaps maps)
    {
        if (_engine is not null)
        {
            _spare.Add(maps);
        }
    }

    /// <summary>Refuses further runs; the network is freed once those under way have ended.</summary>
    public void Dispose()
    {
        Start?.Dispose();
        lock (_lifetime)
        {
            if (_isDisposed)
            {
                return;
            }

            _isDisposed = true;
            if (_running > 0)
            {
                return;
            }
        }

        _runner?.Dispose();
    }

    /// <summary>Begins a run in memory that isn't .NET's, and must not be freed before the run ends.</summary>
    private void Enter()
    {
        lock (_lifetime)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            _running++;
        }
    }

    private void Leave()
    {
        lock (_lifetime)
        {
            if (--_running > 0 || !_isDisposed)
            {
                return;
            }
        }

        _runner?.Dispose();
    }

    private NucleusMaps RunWhole(RgbImage image)
    {
        var (width, height) = MapSize(image);
        if (_engine is not null)
        {
            var maps = _spare.TryTake(out var spare) && spare.Probability.Length >= width * height
                ? new NucleusMaps(width, height, spare.Probability, spare.Horizontal, spare.Vertical, spare.Types)
                : NewMaps(width, height);
            _engine.Run(image, maps);
            return maps;
        }

        Enter();
        try
        {
            var maps = NewMaps(width, height);
            _runner!.Run(image, maps);
            return maps;
        }
        finally
        {
            Leave();
        }
    }

    private NucleusMaps NewMaps(int width, int height) => new(width, height, types: Card.Types is null ? null : new byte[width * height]);

    private NucleusMaps RunPatches(RgbImage image, int side)
    {
        var (width, height) = MapSize(image);
        var maps = NewMaps(width, height);
        var patch = new RgbImage(side, side);
        foreach (var top in Starts(image.Height))
        {
            foreach (var left in Starts(image.Width))
            {
                for (var y = 0; y < side; y++)
                {
                    image.Row(top + y).Slice(left * 3, side * 3).CopyTo(patch.Row(y));
                }

                var part = RunWhole(patch);
                part.CopyBlock(0, 0, part.Width, part.Height, maps, left / Card.OutputStride, top / Card.OutputStride);
            }
        }

        return maps;

        // Patches whose maps touch; the last one ends with the picture and covers some of the one before.
        IEnumerable<int> Starts(int length)
        {
            var step = side - (2 * Card.Margin);
            for (var start = 0; start < length - side; start += step)
            {
                yield return start;
            }

            yield return length - side;
        }
    }

    private (int Width, int Height) MapSize(RgbImage image) =>
        ((image.Width - (2 * Card.Margin)) / Card.OutputStride, (image.Height - (2 * Card.Margin)) / Card.OutputStride);

    private void Check(int side)
    {
        if (side % Card.Stride != 0 || side <= 2 * Card.Margin || side < Card.FixedInput)
        {
            throw new ArgumentException(
                side < Card.FixedInput
                    ? $"The network takes pictures of {Card.FixedInput} pixels and more, not {side}."
                    : $"The sides of a picture are multiples of {Card.Stride}, not {side}.");
        }
    }
}
