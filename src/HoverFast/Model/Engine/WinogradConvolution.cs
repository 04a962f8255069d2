using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace HoverFast.Model.Engine;

/// <summary>
/// Convolutions of side 3 and stride 1 by Winograd's minimal filtering (Lavin and Gray, arXiv 1509.09308: F(2x2, 3x3)): 16 products for four
/// pixels instead of 36. In whole numbers, with weights four times as large, and so exact: the sums are those of any kernel. They need words,
/// not bytes, so it pays where the processor has no dot products of bytes.
/// </summary>
internal static unsafe class WinogradConvolution
{
    /// <summary>Channels beyond which four times a sum might not fit 32 bits.</summary>
    public const int MostInputs = 1024;

    // A tile is two by two pixels of the result, from four by four of the source.
    private const int Side = 4;
    private const int Products = Side * Side;
    private const int BlockTiles = 5;
    private const int ChunkTiles = 4 * BlockTiles;
    private const int Lanes = ConvolutionKernel.GroupChannels;

    // From one product's sums to the next's, and from one row of products to the next.
    private const int Product = ChunkTiles * Lanes;
    private const int ProductRow = Side * Product;

    /// <summary>Whether a convolution can be done so.</summary>
    public static bool Suits(int inputs, int side, bool wide) => side == 3 && !wide && inputs % Lanes == 0 && inputs <= MostInputs;

    /// <summary>Room for <see cref="ConvolveTwoRows"/>.</summary>
    public static int ScratchBytes(int inputs) =>
        ChunkTiles * Products * ((inputs * sizeof(short)) + (Lanes * sizeof(int))) + (2 * 2 * ChunkTiles * Lanes * sizeof(int));

    /// <summary>Transforms weights: by groups of 16 output channels, then product, pair of input channels, output channel.</summary>
    /// <param name="weights">(out, in, 3, 3), row-major, -127 to 127.</param>
    /// <param name="outputs">Output channels.</param>
    /// <param name="inputs">Input channels.</param>
    public static AlignedMemory Transform(ReadOnlySpan<int> weights, int outputs, int inputs)
    {
        var groups = (outputs + Lanes - 1) / Lanes;
        var result = new AlignedMemory((nint)groups * Lanes * inputs * Products * sizeof(short));
        Span<int> columns = stackalloc int[3 * Side];
        for (var o = 0; o < outputs; o++)
        {
            for (var i = 0; i < inputs; i++)
            {
                var w = weights.Slice(((o * inputs) + i) * 9, 9);
                for (var column = 0; column < 3; column++)
                {
                    var (upper, middle, lower) = (w[column], w[3 + column], w[6 + column]);
                    ((ReadOnlySpan<int>)[2 * upper, upper + middle + lower, upper - middle + lower, 2 * lower]).CopyTo(columns[(Side * column)..]);
                }

                for (var row = 0; row < Side; row++)
                {
                    var (left, middle, right) = (columns[row], columns[Side + row], columns[(2 * Side) + row]);
                    ReadOnlySpan<int> products = [2 * left, left + middle + right, left - middle + right, 2 * right];
                    for (var column = 0; column < Side; column++)
                    {
                        var at = (((((o / Lanes * Products) + (row * Side) + column) * (inputs / 2)) + (i / 2)) * Lanes) + (o % Lanes);
                        ((short*)result.Start)[(2 * at) + (i % 2)] = checked((short)products[column]);
                    }
                }
            }
        }

        return result;
    }

    /// <summary>Makes two rows of bytes.</summary>
    /// <param name="convolution">The convolution, packed for a kernel that transforms weights.</param>
    /// <param name="rows">The four rows of the source under them, from the border's pixel on; one pixel behind the right border may be read.</param>
    /// <param name="inputs">Bytes of a pixel of the source.</param>
    /// <param name="upper">Takes the upper row.</param>
    /// <param name="lower">Takes the lower row.</param>
    /// <param name="width">Pixels of a row.</param>
    /// <param name="zeroPoint">The byte that stands for 0.</param>
    /// <param name="scratch">Room of <see cref="ScratchBytes"/>.</param>
    public static void ConvolveTwoRows(
        PackedConvolution convolution,
        byte** rows,
        int inputs,
        byte* upper,
        byte* lower,
        int width,
        byte zeroPoint,
        byte* scratch)
    {
        var channels = convolution.Outputs;
        var transformed = (short*)scratch;
        var products = (int*)(transformed + (ChunkTiles * Products * inputs));
        var sums = products + (ChunkTiles * Products * Lanes);
        for (var x = 0; x < width; x += 2 * ChunkTiles)
        {
            var pixels = Math.Min(2 * ChunkTiles, width - x);
            var tiles = (pixels + 1) / 2;
            for (var tile = 0; tile < tiles; tile++)
            {
                TransformTile(rows, (nint)(x + (2 * tile)) * inputs, inputs, transformed + (tile * inputs));
            }

            for (var group = 0; group < convolution.Groups; group++)
            {
                Multiply(transformed, convolution.TransformedWeights(group), inputs, tiles, products);
                for (var tile = 0; tile < tiles; tile++)
                {
                    Sum(products + (tile * Lanes), sums + (2 * tile * Lanes), sums + (2 * (ChunkTiles + tile) * Lanes));
                }

                var first = group * Lanes;
                RowArithmetic.Requantize(
                    sums,
                    Lanes,
                    pixels,
                    convolution.Offsets + first,
                    convolution.Factors + first,
                    zeroPoint,
                    upper + ((nint)x * channels) + first,
                    channels);
                RowArithmetic.Requantize(
                    sums + (2 * ChunkTiles * Lanes),
                    Lanes,
                    pixels,
                    convolution.Offsets + first,
                    convolution.Factors + first,
                    zeroPoint,
                    lower + ((nint)x * channels) + first,
                    channels);
            }
        }
    }

    // A tile's 16 combinations of pixels, for all channels.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void TransformTile(byte** rows, nint offset, int inputs, short* result)
    {
        var product = ChunkTiles * inputs;
        for (var c = 0; c < inputs; c += Lanes)
        {
            var row0 = rows[0] + offset + c;
            var row1 = rows[1] + offset + c;
            var row2 = rows[2] + offset + c;
            var row3 = rows[3] + offset + c;
            var to = result + c;
            TransformRow(
                Words(row0) - Words(row2),
                Words(row0 + inputs) - Words(row2 + inputs),
                Words(row0 + (2 * inputs)) - Words(row2 + (2 * inputs)),
                Words(row0 + (3 * inputs)) - Words(row2 + (3 * inputs)),
                to,
                product);
            to += Side * product;
            TransformRow(
                Words(row1) + Words(row2),
                Words(row1 + inputs) + Words(row2 + inputs),
                Words(row1 + (2 * inputs)) + Words(row2 + (2 * inputs)),
                Words(row1 + (3 * inputs)) + Words(row2 + (3 * inputs)),
                to,
                product);
            to += Side * product;
            TransformRow(
                Words(row2) - Words(row1),
                Words(row2 + inputs) - Words(row1 + inputs),
                Words(row2 + (2 * inputs)) - Words(row1 + (2 * inputs)),
                Words(row2 + (3 * inputs)) - Words(row1 + (3 * inputs)),
                to,
                product);
            to += Side * product;
            TransformRow(
                Words(row1) - Words(row3),
                Words(row1 + inputs) - Words(row3 + inputs),
                Words(row1 + (2 * inputs)) - Words(row3 + (2 * inputs)),
                Words(row1 + (3 * inputs)) - Words(row3 + (3 * inputs)),
                to,
                product);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<short> Words(byte* bytes) => Avx2.ConvertToVector256Int16(bytes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void TransformRow(Vector256<short> a, Vector256<short> b, Vector256<short> c, Vector256<short> d, short* result, int product)
    {
        (a - c).Store(result);
        (b + c).Store(result + product);
        (c - b).Store(result + (2 * product));
        (b - d).Store(result + (3 * product));
    }

    // For each of the 16 products: tiles x input channels times input channels x 16 output channels.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Multiply(short* transformed, short* weights, int inputs, int tiles, int* products)
    {
        nint stride = inputs;
        for (var product = 0; product < Products; product++)
        {
            for (var tile = 0; tile < tiles; tile += BlockTiles)
            {
                Vector256<int> a0 = default, b0 = default, a1 = default, b1 = default, a2 = default, b2 = default;
                Vector256<int> a3 = default, b3 = default, a4 = default, b4 = default;
                var input = transformed + (((product * ChunkTiles) + tile) * stride);
                var far = input + (3 * stride);
                var weight = weights;
                var end = input + stride;
                do
                {
                    var first = Vector256.Load(weight);
                    var second = Vector256.Load(weight + Lanes);
                    var x = Avx2.BroadcastScalarToVector256((int*)input).AsInt16();
                    a0 += Avx2.MultiplyAddAdjacent(x, first);
                    b0 += Avx2.MultiplyAddAdjacent(x, second);
                    x = Avx2.BroadcastScalarToVector256((int*)(input + stride)).AsInt16();
                    a1 += Avx2.MultiplyAddAdjacent(x, first);
                    b1 += Avx2.MultiplyAddAdjacent(x, second);
                    x = Avx2.BroadcastScalarToVector256((int*)(input + (2 * stride))).AsInt16();
                    a2 += Avx2.MultiplyAddAdjacent(x, first);
                    b2 += Avx2.MultiplyAddAdjacent(x, second);
                    x = Avx2.BroadcastScalarToVector256((int*)far).AsInt16();
                    a3 += Avx2.MultiplyAddAdjacent(x, first);
                    b3 += Avx2.MultiplyAddAdjacent(x, second);
                    x = Avx2.BroadcastScalarToVector256((int*)(far + stride)).AsInt16();
                    a4 += Avx2.MultiplyAddAdjacent(x, first);
                    b4 += Avx2.MultiplyAddAdjacent(x, second);
                    weight += 2 * Lanes;
                    input += 2;
                    far += 2;
                }
                while (input < end);

                var to = products + (((product * ChunkTiles) + tile) * Lanes);
                a0.Store(to);
                b0.Store(to + 8);
                a1.Store(to + 16);
                b1.Store(to + 24);
                a2.Store(to + 32);
                b2.Store(to + 40);
                a3.Store(to + 48);
                b3.Store(to + 56);
                a4.Store(to + 64);
                b4.Store(to + 72);
            }

            weights += inputs * Lanes;
        }
    }

    // The sums of a tile's four pixels, for 16 channels.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Sum(int* products, int* upper, int* lower)
    {
        for (var c = 0; c < Lanes; c += Vector256<int>.Count)
        {
            var at = products + c;
            SumColumn(at, out var upper0, out var lower0);
            SumColumn(at + Product, out var upper1, out var lower1);
            SumColumn(at + (2 * Product), out var upper2, out var lower2);
            ((upper0 + upper1 + upper2) >> 2).Store(upper + c);
            ((lower0 + lower1 + lower2) >> 2).Store(lower + c);
            SumColumn(at + (3 * Product), out var upper3, out var lower3);
            ((upper1 - upper2 - upper3) >> 2).Store(upper + Lanes + c);
            ((lower1 - lower2 - lower3) >> 2).Store(lower + Lanes + c);
        }
    }

    // One column of products: what it adds to the upper and to the lower row.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void SumColumn(int* products, out Vector256<int> upper, out Vector256<int> lower)
    {
        var second = Vector256.Load(products + ProductRow);
        var third = Vector256.Load(products + (2 * ProductRow));
        upper = Vector256.Load(products) + second + third;
        lower = second - third - Vector256.Load(products + (3 * ProductRow));
    }
}
