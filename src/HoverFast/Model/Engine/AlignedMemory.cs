namespace HoverFast.Model.Engine;

/// <summary>Memory that stays where it is, aligned to cache lines and zeroed. The garbage collector frees it with its owner.</summary>
internal sealed unsafe class AlignedMemory
{
    private const int Alignment = 64;
    private readonly byte[] _bytes;

    public AlignedMemory(nint length)
    {
        _bytes = GC.AllocateArray<byte>(checked((int)length + Alignment), pinned: true);
        fixed (byte* start = _bytes)
        {
            Start = (byte*)(((nint)start + Alignment - 1) & -Alignment);
        }
    }

    /// <summary>The first byte.</summary>
    public byte* Start { get; }
}
