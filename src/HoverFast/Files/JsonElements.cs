using System.Buffers;
using System.Collections;

namespace HoverFast.Files;

/// <summary>
/// The elements of one list in a JSON text of any length, each as its bytes: of the list that the text is, or of the one that a member of the text's
/// object holds. Where there is no such list, the object itself is the only element. Memory is that of the longest element.
/// </summary>
/// <param name="text">UTF-8, with or without a byte order mark.</param>
/// <param name="member">Name of the member whose list is wanted.</param>
/// <param name="mostElement">Bytes that an element may have.</param>
/// <param name="mostText">Bytes that the text may have.</param>
internal sealed class JsonElements(Stream text, string member, int mostElement, long mostText) : IEnumerable<ReadOnlyMemory<byte>>
{
    private readonly byte[] _buffer = new byte[1 << 16];
    private readonly byte[] _member = System.Text.Encoding.UTF8.GetBytes(member);
    private readonly ArrayBufferWriter<byte> _element = new(1 << 12);
    private int _at;
    private int _end;
    private long _total;

    /// <summary>Reads the elements, once. Each is good until the next is asked for; whether it is JSON is for its reader to find.</summary>
    /// <exception cref="InvalidDataException">The text is cut short, too long, or no JSON at all.</exception>
    public IEnumerator<ReadOnlyMemory<byte>> GetEnumerator()
    {
        var first = NextBeyondSpace();
        if (first == 0xEF)
        {
            Expect(0xBB);
            Expect(0xBF);
            first = NextBeyondSpace();
        }

        if (first == '{' && !FindMember())
        {
            yield return _element.WrittenMemory;
            yield break;
        }

        if (first is not ((byte)'{' or (byte)'['))
        {
            throw new InvalidDataException("it is no JSON of an object or a list");
        }

        for (var next = NextBeyondSpace(); next != ']'; next = NextBeyondSpace())
        {
            if (next == ',')
            {
                continue;
            }

            _element.ResetWrittenCount();
            CopyValue(next);
            yield return _element.WrittenMemory;
        }

        // The rest of the object, to know that it is whole.
        if (first == '{')
        {
            for (var depth = 1; depth > 0;)
            {
                var next = Next();
                depth += next is (byte)'{' or (byte)'[' ? 1 : next is (byte)'}' or (byte)']' ? -1 : 0;
                if (next == '"')
                {
                    _element.ResetWrittenCount();
                    CopyString();
                }
            }
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Goes to the list; false at the end of an object that has none, which then is the element.</summary>
    private bool FindMember()
    {
        _element.ResetWrittenCount();
        Add((byte)'{');
        while (true)
        {
            var next = NextBeyondSpace();
            Add(next);
            if (next == '}')
            {
                return false;
            }

            if (next != '"')
            {
                if (next != ',')
                {
                    throw new InvalidDataException("it is no JSON: a name is missing");
                }

                continue;
            }

            var start = _element.WrittenCount;
            CopyString();
            var isMember = _element.WrittenSpan[start..^1].SequenceEqual(_member);
            Add(Expect((byte)':'));
            next = NextBeyondSpace();
            if (isMember && next == '[')
            {
                return true;
            }

            CopyValue(next);
        }
    }

    private void CopyValue(byte first)
    {
        Add(first);
        if (first == '"')
        {
            CopyString();
        }
        else if (first is (byte)'{' or (byte)'[')
        {
            for (var depth = 1; depth > 0;)
            {
                var next = Next();
                Add(next);
                if (next == '"')
                {
                    CopyString();
                }

                depth += next is (byte)'{' or (byte)'[' ? 1 : next is (byte)'}' or (byte)']' ? -1 : 0;
            }
        }
        else
        {
            while (Peek() is var next && next is not ((byte)',' or (byte)']' or (byte)'}') && !IsSpace(next))
            {
                Add(Next());
            }
        }
    }

    // The opening quote is copied already.
    private void CopyString()
    {
        while (true)
        {
            var next = Next();
            Add(next);
            if (next == '"')
            {
                return;
            }

            if (next == '\\')
            {
                Add(Next());
            }
        }
    }

    private void Add(byte value)
    {
        if (_element.WrittenCount >= mostElement)
        {
            throw new InvalidDataException($"one element has more than {mostElement >> 20} MiB");
        }

        _element.GetSpan(1)[0] = value;
        _element.Advance(1);
    }

    private byte Expect(byte value) => NextBeyondSpace() is var next && next == value ? next : throw new InvalidDataException("it is no JSON");

    private byte NextBeyondSpace()
    {
        byte next;
        do
        {
            next = Next();
        }
        while (IsSpace(next));
        return next;
    }

    private static bool IsSpace(byte value) => value is (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t';

    private byte Next()
    {
        var next = Peek();
        _at++;
        return next;
    }

    private byte Peek()
    {
        if (_at == _end)
        {
            _at = 0;
            _end = text.Read(_buffer);
            _total += _end;
            if (_end == 0)
            {
                throw new InvalidDataException("the text is cut short");
            }

            if (_total > mostText)
            {
                throw new InvalidDataException($"it unpacks to more than {mostText >> 20} MiB, which no such file holds");
            }
        }

        return _buffer[_at];
    }
}
