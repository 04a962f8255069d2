using System.Text;
using System.Text.Json;

namespace HoverFast.Slides.DicomWeb;

/// <summary>JSON from a stream, token by token, in constant memory. What it holds is never believed to be short.</summary>
internal sealed class JsonTokens(Stream stream, long mostBytes)
{
    private const int LongestToken = 64 << 20;

    private byte[] _buffer = new byte[1 << 16];
    private int _start;
    private int _end;
    private long _total;
    private bool _isFinal;
    private JsonReaderState _state;

    /// <summary>The kind of the token that was read last.</summary>
    public JsonTokenType Type { get; private set; }

    /// <summary>Its text: a string's or name's content, a number's digits; empty for others.</summary>
    public string Text { get; private set; } = string.Empty;

    /// <summary>Reads the next token; false at the end.</summary>
    /// <exception cref="InvalidDataException">It is no JSON, or too long.</exception>
    /// <exception cref="EndOfStreamException">It ends too early: the connection broke, where its length was not told beforehand.</exception>
    public bool Read()
    {
        try
        {
            while (true)
            {
                var reader = new Utf8JsonReader(_buffer.AsSpan(_start, _end - _start), _isFinal, _state);
                if (reader.Read())
                {
                    Type = reader.TokenType;
                    Text = Type switch
                    {
                        JsonTokenType.String or JsonTokenType.PropertyName => reader.GetString() ?? string.Empty,
                        JsonTokenType.Number => Encoding.ASCII.GetString(reader.ValueSpan),
                        _ => string.Empty,
                    };
                    _state = reader.CurrentState;
                    _start += (int)reader.BytesConsumed;
                    return true;
                }

                if (_isFinal)
                {
                    return false;
                }

                Fill();
            }
        }
        catch (Exception e) when (e is JsonException or (InvalidOperationException and not ObjectDisposedException))
        {
            // What was right as a part is wrong as a whole.
            throw _isFinal
                ? new EndOfStreamException("the answer is cut short")
                : new InvalidDataException("The server's answer is no JSON, or damaged.", e);
        }
    }

    /// <summary>Reads the next token, which must be of a kind.</summary>
    public void Read(JsonTokenType type)
    {
        if (!Read() || Type != type)
        {
            throw new InvalidDataException("The server's answer is no DICOM JSON.");
        }
    }

    /// <summary>Passes over the value that the last token begins.</summary>
    public void Skip()
    {
        var depth = 0;
        do
        {
            depth += Type is JsonTokenType.StartArray or JsonTokenType.StartObject ? 1 : Type is JsonTokenType.EndArray or JsonTokenType.EndObject ? -1 : 0;
        }
        while (depth > 0 && Read());
    }

    private void Fill()
    {
        var rest = _end - _start;
        if (rest == _buffer.Length && _buffer.Length >= LongestToken)
        {
            throw new InvalidDataException("The server's answer holds an absurdly long value.");
        }

        var target = rest > _buffer.Length / 2 ? new byte[_buffer.Length * 2] : _buffer;
        _buffer.AsSpan(_start, rest).CopyTo(target);
        (_buffer, _start, _end) = (target, 0, rest);

        // As much as there is room for: a long value is looked at anew after each piece, and pieces may be small.
        var read = stream.ReadAtLeast(_buffer.AsSpan(_end), _buffer.Length - _end, throwOnEndOfStream: false);
        _end += read;
        _total += read;
        _isFinal = _end < _buffer.Length;
        if (_total > mostBytes)
        {
            throw new InvalidDataException($"The server's answer has more than {mostBytes >> 20} MB.");
        }
    }
}
