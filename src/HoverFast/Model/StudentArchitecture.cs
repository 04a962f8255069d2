namespace HoverFast.Model;

/// <summary>
/// The shape of a student (or teacher) network: a U-Net (Ronneberger et al., MICCAI 2015) of plain 3x3 convolutions, each followed by
/// batch norm and ReLU, with max pooling on the way down, nearest upsampling and added skips on the way up, and one decoder that
/// gives nucleus probability and HV maps together. Level 0 is the finest.
/// </summary>
public sealed record StudentArchitecture
{
    /// <summary>The convolution over the features of the level below the branch's own.</summary>
    internal const string TypeDeep = TypePrefix + "deep";

    /// <summary>The convolution over the features of the branch's level.</summary>
    internal const string TypeSide = TypePrefix + "side";

    /// <summary>The convolution over the sum of both.</summary>
    internal const string TypeMix = TypePrefix + "mix";

    /// <summary>The convolution that gives a number for each type.</summary>
    internal const string TypeHead = TypePrefix + "head";

    private const string TypePrefix = "types.";

    /// <summary>Side of the block of input pixels that the first convolution takes together: 1 (full resolution) or 2 (half-resolution stem).</summary>
    public int Stem { get; init; } = 2;

    /// <summary>Side of the first convolution's kernel over those blocks: 3, or 5 to hold the 7x7 one of a ResNet.</summary>
    public int StemKernel { get; init; } = 3;

    /// <summary>Channels of each level, multiples of 16.</summary>
    public IReadOnlyList<int> Widths { get; init; } = [32, 64, 96, 128];

    /// <summary>Convolutions of each level on the way down; as many entries as <see cref="Widths"/>.</summary>
    public IReadOnlyList<int> EncoderConvolutions { get; init; } = [2, 2, 2, 2];

    /// <summary>Convolutions of each level on the way up, of levels 0 to n-2; with 0, what comes up and the skip are only added.</summary>
    public IReadOnlyList<int> DecoderConvolutions { get; init; } = [2, 2, 2];

    /// <summary>Whether pairs of convolutions of equal width carry a residual connection (He et al., CVPR 2016).</summary>
    public bool Residual { get; init; }

    /// <summary>
    /// Whether each level but the first begins with a residual block of stride 2 whose shortcut is a 1x1 convolution, as in ResNet (He et al.,
    /// CVPR 2016), in place of max pooling. Needs <see cref="Residual"/>.
    /// </summary>
    public bool StridedBlocks { get; init; }

    /// <summary>Input pixels on a side of one output pixel: 1 (maps at working resolution) or 2 (half resolution).</summary>
    public int OutputStride { get; init; } = 1;

    /// <summary>The branch that tells nucleus types, or null for a network without.</summary>
    public TypeBranch? Types { get; init; }

    /// <summary>Input sides must be a multiple of this many pixels.</summary>
    public int Stride => Stem << (Widths.Count - 1);

    /// <summary>Output pixels on a side that one pixel of level 0 gives: 1, or 2 where a half-resolution stem gives full-resolution maps.</summary>
    public int Subpixels => Stem / OutputStride;

    /// <summary>Output pixels on a side of one answer of the type branch.</summary>
    internal int TypeStride => (Stem << (Types?.Level ?? 0)) / OutputStride;

    /// <summary>Channels of the head that carry a meaning: probability, horizontal and vertical map for each subpixel.</summary>
    public int HeadChannels => 3 * Subpixels * Subpixels;

    /// <summary>The convolutions in the order in which the data passes them.</summary>
    public IEnumerable<Layer> Layers()
    {
        var depth = Widths.Count;
        for (var level = 0; level < depth; level++)
        {
            for (var i = 0; i < EncoderConvolutions[level]; i++)
            {
                var input = i > 0 ? Widths[level] : level > 0 ? Widths[level - 1] : 3 * Stem * Stem;
                var strided = StridedBlocks && level > 0 && i == 0;
                yield return new Layer($"encoder{level}.{i}", level, input, Widths[level], level + i == 0 ? StemKernel : 3, Normalised: true, strided ? 2 : 1);
                if (strided)
                {
                    yield return new Layer($"encoder{level}.shortcut", level, input, Widths[level], 1, Normalised: true, 2);
                }
            }
        }

        for (var level = depth - 2; level >= 0; level--)
        {
            yield return new Layer($"up{level}", level + 1, Widths[level + 1], Widths[level], 1, Normalised: true);
            for (var i = 0; i < DecoderConvolutions[level]; i++)
            {
                yield return new Layer($"decoder{level}.{i}", level, Widths[level], Widths[level], 3, Normalised: true);
            }
        }

        yield return new Layer("head", 0, Widths[0], HeadChannels, 1, Normalised: false);
        if (Types is { } types)
        {
            yield return new Layer(TypeDeep, types.Level + 1, Widths[types.Level + 1], types.Width, 3, Normalised: true);
            yield return new Layer(TypeSide, types.Level, Widths[types.Level], types.Width, 1, Normalised: true);
            yield return new Layer(TypeMix, types.Level, types.Width, types.Width, 3, Normalised: true);
            yield return new Layer(TypeHead, types.Level, types.Width, types.Count, 1, Normalised: false);
        }
    }

    /// <summary>Whether a layer belongs to the branch of nucleus types.</summary>
    internal static bool IsOfTypes(string layer) => layer.StartsWith(TypePrefix, StringComparison.Ordinal);

    /// <summary>
    /// Whether a convolution of a block and the one after it are a residual pair: what comes in, or its shortcut, is added to what they give.
    /// </summary>
    /// <param name="layers">The layers by name.</param>
    /// <param name="block">"encoder0", "decoder1" and so on.</param>
    /// <param name="index">Number of the convolution in its block.</param>
    internal bool StartsPair(IReadOnlyDictionary<string, Layer> layers, string block, int index)
    {
        var first = layers[$"{block}.{index}"];
        return Residual && layers.TryGetValue($"{block}.{index + 1}", out var second) && (first.Step > 1 || first.Inputs == second.Outputs);
    }

    /// <summary>Multiply-adds for one input pixel.</summary>
    public double MultiplyAddsPerPixel() => Layers().Sum(l =>
    {
        var pixels = Math.Pow(Stem << l.Level, 2);
        return l.Inputs * (double)l.Outputs * l.Kernel * l.Kernel / pixels;
    });

    /// <summary>Trained numbers: weights, and a scale and a shift for each output channel.</summary>
    public long Parameters() => Layers().Sum(l => ((long)l.Inputs * l.Outputs * l.Kernel * l.Kernel) + (l.Outputs * (l.Normalised ? 2L : 1L)));

    /// <summary>
    /// How far, in input pixels, an input pixel can influence an output pixel. A halo at least this wide makes the maps independent of the tile.
    /// </summary>
    public int ReceptiveRadius()
    {
        // Each 3x3 convolution reaches one pixel of its level further; pooling and upsampling reach at most one pixel of the finer level.
        // The branch of types reaches no further than the finer levels that it leaves out.
        var radius = Stem;
        foreach (var layer in Layers().Where(l => !IsOfTypes(l.Name)))
        {
            radius += layer.Kernel / 2 * (Stem << layer.Level);
        }

        for (var level = 0; level < Widths.Count - 1; level++)
        {
            radius += Stem << level;
        }

        return Types is { } types ? Math.Max(radius, TypeRadius(types)) : radius;
    }

    private int TypeRadius(TypeBranch types)
    {
        var radius = Stem;
        foreach (var layer in Layers().Where(l => l.Name.StartsWith("encoder", StringComparison.Ordinal) || IsOfTypes(l.Name) || l.Level > types.Level))
        {
            radius += layer.Kernel / 2 * (Stem << layer.Level);
        }

        // Upsampling as far as the branch's level, and pooling or strides on the way down.
        return radius + Enumerable.Range(0, Widths.Count - 1).Sum(level => Stem << level);
    }

    /// <summary>Checks the numbers.</summary>
    /// <exception cref="ArgumentException">They don't make a network; the message says which.</exception>
    public void Validate()
    {
        Require(Stem is 1 or 2, "stem is 1 or 2");
        Require(OutputStride is 1 or 2 && OutputStride <= Stem, "outputStride is 1, or 2 with stem 2");
        Require(StemKernel is 3 or 5, "stemKernel is 3 or 5");
        Require(Widths.Count is >= 2 and <= 8, "widths has two to eight levels");
        Require(Widths.All(w => w is > 0 and <= 4096 && w % 16 == 0), "widths are multiples of 16 up to 4096");
        Require(
            EncoderConvolutions.Count == Widths.Count && EncoderConvolutions.All(n => n is >= 1 and <= 64),
            "encoderConvolutions has one entry of 1 to 64 per level");
        Require(
            !StridedBlocks || (Residual && EncoderConvolutions.Skip(1).All(n => n >= 2)),
            "stridedBlocks needs residual, and two encoderConvolutions in each level but the first");
        Require(
            DecoderConvolutions.Count == Widths.Count - 1 && DecoderConvolutions.All(n => n is >= 0 and <= 64),
            "decoderConvolutions has one entry of 0 to 64 per level but the last");
        if (Types is { } types)
        {
            Require(types.Count is >= 2 and <= 16, "types.count is 2 to 16");
            Require(types.Width is > 0 and <= 4096 && types.Width % 16 == 0, "types.width is a multiple of 16 up to 4096");
            Require(types.Level >= 0 && types.Level < Widths.Count - 1, "types.level is that of a level above the coarsest one");
        }
    }

    private static void Require(bool holds, string rule)
    {
        if (!holds)
        {
            throw new ArgumentException($"Network configuration: {rule}.");
        }
    }

    /// <summary>One convolution of the network.</summary>
    /// <param name="Name">Its name in weight files.</param>
    /// <param name="Level">The level whose resolution it works at.</param>
    /// <param name="Inputs">Input channels.</param>
    /// <param name="Outputs">Output channels.</param>
    /// <param name="Kernel">Side of the kernel: 1, 3 or 5.</param>
    /// <param name="Normalised">Whether batch norm follows it.</param>
    /// <param name="Step">Input pixels from one output pixel to the next: 1, or 2 where it halves the resolution.</param>
    public sealed record Layer(string Name, int Level, int Inputs, int Outputs, int Kernel, bool Normalised, int Step = 1);
}
