using System.Buffers.Binary;
using System.Numerics;

namespace HoverFast.Output.Gzip;

/// <summary>Writes literals and matches as deflate blocks with codes of their own (RFC 1951, 3.2.7).</summary>
internal sealed class DeflateWriter(Stream target)
{
    /// <summary>The shortest and the longest match that the format knows, and the farthest.</summary>
    public const int ShortestMatch = 3;

    /// <summary>See <see cref="ShortestMatch"/>.</summary>
    public const int LongestMatch = 258;

    /// <summary>See <see cref="ShortestMatch"/>.</summary>
    public const int FarthestMatch = 1 << 15;

    private const int EndOfBlock = 256;
    private const int LengthCodes = 19;
    private static readonly byte[] _lengthOrder = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
    private static readonly (ushort Symbol, byte Extra, ushort Base)[] _lengths = MakeLengths();

    private readonly HuffmanCode _literals = new(286, 15);
    private readonly HuffmanCode _distances = new(30, 15);
    private readonly HuffmanCode _codeLengths = new(LengthCodes, 7);
    private readonly byte[] _buffer = new byte[(1 << 16) + sizeof(ulong)];

    // A literal is its byte; a match has its length less 3 in bits 16 to 23, its distance less 1 below, and the highest bit set.
    private uint[] _tokens = new uint[1 << 16];
    private int _tokenCount;
    private int _length;
    private ulong _bits;
    private int _bitCount;

    /// <summary>Adds a byte as it is.</summary>
    public void Literal(byte value)
    {
        Reserve();
        _tokens[_tokenCount++] = value;
        _literals.Frequencies[value]++;
    }

    /// <summary>Adds a repetition of what lies so far back.</summary>
    public void Match(int length, int distance)
    {
        Reserve();
        _tokens[_tokenCount++] = (1u << 31) | ((uint)(length - ShortestMatch) << 16) | (uint)(distance - 1);
        _literals.Frequencies[_lengths[length - ShortestMatch].Symbol]++;
        _distances.Frequencies[DistanceSymbol(distance - 1)]++;
    }

    /// <summary>Writes what was added as one block.</summary>
    public void EndBlock(bool last)
    {
        _literals.Frequencies[EndOfBlock]++;
        _literals.Make();
        _distances.Make();
        Put(last ? 1u : 0, 1);
        Put(2, 2);
        PutCodes();
        for (var i = 0; i < _tokenCount; i++)
        {
            var token = _tokens[i];
            if (token >> 31 == 0)
            {
                Put(_literals.Codes[token], _literals.Lengths[token]);
                continue;
            }

            var length = (int)((token >> 16) & 0xFF);
            var (symbol, extra, start) = _lengths[length];
            Put(_literals.Codes[symbol], _literals.Lengths[symbol]);
            Put((uint)(length - start), extra);
            var distance = (int)(token & 0xFFFF);
            var distanceSymbol = DistanceSymbol(distance);
            Put(_distances.Codes[distanceSymbol], _distances.Lengths[distanceSymbol]);
            var distanceExtra = Math.Max(0, (distanceSymbol >> 1) - 1);
            Put((uint)distance & ((1u << distanceExtra) - 1), distanceExtra);
        }

        Put(_literals.Codes[EndOfBlock], _literals.Lengths[EndOfBlock]);
        _tokenCount = 0;
    }

    /// <summary>Fills the last byte with zeros and hands everything on.</summary>
    public void Finish()
    {
        Put(0, (8 - (_bitCount & 7)) & 7);
        while (_bitCount > 0)
        {
            _buffer[_length++] = (byte)_bits;
            _bits >>= 8;
            _bitCount -= 8;
        }

        target.Write(_buffer, 0, _length);
        _length = 0;
    }

    /// <summary>Symbol of a distance less 1: two for each power of two, with the bits below as extra.</summary>
    private static int DistanceSymbol(int distance)
    {
        if (distance < 4)
        {
            return distance;
        }

        var log = BitOperations.Log2((uint)distance);
        return (2 * log) + ((distance >> (log - 1)) & 1);
    }

    private static (ushort, byte, ushort)[] MakeLengths()
    {
        var lengths = new (ushort, byte, ushort)[LongestMatch - ShortestMatch + 1];
        for (var n = 0; n < lengths.Length; n++)
        {
            // As for distances, but four symbols for each power of two.
            var log = n < 8 ? 0 : BitOperations.Log2((uint)n) - 2;
            lengths[n] = ((ushort)(257 + (4 * log) + (n >> log)), (byte)log, (ushort)(n >> log << log));
        }

        // The longest has a symbol of its own.
        lengths[^1] = (285, 0, LongestMatch - ShortestMatch);
        return lengths;
    }

    private void Reserve()
    {
        if (_tokenCount == _tokens.Length)
        {
            Array.Resize(ref _tokens, 2 * _tokens.Length);
        }
    }

    private void PutCodes()
    {
        // A block without matches still names one distance.
        var literals = LastUsed(_literals.Lengths, 257);
        var distances = LastUsed(_distances.Lengths, 1);
        Span<byte> lengths = stackalloc byte[286 + 30];
        _literals.Lengths.AsSpan(0, literals).CopyTo(lengths);
        _distances.Lengths.AsSpan(0, distances).CopyTo(lengths[literals..]);
        lengths = lengths[..(literals + distances)];
        Span<(byte Symbol, byte Extra)> runs = stackalloc (byte, byte)[286 + 30];
        var count = Compress(lengths, runs);
        foreach (var (symbol, _) in runs[..count])
        {
            _codeLengths.Frequencies[symbol]++;
        }

        _codeLengths.Make();
        var orders = LengthCodes;
        while (orders > 4 && _codeLengths.Lengths[_lengthOrder[orders - 1]] == 0)
        {
            orders--;
        }

        Put((uint)(literals - 257), 5);
        Put((uint)(distances - 1), 5);
        Put((uint)(orders - 4), 4);
        for (var i = 0; i < orders; i++)
        {
            Put(_codeLengths.Lengths[_lengthOrder[i]], 3);
        }

        foreach (var (symbol, extra) in runs[..count])
        {
            Put(_codeLengths.Codes[symbol], _codeLengths.Lengths[symbol]);
            Put(extra, symbol switch { 16 => 2, 17 => 3, 18 => 7, _ => 0 });
        }
    }

    /// <summary>Runs of equal lengths: 16 repeats the one before 3 to 6 times, 17 is 3 to 10 zeros, 18 is 11 to 138.</summary>
    private static int Compress(ReadOnlySpan<byte> lengths, Span<(byte Symbol, byte Extra)> runs)
    {
        var count = 0;
        for (var i = 0; i < lengths.Length;)
        {
            var run = 1;
            while (i + run < lengths.Length && lengths[i + run] == lengths[i])
            {
                run++;
            }

            if (lengths[i] == 0 && run >= 3)
            {
                run = Math.Min(run, 138);
                runs[count++] = run <= 10 ? ((byte)17, (byte)(run - 3)) : ((byte)18, (byte)(run - 11));
                i += run;
            }
            else if (i > 0 && lengths[i] == lengths[i - 1] && run >= 3)
            {
                run = Math.Min(run, 6);
                runs[count++] = (16, (byte)(run - 3));
                i += run;
            }
            else
            {
                runs[count++] = (lengths[i++], 0);
            }
        }

        return count;
    }

    private static int LastUsed(byte[] lengths, int least)
    {
        var last = lengths.AsSpan().LastIndexOfAnyExcept((byte)0) + 1;
        return Math.Max(least, last);
    }

    private void Put(uint bits, int count)
    {
        _bits |= (ulong)bits << _bitCount;
        _bitCount += count;
        if (_bitCount < 32)
        {
            return;
        }

        if (_length + sizeof(ulong) > _buffer.Length)
        {
            target.Write(_buffer, 0, _length);
            _length = 0;
        }

        BinaryPrimitives.WriteUInt32LittleEndian(_buffer.AsSpan(_length), (uint)_bits);
        _length += sizeof(uint);
        _bits >>= 32;
        _bitCount -= 32;
    }
}
