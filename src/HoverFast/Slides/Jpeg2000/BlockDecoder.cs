using System.Runtime.CompilerServices;

namespace HoverFast.Slides.Jpeg2000;

/// <summary>
/// Decodes the bit planes of one code-block (T.800 annexes C and D): an adaptive arithmetic decoder, and three passes a plane that choose its
/// contexts from the neighbours. One instance serves one thread.
/// </summary>
internal sealed class BlockDecoder
{
    private const int RunContext = 17;
    private const int UniformContext = 18;

    // What is known of a coefficient's neighbours and of itself. The first eight bits index the context table.
    private const int NorthEast = 0x01;
    private const int SouthEast = 0x02;
    private const int SouthWest = 0x04;
    private const int NorthWest = 0x08;
    private const int North = 0x10;
    private const int East = 0x20;
    private const int South = 0x40;
    private const int West = 0x80;
    private const int Neighbours = 0xFF;
    private const int NorthNegative = 0x100;
    private const int EastNegative = 0x200;
    private const int SouthNegative = 0x400;
    private const int WestNegative = 0x800;
    private const int Significant = 0x1000;
    private const int Refined = 0x2000;
    private const int Visited = 0x4000;
    private const int AllSouth = South | SouthEast | SouthWest | SouthNegative;

    private static readonly byte[][] _zeroContexts = [MakeZeroContexts(0), MakeZeroContexts(1), MakeZeroContexts(2), MakeZeroContexts(3)];
    private static readonly byte[] _signContexts = MakeSignContexts();
    private static readonly (ushort Qe, byte NextMps, byte NextLps, bool Switch)[] _spec = MakeStates();

    // A context's state: index into the tables times two plus its more probable symbol.
    private static readonly uint[] _probability = [.. Enumerable.Range(0, 94).Select(s => (uint)_spec[s / 2].Qe)];
    private static readonly byte[] _afterMps = [.. Enumerable.Range(0, 94).Select(s => (byte)((_spec[s / 2].NextMps * 2) + (s & 1)))];
    private static readonly byte[] _afterLps =
    [
        .. Enumerable.Range(0, 94).Select(s => (byte)((_spec[s / 2].NextLps * 2) + ((s & 1) ^ (_spec[s / 2].Switch ? 1 : 0)))),
    ];

    private readonly byte[] _contexts = new byte[19];
    private int[] _flags = [];
    private byte[] _data = [];
    private int _at;
    private uint _c;
    private uint _a;
    private int _count;

    /// <summary>Decodes a block.</summary>
    /// <param name="data">The block's bytes followed by at least two bytes of 0xFF.</param>
    /// <param name="passes">Coding passes to run.</param>
    /// <param name="planes">Bit planes that aren't known to be zero, at most 30.</param>
    /// <param name="orientation">0 LL, 1 HL, 2 LH, 3 HH.</param>
    /// <param name="styleFlags">Variants (<see cref="CodingStyle"/>).</param>
    /// <param name="width">Coefficients in a row.</param>
    /// <param name="height">Rows.</param>
    /// <param name="values">Takes twice the coefficients, rows without padding; the middle of what remains uncertain. Must be zero.</param>
    public void Decode(byte[] data, int passes, int planes, int orientation, int styleFlags, int width, int height, Span<int> values)
    {
        _data = data;
        var length = (width + 2) * (height + 2);
        if (_flags.Length < length)
        {
            _flags = new int[length];
        }
        else
        {
            Array.Clear(_flags, 0, length);
        }

        ResetContexts();
        StartArithmetic();
        var zero = _zeroContexts[orientation];
        var causal = (styleFlags & CodingStyle.IsVerticallyCausal) != 0;
        var plane = planes - 1;
        var kind = 2;
        for (var pass = 0; pass < passes && plane >= 0; pass++)
        {
            switch (kind)
            {
                case 0:
                    SignificancePass(zero, causal, plane, width, height, values);
                    break;
                case 1:
                    RefinementPass(causal, plane, width, height, values);
                    break;
                default:
                    CleanupPass(zero, causal, plane, width, height, values);
                    if ((styleFlags & CodingStyle.HasSegmentSymbols) != 0)
                    {
                        for (var i = 0; i < 4; i++)
                        {
                            _ = Bit(UniformContext);
                        }
                    }

                    break;
            }

            if ((styleFlags & CodingStyle.ResetsContexts) != 0)
            {
                ResetContexts();
            }

            if (++kind == 3)
            {
                kind = 0;
                plane--;
            }
        }
    }

    private void SignificancePass(byte[] zero, bool causal, int plane, int width, int height, Span<int> values)
    {
        var stride = width + 2;
        var flags = _flags;
        for (var top = 0; top < height; top += 4)
        {
            var bottom = Math.Min(top + 4, height);
            for (var x = 0; x < width; x++)
            {
                var f = ((top + 1) * stride) + x + 1;
                for (var y = top; y < bottom; y++, f += stride)
                {
                    var flag = Seen(flags[f], causal, y - top);
                    if ((flag & Significant) != 0 || (flag & Neighbours) == 0)
                    {
                        continue;
                    }

                    if (Bit(zero[flag & Neighbours]) != 0)
                    {
                        BecomeSignificant(f, stride, flag, ref values[(y * width) + x], plane);
                    }

                    flags[f] |= Visited;
                }
            }
        }
    }

    private void RefinementPass(bool causal, int plane, int width, int height, Span<int> values)
    {
        var stride = width + 2;
        var flags = _flags;
        var half = 1 << plane;
        for (var top = 0; top < height; top += 4)
        {
            var bottom = Math.Min(top + 4, height);
            for (var x = 0; x < width; x++)
            {
                var f = ((top + 1) * stride) + x + 1;
                for (var y = top; y < bottom; y++, f += stride)
                {
                    if ((flags[f] & (Significant | Visited)) != Significant)
                    {
                        continue;
                    }

                    var flag = Seen(flags[f], causal, y - top);
                    var context = (flag & Refined) != 0 ? 16 : (flag & Neighbours) != 0 ? 15 : 14;
                    ref var value = ref values[(y * width) + x];
                    var change = Bit(context) != 0 ? half : -half;
                    value += value < 0 ? -change : change;
                    flags[f] |= Refined;
                }
            }
        }
    }

    private void CleanupPass(byte[] zero, bool causal, int plane, int width, int height, Span<int> values)
    {
        var stride = width + 2;
        var flags = _flags;
        for (var top = 0; top < height; top += 4)
        {
            var bottom = Math.Min(top + 4, height);
            for (var x = 0; x < width; x++)
            {
                var f = ((top + 1) * stride) + x + 1;
                var y = top;
                var known = false;
                if (bottom - top == 4
                    && (
                        (flags[f] | flags[f + stride] | flags[f + (2 * stride)] | Seen(flags[f + (3 * stride)], causal, 3))
                        & (Significant | Visited | Neighbours)) == 0)
                {
                    if (Bit(RunContext) == 0)
                    {
                        continue;
                    }

                    var run = (Bit(UniformContext) << 1) | Bit(UniformContext);
                    y += run;
                    f += run * stride;
                    known = true;
                }

                for (; y < bottom; y++, f += stride)
                {
                    var flag = Seen(flags[f], causal, y - top);
                    if (known || (flag & (Significant | Visited)) == 0)
                    {
                        if (known || Bit(zero[flag & Neighbours]) != 0)
                        {
                            BecomeSignificant(f, stride, flag, ref values[(y * width) + x], plane);
                        }

                        known = false;
                    }

                    flags[f] &= ~Visited;
                }
            }
        }
    }

    /// <summary>With vertical causality, the last row of a stripe doesn't see the next stripe.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Seen(int flag, bool causal, int rowInStripe) => causal && rowInStripe == 3 ? flag & ~AllSouth : flag;

    private void BecomeSignificant(int f, int stride, int flag, ref int value, int plane)
    {
        var sign = _signContexts[(flag >> 4) & 0xFF];
        var negative = Bit(sign & 0x1F) ^ (sign >> 7);
        var magnitude = 3 << plane;
        value = negative != 0 ? -magnitude : magnitude;
        var flags = _flags;
        flags[f] |= Significant;
        flags[f - 1] |= East | (negative * EastNegative);
        flags[f + 1] |= West | (negative * WestNegative);
        flags[f + stride] |= North | (negative * NorthNegative);
        flags[f + stride - 1] |= NorthEast;
        flags[f + stride + 1] |= NorthWest;
        flags[f - stride] |= South | (negative * SouthNegative);
        flags[f - stride - 1] |= SouthEast;
        flags[f - stride + 1] |= SouthWest;
    }

    private void ResetContexts()
    {
        Array.Clear(_contexts);
        _contexts[0] = 4 * 2;
        _contexts[RunContext] = 3 * 2;
        _contexts[UniformContext] = 46 * 2;
    }

    private void StartArithmetic()
    {
        _at = 0;
        _c = (uint)_data[0] << 16;
        NextByte();
        _c <<= 7;
        _count -= 7;
        _a = 0x8000;
    }

    private void NextByte()
    {
        if (_data[_at] == 0xFF)
        {
            if (_data[_at + 1] > 0x8F)
            {
                _c += 0xFF00;
                _count = 8;
            }
            else
            {
                _at++;
                _c += (uint)_data[_at] << 9;
                _count = 7;
            }
        }
        else
        {
            _at++;
            _c += (uint)_data[_at] << 8;
            _count = 8;
        }
    }

    /// <summary>The next decision in a context.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int Bit(int context)
    {
        int state = _contexts[context];
        var qe = _probability[state];
        _a -= qe;
        if (_c >> 16 >= qe)
        {
            _c -= qe << 16;
            return (_a & 0x8000) != 0 ? state & 1 : MoreProbable(context, state, qe);
        }

        return LessProbable(context, state, qe);
    }

    private int MoreProbable(int context, int state, uint qe)
    {
        var exchange = _a < qe;
        _contexts[context] = exchange ? _afterLps[state] : _afterMps[state];
        Renormalise();
        return (state & 1) ^ (exchange ? 1 : 0);
    }

    private int LessProbable(int context, int state, uint qe)
    {
        var exchange = _a < qe;
        _a = qe;
        _contexts[context] = exchange ? _afterMps[state] : _afterLps[state];
        Renormalise();
        return (state & 1) ^ (exchange ? 0 : 1);
    }

    private void Renormalise()
    {
        do
        {
            if (_count == 0)
            {
                NextByte();
            }

            _a <<= 1;
            _c <<= 1;
            _count--;
        }
        while ((_a & 0x8000) == 0);
    }

    /// <summary>Table D.1.</summary>
    private static byte[] MakeZeroContexts(int orientation)
    {
        var table = new byte[256];
        for (var f = 0; f < 256; f++)
        {
            var h = Is(f, West) + Is(f, East);
            var v = Is(f, North) + Is(f, South);
            var d = Is(f, NorthEast) + Is(f, NorthWest) + Is(f, SouthEast) + Is(f, SouthWest);
            if (orientation == 1)
            {
                (h, v) = (v, h);
            }

            table[f] = (byte)(orientation == 3
                ? d switch
                {
                    >= 3 => 8,
                    2 => h + v >= 1 ? 7 : 6,
                    1 => h + v >= 2 ? 5 : h + v == 1 ? 4 : 3,
                    _ => Math.Min(h + v, 2),
                }
                : h switch
                {
                    2 => 8,
                    1 => v >= 1 ? 7 : d >= 1 ? 6 : 5,
                    _ => v == 2 ? 4 : v == 1 ? 3 : Math.Min(d, 2),
                });
        }

        return table;

        static int Is(int flags, int bit) => (flags & bit) != 0 ? 1 : 0;
    }

    /// <summary>Tables D.2 and D.3, by the flags from <see cref="North"/> to <see cref="WestNegative"/>; the highest bit flips the sign.</summary>
    private static byte[] MakeSignContexts()
    {
        var table = new byte[256];
        for (var f = 0; f < 256; f++)
        {
            var h = Math.Clamp(Sign(f, East >> 4, EastNegative >> 4) + Sign(f, West >> 4, WestNegative >> 4), -1, 1);
            var v = Math.Clamp(Sign(f, North >> 4, NorthNegative >> 4) + Sign(f, South >> 4, SouthNegative >> 4), -1, 1);
            var flip = h < 0 || (h == 0 && v < 0);
            if (flip)
            {
                (h, v) = (-h, -v);
            }

            var context = h == 1 ? 12 + v : 9 + v;
            table[f] = (byte)(context | (flip ? 0x80 : 0));
        }

        return table;

        static int Sign(int flags, int significant, int negative) => (flags & significant) == 0 ? 0 : (flags & negative) == 0 ? 1 : -1;
    }

    /// <summary>Table C.2.</summary>
    private static (ushort Qe, byte NextMps, byte NextLps, bool Switch)[] MakeStates() =>
    [
        (0x5601, 1, 1, true), (0x3401, 2, 6, false), (0x1801, 3, 9, false), (0x0AC1, 4, 12, false), (0x0521, 5, 29, false), (0x0221, 38, 33, false),
        (0x5601, 7, 6, true), (0x5401, 8, 14, false), (0x4801, 9, 14, false), (0x3801, 10, 14, false), (0x3001, 11, 17, false), (0x2401, 12, 18, false),
        (0x1C01, 13, 20, false), (0x1601, 29, 21, false), (0x5601, 15, 14, true), (0x5401, 16, 14, false), (0x5101, 17, 15, false), (0x4801, 18, 16, false),
        (0x3801, 19, 17, false), (0x3401, 20, 18, false), (0x3001, 21, 19, false), (0x2801, 22, 19, false), (0x2401, 23, 20, false), (0x2201, 24, 21, false),
        (0x1C01, 25, 22, false), (0x1801, 26, 23, false), (0x1601, 27, 24, false), (0x1401, 28, 25, false), (0x1201, 29, 26, false), (0x1101, 30, 27, false),
        (0x0AC1, 31, 28, false), (0x09C1, 32, 29, false), (0x08A1, 33, 30, false), (0x0521, 34, 31, false), (0x0441, 35, 32, false), (0x02A1, 36, 33, false),
        (0x0221, 37, 34, false), (0x0141, 38, 35, false), (0x0111, 39, 36, false), (0x0085, 40, 37, false), (0x0049, 41, 38, false), (0x0025, 42, 39, false),
        (0x0015, 43, 40, false), (0x0009, 44, 41, false), (0x0005, 45, 42, false), (0x0001, 45, 43, false), (0x5601, 46, 46, false),
    ];
}
