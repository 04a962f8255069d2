using System.Buffers.Text;
using System.IO.Compression;
using HoverFast.Files;

namespace HoverFast.Server.Nuclei;

/// <summary>
/// Reads the nuclei of a GeoJSON file one after the other, packed or not, in memory that does not grow with the file: features as we and QuPath write them
/// (Polygon or MultiPolygon; of a cell the nucleus; measurements as an object, or as QuPath's older list). Unpacking runs on a thread of its own.
/// </summary>
internal sealed class FeatureReader : INucleusReader
{
    private const int MostFeature = 64 << 20;
    private const int MostMeasurements = 400;

    private readonly FileStream _file;
    private readonly UnpackedText _text;
    private readonly List<byte[]> _names = [];
    private readonly List<string> _measurements = [];
    private readonly List<(string Name, byte Red, byte Green, byte Blue)> _classes = [];
    private readonly List<(byte[] Text, int Class)> _classText = [];
    private byte[] _buffer = new byte[2 << 20];
    private int _at;
    private int _end;
    private bool _begun;
    private int _count;

    /// <summary>Opens a file.</summary>
    /// <exception cref="IOException">It can't be read.</exception>
    public FeatureReader(string path)
    {
        _file = RegularFile.OpenRead(path);
        Span<byte> start = stackalloc byte[2];
        var packed = _file.ReadAtLeast(start, 2, throwOnEndOfStream: false) == 2 && start is [0x1F, 0x8B];
        _file.Position = 0;
        _text = new UnpackedText(packed ? new GZipStream(_file, CompressionMode.Decompress) : _file);
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> Measurements => _measurements;

    /// <inheritdoc/>
    public IReadOnlyList<(string Name, byte Red, byte Green, byte Blue)> Classes => _classes;

    /// <inheritdoc/>
    public double Progress => _file.Length == 0 ? 1 : Math.Min(1, (double)_file.Position / _file.Length);

    /// <inheritdoc/>
    public bool Read(IndexedNucleus nucleus)
    {
        while (true)
        {
            try
            {
                var text = new FeatureText(_buffer.AsSpan(_at.._end));
                if (!_begun)
                {
                    FindFeatures(ref text);
                    _begun = true;
                }
                else if (!text.Element())
                {
                    return false;
                }
                else
                {
                    nucleus.Clear();
                    ReadFeature(ref text, nucleus);
                    if (nucleus.RingEnds.Count > 0)
                    {
                        nucleus.Ordinal = _count++;
                        _at += text.At;
                        return true;
                    }
                }

                _at += text.At;
            }
            catch (TextEndException)
            {
                Fill();
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _text.Dispose();
        _file.Dispose();
    }

    private void Fill()
    {
        _buffer.AsSpan(_at.._end).CopyTo(_buffer);
        _end -= _at;
        _at = 0;
        if (_end == _buffer.Length)
        {
            if (_buffer.Length >= MostFeature)
            {
                throw new InvalidDataException($"one feature has more than {MostFeature >> 20} MiB");
            }

            Array.Resize(ref _buffer, _buffer.Length * 2);
        }

        var read = _text.Read(_buffer.AsSpan(_end));
        if (read == 0)
        {
            throw new InvalidDataException("the text is cut short");
        }

        _end += read;
    }

    // A FeatureCollection, or an array of features.
    private static void FindFeatures(ref FeatureText text)
    {
        ReadOnlySpan<byte> mark = [0xEF, 0xBB, 0xBF];
        if (text.Peek() == mark[0])
        {
            text.At += mark.Length;
        }

        if (text.Take((byte)'['))
        {
            return;
        }

        text.Require((byte)'{');
        while (text.Member(out var name))
        {
            if (name.SequenceEqual("features"u8))
            {
                text.Require((byte)'[');
                return;
            }

            text.Skip();
        }

        throw new InvalidDataException("it holds no list of features");
    }

    private void ReadFeature(ref FeatureText text, IndexedNucleus nucleus)
    {
        text.Require((byte)'{');
        while (text.Member(out var name))
        {
            if (name.SequenceEqual("geometry"u8))
            {
                // The geometry of a cell is not its nucleus'.
                if (nucleus.RingEnds.Count == 0)
                {
                    ReadGeometry(ref text, nucleus);
                }
                else
                {
                    text.Skip();
                }
            }
            else if (name.SequenceEqual("nucleusGeometry"u8))
            {
                nucleus.Points.Clear();
                nucleus.RingEnds.Clear();
                ReadGeometry(ref text, nucleus);
            }
            else if (name.SequenceEqual("id"u8) && text.Peek() == '"')
            {
                nucleus.Id = Utf8Parser.TryParse(text.String(), out Guid id, out _) ? id : Guid.Empty;
            }
            else if (name.SequenceEqual("properties"u8) && text.Peek() == '{')
            {
                ReadProperties(ref text, nucleus);
            }
            else
            {
                text.Skip();
            }
        }
    }

    private static void ReadGeometry(ref FeatureText text, IndexedNucleus nucleus)
    {
        if (text.Peek() != '{')
        {
            text.Skip();
            return;
        }

        text.Require((byte)'{');
        var (isPolygon, isMulti) = (false, false);
        var pending = -1;
        while (text.Member(out var name))
        {
            if (name.SequenceEqual("type"u8) && text.Peek() == '"')
            {
                var type = text.String();
                isPolygon = type.SequenceEqual("Polygon"u8);
                isMulti = type.SequenceEqual("MultiPolygon"u8);
            }
            else if (name.SequenceEqual("coordinates"u8))
            {
                if (isPolygon || isMulti)
                {
                    ReadCoordinates(ref text, isMulti, nucleus);
                }
                else
                {
                    // The type may come after.
                    pending = text.At;
                    text.Skip();
                }
            }
            else
            {
                text.Skip();
            }
        }

        if (pending >= 0 && (isPolygon || isMulti))
        {
            var end = text.At;
            text.At = pending;
            ReadCoordinates(ref text, isMulti, nucleus);
            text.At = end;
        }
    }

    private static void ReadCoordinates(ref FeatureText text, bool isMulti, IndexedNucleus nucleus)
    {
        if (!isMulti)
        {
            ReadPolygon(ref text, nucleus);
            return;
        }

        text.Require((byte)'[');
        while (text.Element())
        {
            ReadPolygon(ref text, nucleus);
        }
    }

    // The outer ring; holes are passed over.
    private static void ReadPolygon(ref FeatureText text, IndexedNucleus nucleus)
    {
        text.Require((byte)'[');
        for (var ring = 0; text.Element(); ring++)
        {
            if (ring > 0)
            {
                text.Skip();
                continue;
            }

            var points = nucleus.Points;
            var start = points.Count;
            text.Require((byte)'[');
            while (text.Element())
            {
                text.Require((byte)'[');
                points.Add(text.Hundredths());
                text.Require((byte)',');
                points.Add(text.Hundredths());
                while (text.Element())
                {
                    text.Skip();
                }
            }

            nucleus.EndRing(start);
        }
    }

    private void ReadProperties(ref FeatureText text, IndexedNucleus nucleus)
    {
        text.Require((byte)'{');
        while (text.Member(out var name))
        {
            if (name.SequenceEqual("measurements"u8) && text.Peek() is (byte)'{' or (byte)'[')
            {
                ReadMeasurements(ref text, nucleus);
            }
            else if (name.SequenceEqual("classification"u8))
            {
                var start = text.At;
                text.Skip();
                nucleus.Class = ClassOf(text, start, text.At);
            }
            else
            {
                text.Skip();
            }
        }
    }

    private void ReadMeasurements(ref FeatureText text, IndexedNucleus nucleus)
    {
        if (text.Take((byte)'['))
        {
            while (text.Element())
            {
                ReadListed(ref text, nucleus);
            }

            return;
        }

        text.Require((byte)'{');
        for (var next = 0; text.Member(out var name); next++)
        {
            // They come in the same order with every nucleus.
            var column = next < _names.Count && name.SequenceEqual(_names[next]) ? next : ColumnOf(name);
            Set(nucleus, column, ref text);
        }
    }

    private void ReadListed(ref FeatureText text, IndexedNucleus nucleus)
    {
        text.Require((byte)'{');
        var column = -1;
        while (text.Member(out var key))
        {
            if (key.SequenceEqual("name"u8) && text.Peek() == '"')
            {
                column = ColumnOf(text.String());
            }
            else if (key.SequenceEqual("value"u8))
            {
                Set(nucleus, column, ref text);
            }
            else
            {
                text.Skip();
            }
        }
    }

    private static void Set(IndexedNucleus nucleus, int column, ref FeatureText text)
    {
        if (column < 0 || text.Peek() is (byte)'"' or (byte)'{' or (byte)'[')
        {
            text.Skip();
            return;
        }

        while (nucleus.Values.Count <= column)
        {
            nucleus.Values.Add(float.NaN);
        }

        // As in tables, what the index can't hold is no value: nobody could be told an infinite one.
        nucleus.Values[column] = (float)text.Number() is var value && float.IsFinite(value) ? value : float.NaN;
    }

    private int ColumnOf(ReadOnlySpan<byte> name)
    {
        for (var i = 0; i < _names.Count; i++)
        {
            if (name.SequenceEqual(_names[i]))
            {
                return i;
            }
        }

        if (_names.Count == MostMeasurements)
        {
            return -1;
        }

        _names.Add(name.ToArray());
        _measurements.Add(FeatureText.Plain(name));
        return _names.Count - 1;
    }

    private int ClassOf(FeatureText text, int start, int end)
    {
        var piece = text.Piece(start, end);
        foreach (var (known, index) in _classText)
        {
            if (piece.SequenceEqual(known))
            {
                return index;
            }
        }

        var index2 = Classification.Parse(piece) is { } parsed ? Add(parsed) : -1;
        if (_classText.Count < Classification.Most)
        {
            _classText.Add((piece.ToArray(), index2));
        }

        return index2;
    }

    private int Add((string Name, byte Red, byte Green, byte Blue) found)
    {
        var index = _classes.FindIndex(c => c.Name == found.Name);
        if (index < 0 && _classes.Count < Classification.Most)
        {
            _classes.Add(found);
            index = _classes.Count - 1;
        }

        return index;
    }
}
