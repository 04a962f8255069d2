namespace HoverFast.Slides.Tiff;

/// <summary>One value of a directory as it is stored.</summary>
/// <param name="Type">The TIFF type, 1 to 18.</param>
/// <param name="Count">How many values.</param>
/// <param name="Slot">The 4 or 8 bytes that hold the values or their offset.</param>
internal readonly record struct TiffEntry(ushort Type, long Count, ReadOnlyMemory<byte> Slot);
