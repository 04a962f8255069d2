namespace HoverFast.Slides;

/// <summary>
/// Memory of decoded tiles, kept for the next ones and the next slides. Hundreds of tiles of the same size live for long: were they ordinary
/// arrays, the garbage collector would clear each and copy it twice as it ages. Thread safe.
/// </summary>
internal static class TileMemory
{
    /// <summary>Bytes kept when nobody uses them.</summary>
    private const long MostKept = 64L << 20;

    /// <summary>Longer arrays are whole pictures or strips of them, and not kept.</summary>
    private const int LongestKept = 4 << 20;

    private static readonly Lock _lock = new();
    private static readonly Dictionary<int, Stack<byte[]>> _free = [];
    private static long _kept;

    /// <summary>An array of exactly this length; its bytes are whatever was there before.</summary>
    public static byte[] Rent(int length)
    {
        lock (_lock)
        {
            if (_free.TryGetValue(length, out var stack) && stack.TryPop(out var array))
            {
                _kept -= length;
                return array;
            }
        }

        return GC.AllocateUninitializedArray<byte>(length, pinned: true);
    }

    /// <summary>Gives an array back; its user must not touch it any more.</summary>
    public static void Return(byte[] array)
    {
        if (array.Length > LongestKept)
        {
            return;
        }

        lock (_lock)
        {
            if (_kept + array.Length > MostKept)
            {
                // Slides with tiles of another size came before: theirs make room.
                _free.Clear();
                _kept = 0;
            }

            if (!_free.TryGetValue(array.Length, out var stack))
            {
                stack = _free[array.Length] = [];
            }

            stack.Push(array);
            _kept += array.Length;
        }
    }
}
