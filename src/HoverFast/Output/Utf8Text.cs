using System.Buffers;
using System.Buffers.Text;

namespace HoverFast.Output;

/// <summary>Builds UTF-8 text in one buffer that is kept, and hands it on in large pieces. Nothing is allocated per value.</summary>
internal sealed class Utf8Text : IDisposable
{
    private const int Room = 1 << 16;
    private readonly Stream _target;
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(2 * Room);
    private int _length;

    /// <summary>Makes an empty text.</summary>
    /// <param name="target">Takes the bytes; stays open.</param>
    public Utf8Text(Stream target) => _target = target;

    /// <summary>Adds UTF-8 bytes as they are.</summary>
    public void Add(ReadOnlySpan<byte> text)
    {
        if (text.Length > Room)
        {
            Flush();
            _target.Write(text);
            return;
        }

        text.CopyTo(Reserve(text.Length));
        _length += text.Length;
    }

    /// <summary>Adds one ASCII character.</summary>
    public void Add(byte character)
    {
        Reserve(1)[0] = character;
        _length++;
    }

    /// <summary>Adds a whole number.</summary>
    public void Add(long value)
    {
        Utf8Formatter.TryFormat(value, Reserve(24), out var written);
        _length += written;
    }

    /// <summary>Adds an identity, as 36 lower-case characters.</summary>
    public void Add(Guid id)
    {
        Utf8Formatter.TryFormat(id, Reserve(36), out var written);
        _length += written;
    }

    /// <summary>Adds hundredths as a decimal number without trailing zeros: 1250 becomes 12.5, -5 becomes -0.05.</summary>
    public void AddHundredths(int value) => AddScaled(value, 2);

    /// <summary>Adds a number rounded to so many decimals (halves away from zero), without trailing zeros and never as -0 or with an exponent.</summary>
    /// <param name="value">Finite; beyond +-9e15 units of the last decimal it is written in full digits.</param>
    /// <param name="decimals">0 to 9.</param>
    public void Add(double value, int decimals)
    {
        var scaled = Math.Round(value * PowerOfTen(decimals), MidpointRounding.AwayFromZero);
        if (Math.Abs(scaled) < 9e15)
        {
            AddScaled((long)scaled, decimals);
        }
        else
        {
            Utf8Formatter.TryFormat(value, Reserve(400), out var written, new StandardFormat('F', 0));
            _length += written;
        }
    }

    /// <summary>Hands what is held on to the target.</summary>
    public void Flush()
    {
        _target.Write(_buffer, 0, _length);
        _length = 0;
    }

    /// <summary>Gives the buffer back; what is held and was not flushed is lost.</summary>
    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
    }

    private static long PowerOfTen(int decimals)
    {
        long power = 1;
        for (var i = 0; i < decimals; i++)
        {
            power *= 10;
        }

        return power;
    }

    private void AddScaled(long value, int decimals)
    {
        if (value < 0)
        {
            Add((byte)'-');
            value = -value;
        }

        var power = PowerOfTen(decimals);
        var (whole, fraction) = Math.DivRem(value, power);
        Add(whole);
        if (fraction == 0)
        {
            return;
        }

        var digits = Reserve(1 + decimals);
        digits[0] = (byte)'.';
        var last = 0;
        for (var i = decimals; i >= 1; i--)
        {
            var digit = (int)(fraction % 10);
            fraction /= 10;
            digits[i] = (byte)('0' + digit);
            last = last == 0 && digit != 0 ? i : last;
        }

        _length += 1 + last;
    }

    private Span<byte> Reserve(int length)
    {
        if (_length + length > _buffer.Length)
        {
            Flush();
        }

        return _buffer.AsSpan(_length);
    }
}
