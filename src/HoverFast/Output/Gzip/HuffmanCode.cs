namespace HoverFast.Output.Gzip;

/// <summary>A prefix code made for given frequencies, with no code longer than the format allows; canonical, as deflate wants it (RFC 1951, 3.2.2).</summary>
internal sealed class HuffmanCode(int symbols, int longest)
{
    private readonly int[] _frequencies = new int[symbols];
    private readonly long[] _order = new long[symbols];
    private readonly long[] _weights = new long[2 * symbols];
    private readonly int[] _parents = new int[2 * symbols];

    /// <summary>How often each symbol occurs; to be counted before <see cref="Make"/>, which clears it.</summary>
    public Span<int> Frequencies => _frequencies;

    /// <summary>Bits of each symbol's code; 0 for symbols that don't occur.</summary>
    public byte[] Lengths { get; } = new byte[symbols];

    /// <summary>The codes, first bit lowest.</summary>
    public ushort[] Codes { get; } = new ushort[symbols];

    /// <summary>Makes the code.</summary>
    public void Make()
    {
        Array.Clear(Lengths);
        var used = 0;
        for (var s = 0; s < symbols; s++)
        {
            if (_frequencies[s] > 0)
            {
                _order[used++] = ((long)_frequencies[s] << 16) | (uint)s;
            }
        }

        // Ties are broken by the symbol, so that the same text gives the same bytes everywhere.
        _order.AsSpan(0, used).Sort();
        if (used == 1)
        {
            Lengths[(int)(_order[0] & 0xFFFF)] = 1;
        }
        else if (used > 1)
        {
            AssignLengths(used);
        }

        AssignCodes();
        Array.Clear(_frequencies);
    }

    /// <summary>Huffman's tree, by two queues of which each is in order: the leaves, and the nodes as they arise.</summary>
    private void AssignLengths(int used)
    {
        var nodes = used;
        for (int leaf = 0, inner = used; nodes < (2 * used) - 1; nodes++)
        {
            _weights[nodes] = Take(nodes) + Take(nodes);

            long Take(int parent)
            {
                if (inner >= parent || (leaf < used && _order[leaf] >> 16 <= _weights[inner]))
                {
                    _parents[leaf] = parent;
                    return _order[leaf++] >> 16;
                }

                _parents[inner] = parent;
                return _weights[inner++];
            }
        }

        // How many codes there are of each length, the too long ones counted as the longest.
        Span<int> counts = stackalloc int[longest + 1];
        counts.Clear();
        var depths = _weights.AsSpan(0, nodes);
        depths[nodes - 1] = 0;
        for (var n = nodes - 2; n >= 0; n--)
        {
            depths[n] = depths[_parents[n]] + 1;
            if (n < used)
            {
                counts[(int)Math.Min(longest, depths[n])]++;
            }
        }

        // Shortening codes has overfilled the tree: each step moves one code a level down, and makes room for one of the longest beside it.
        var room = 0L;
        for (var length = 1; length <= longest; length++)
        {
            room += (long)counts[length] << (longest - length);
        }

        for (; room > 1L << longest; room--)
        {
            var length = longest - 1;
            while (counts[length] == 0)
            {
                length--;
            }

            counts[longest]--;
            counts[length]--;
            counts[length + 1] += 2;
        }

        var next = 0;
        for (var length = longest; length > 0; length--)
        {
            for (var i = 0; i < counts[length]; i++)
            {
                Lengths[(int)(_order[next++] & 0xFFFF)] = (byte)length;
            }
        }
    }

    private void AssignCodes()
    {
        Span<int> next = stackalloc int[longest + 2];
        next.Clear();
        foreach (var length in Lengths)
        {
            next[length + 1] += length > 0 ? 1 : 0;
        }

        // next[l] becomes the first code of length l.
        var code = 0;
        for (var length = 1; length <= longest; length++)
        {
            code = (code + next[length]) << 1;
            next[length] = code;
        }

        for (var s = 0; s < symbols; s++)
        {
            int length = Lengths[s];
            if (length > 0)
            {
                var value = next[length]++;
                var reversed = 0;
                for (var bit = 0; bit < length; bit++)
                {
                    reversed = (reversed << 1) | ((value >> bit) & 1);
                }

                Codes[s] = (ushort)reversed;
            }
        }
    }
}
