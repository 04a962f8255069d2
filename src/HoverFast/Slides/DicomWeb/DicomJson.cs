using System.Buffers.Binary;
using System.Globalization;
using System.Text.Json;
using HoverFast.Slides.Dicom;

namespace HoverFast.Slides.DicomWeb;

/// <summary>
/// Reads data sets from DICOM JSON (PS3.18 annex F). Elements that nothing here asks for are passed over, and so are values that the server keeps elsewhere
/// (BulkDataURI): representations follow from the tags, so that the order in which a server writes value and representation doesn't matter.
/// </summary>
internal sealed class DicomJson(Stream stream)
{
    /// <summary>A slide of a million frames, each with its place, takes some hundred MB as JSON.</summary>
    private const long MostBytes = 2L << 30;

    private readonly JsonTokens _tokens = new(stream, MostBytes);
    private DicomBudget _budget = new();

    /// <summary>Reads an array of data sets.</summary>
    /// <param name="handedOver">For each data set: sequences whose items are handed over one by one and not kept.</param>
    /// <exception cref="InvalidDataException">It is no DICOM JSON.</exception>
    /// <exception cref="EndOfStreamException">It is cut short.</exception>
    public IEnumerable<DicomDataSet> ReadArray(Func<Dictionary<DicomTag, Action<DicomDataSet>>>? handedOver = null)
    {
        _tokens.Read(JsonTokenType.StartArray);
        while (_tokens.Read() && _tokens.Type == JsonTokenType.StartObject)
        {
            _budget = new DicomBudget();
            var set = ReadDataSet(0, handedOver?.Invoke() ?? []);

            // JSON is UTF-8, whatever the instance itself is written in.
            set.Set(DicomTag.CharacterSet, "ISO_IR 192");
            yield return set;
        }

        if (_tokens.Type != JsonTokenType.EndArray)
        {
            throw new InvalidDataException("The server's answer is no DICOM JSON.");
        }
    }

    private DicomDataSet ReadDataSet(int depth, Dictionary<DicomTag, Action<DicomDataSet>> handedOver)
    {
        DicomBudget.CheckDepth(depth);

        var set = new DicomDataSet();
        while (_tokens.Read() && _tokens.Type == JsonTokenType.PropertyName)
        {
            var isTag = uint.TryParse(_tokens.Text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var number) && _tokens.Text.Length == 8;
            var tag = new DicomTag(number);
            _tokens.Read(JsonTokenType.StartObject);
            if (isTag && tag.Vr != DicomVr.UN)
            {
                ReadElement(set, tag, depth, handedOver.GetValueOrDefault(tag));
            }
            else
            {
                _tokens.Skip();
            }
        }

        return set;
    }

    private void ReadElement(DicomDataSet set, DicomTag tag, int depth, Action<DicomDataSet>? handOver)
    {
        while (_tokens.Read() && _tokens.Type == JsonTokenType.PropertyName)
        {
            var name = _tokens.Text;
            _tokens.Read();
            if (name == "Value" && _tokens.Type == JsonTokenType.StartArray)
            {
                if (tag.Vr == DicomVr.SQ)
                {
                    ReadItems(set, tag, depth, handOver);
                }
                else
                {
                    SetValues(set, tag, ReadValues());
                }
            }
            else
            {
                // InlineBinary and BulkDataURI: profiles and pixels, which are fetched frame by frame.
                _tokens.Skip();
            }
        }
    }

    private void ReadItems(DicomDataSet set, DicomTag tag, int depth, Action<DicomDataSet>? handOver)
    {
        var items = new List<DicomDataSet>();
        while (_tokens.Read() && _tokens.Type != JsonTokenType.EndArray)
        {
            if (_tokens.Type != JsonTokenType.StartObject)
            {
                // An empty item may be null.
                _tokens.Skip();
                continue;
            }

            var before = _budget.Kept;
            var item = ReadDataSet(depth + 1, []);
            if (handOver is null)
            {
                _budget.Count(0);
                items.Add(item);
            }
            else
            {
                handOver(item);
                _budget.Kept = before;
            }
        }

        set.TryAdd(DicomElement.Of(tag, items));
    }

    /// <summary>Values as texts: numbers as they are written, names in the letters of the alphabet.</summary>
    private List<string> ReadValues()
    {
        var values = new List<string>();
        while (_tokens.Read() && _tokens.Type != JsonTokenType.EndArray)
        {
            if (_tokens.Type == JsonTokenType.StartObject)
            {
                var name = string.Empty;
                while (_tokens.Read() && _tokens.Type == JsonTokenType.PropertyName)
                {
                    var isAlphabetic = _tokens.Text == "Alphabetic";
                    _tokens.Read();
                    name = isAlphabetic ? _tokens.Text : name;
                    _tokens.Skip();
                }

                values.Add(name);
            }
            else
            {
                values.Add(_tokens.Text);
                _tokens.Skip();
            }

            _budget.Count(values[^1].Length);
        }

        return values;
    }

    private void SetValues(DicomDataSet set, DicomTag tag, List<string> values)
    {
        _budget.Count(0);
        var vr = tag.Vr;
        if (vr.IsText())
        {
            set.Set(tag, values.ToArray());
            return;
        }

        try
        {
            if (vr is DicomVr.FL or DicomVr.FD or DicomVr.OF or DicomVr.OD)
            {
                set.Set(tag, values.Select(v => double.Parse(v, NumberStyles.Float, CultureInfo.InvariantCulture)).ToArray());
            }
            else if (vr == DicomVr.AT)
            {
                set.Set(tag, values.SelectMany(BytesOfTag).ToArray());
            }
            else if (vr.NumberLength() > 0 && vr != DicomVr.OW)
            {
                set.Set(tag, values.Select(v => long.Parse(v, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture)).ToArray());
            }
        }
        catch (Exception e) when (e is FormatException or OverflowException)
        {
            throw new InvalidDataException($"The value of {tag} is no number of its kind.", e);
        }
    }

    private static byte[] BytesOfTag(string text)
    {
        var tag = new DicomTag(uint.Parse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, tag.Group);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(2), tag.Element);
        return bytes;
    }
}
