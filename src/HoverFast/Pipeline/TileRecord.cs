using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using HoverFast.Nuclei;
using HoverFast.Quality;
using HoverFast.Slides;

namespace HoverFast.Pipeline;

/// <summary>A finished tile as the journal holds it: numbers, little-endian, counts before lists.</summary>
internal sealed class TileRecord
{
    // Three points, and the numbers of a nucleus without measurements.
    private const int LeastNucleus = (3 * 2 * sizeof(float)) + 48;

    private byte[] _buffer = new byte[1 << 16];
    private int _length;

    /// <summary>Puts a tile into bytes, which are good until the next call.</summary>
    public ReadOnlySpan<byte> Encode(TileResult tile)
    {
        _length = 0;
        Put(tile.TileIndex);
        Put(tile.Corrupt.Count);
        foreach (var region in tile.Corrupt)
        {
            Put(region.X);
            Put(region.Y);
            Put(region.Width);
            Put(region.Height);
        }

        Put(tile.Nuclei.Count);
        for (var i = 0; i < tile.Nuclei.Count; i++)
        {
            var nucleus = tile.Nuclei[i];
            Put(nucleus.Contour.Length);
            Put(MemoryMarshal.Cast<Vector2, float>(nucleus.Contour));
            Put(nucleus.Centroid.X);
            Put(nucleus.Centroid.Y);
            BinaryPrimitives.WriteDoubleLittleEndian(Room(sizeof(double)), nucleus.Area);
            Put(nucleus.MeanProbability);
            Put(nucleus.BoundaryConfidence);
            Put(nucleus.MatchProbability);
            Put(nucleus.Type);
            Put(nucleus.TypeProbability);
            Put(tile.Measurements[i].Length);
            Put(tile.Measurements[i]);
        }

        Put(tile.Fields.Count);
        foreach (var field in tile.Fields)
        {
            Put(field.Column);
            Put(field.Row);
            foreach (var value in field.Values)
            {
                BinaryPrimitives.WriteInt64LittleEndian(Room(sizeof(long)), value);
            }

            PutBlocks(field);
        }

        return _buffer.AsSpan(0, _length);
    }

    /// <summary>
    /// Reads a tile back. Anyone may have written it, so that counts are held against the bytes that are there, and numbers against what a tile of the
    /// slide can hold.
    /// </summary>
    /// <param name="payload">The record's bytes.</param>
    /// <param name="limits">What it must keep to.</param>
    /// <returns>The tile, or null where the record can't be one of the slide's.</returns>
    public static TileResult? Decode(ReadOnlySpan<byte> payload, JournalLimits limits)
    {
        var reader = new Reader(payload);
        var index = reader.Int();
        var corrupt = new PixelRect[reader.Count(4 * sizeof(int))];
        for (var i = 0; i < corrupt.Length; i++)
        {
            corrupt[i] = new PixelRect(reader.Int(), reader.Int(), reader.Int(), reader.Int());
            reader.Require(limits.Allow(corrupt[i]));
        }

        var nuclei = new Nucleus[reader.Count(LeastNucleus)];
        var measurements = new float[nuclei.Length][];
        for (var i = 0; i < nuclei.Length; i++)
        {
            var contour = new Vector2[reader.Count(2 * sizeof(float))];
            for (var p = 0; p < contour.Length; p++)
            {
                contour[p] = new Vector2(reader.Single(), reader.Single());
            }

            reader.Require(limits.Allow(contour));
            if (!reader.Sound)
            {
                return null;
            }

            nuclei[i] = new Nucleus(contour)
            {
                Centroid = new Vector2(reader.Single(), reader.Single()),
                Area = reader.Double(),
                MeanProbability = reader.Single(),
                BoundaryConfidence = reader.Single(),
                MatchProbability = reader.Single(),
                Type = reader.Int(),
                TypeProbability = reader.Single(),
            };
            reader.Require(
                limits.Allow(nuclei[i].Centroid) && double.IsFinite(nuclei[i].Area) && nuclei[i].Area >= 0 && nuclei[i].Type is >= 0 and <= byte.MaxValue);
            measurements[i] = new float[reader.Count(sizeof(float))];
            reader.Require(measurements[i].Length == limits.Measurements);
            for (var m = 0; m < measurements[i].Length; m++)
            {
                measurements[i][m] = reader.Single();
            }
        }

        var fields = new FieldSums[reader.Count((3 * sizeof(int)) + (FieldSums.Length * sizeof(long)))];
        for (var i = 0; i < fields.Length; i++)
        {
            fields[i] = new FieldSums(reader.Int(), reader.Int());
            foreach (ref var value in fields[i].Values.AsSpan())
            {
                value = reader.Long();
            }

            ReadBlocks(ref reader, fields[i]);
            reader.Require(limits.Allow(fields[i]));
        }

        reader.Require(index >= 0 && index < limits.Tiles && reader.AtEnd);
        return reader.Sound ? new TileResult(index, nuclei, measurements, corrupt, fields) : null;
    }

    /// <summary>Puts the blocks that hold anything: a tile covers few of a field's.</summary>
    private void PutBlocks(FieldSums field)
    {
        Put(Enumerable.Range(0, FieldSums.BlocksInField).Count(i => field.BlockAt(i).ContainsAnyExcept(0)));
        for (var i = 0; i < FieldSums.BlocksInField; i++)
        {
            var block = field.BlockAt(i);
            if (block.ContainsAnyExcept(0))
            {
                Put(i);
                foreach (var value in block)
                {
                    Put(value);
                }
            }
        }
    }

    private static void ReadBlocks(ref Reader reader, FieldSums field)
    {
        var filled = reader.Count((1 + (int)BlockNumber.Count) * sizeof(int));
        for (var i = 0; i < filled; i++)
        {
            var place = reader.Int();
            reader.Require(place >= 0 && place < FieldSums.BlocksInField);
            foreach (ref var value in field.BlockAt(reader.Sound ? place : 0))
            {
                value = reader.Int();
            }
        }
    }

    private void Put(int value) => BinaryPrimitives.WriteInt32LittleEndian(Room(sizeof(int)), value);

    private void Put(float value) => BinaryPrimitives.WriteSingleLittleEndian(Room(sizeof(float)), value);

    private void Put(ReadOnlySpan<float> values)
    {
        if (BitConverter.IsLittleEndian)
        {
            MemoryMarshal.AsBytes(values).CopyTo(Room(values.Length * sizeof(float)));
            return;
        }

        foreach (var value in values)
        {
            Put(value);
        }
    }

    private Span<byte> Room(int bytes)
    {
        if (_length + bytes > _buffer.Length)
        {
            Array.Resize(ref _buffer, Math.Max(2 * _buffer.Length, _length + bytes));
        }

        _length += bytes;
        return _buffer.AsSpan(_length - bytes, bytes);
    }

    /// <summary>Reads numbers until one is missing or impossible; from then on all are 0 and lists are empty.</summary>
    private ref struct Reader(ReadOnlySpan<byte> rest)
    {
        private ReadOnlySpan<byte> _rest = rest;

        public bool Sound { get; private set; } = true;

        public readonly bool AtEnd => _rest.IsEmpty;

        public void Require(bool holds) => Sound &= holds;

        public int Int() => BinaryPrimitives.ReadInt32LittleEndian(Take(sizeof(int)));

        public float Single() => BinaryPrimitives.ReadSingleLittleEndian(Take(sizeof(float)));

        public long Long() => BinaryPrimitives.ReadInt64LittleEndian(Take(sizeof(long)));

        public double Double() => BinaryPrimitives.ReadDoubleLittleEndian(Take(sizeof(double)));

        /// <summary>A count of things that take at least so many bytes each.</summary>
        public int Count(int least)
        {
            var count = Int();
            Require(count >= 0 && count <= _rest.Length / least);
            return Sound ? count : 0;
        }

        private ReadOnlySpan<byte> Take(int bytes)
        {
            Require(bytes <= _rest.Length);
            if (!Sound)
            {
                return new byte[sizeof(double)];
            }

            var taken = _rest[..bytes];
            _rest = _rest[bytes..];
            return taken;
        }
    }
}
