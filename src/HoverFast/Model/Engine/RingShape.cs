namespace HoverFast.Model.Engine;

/// <summary>The numbers of a <see cref="RowRing"/>.</summary>
/// <param name="Width">Pixels of a row.</param>
/// <param name="Height">Rows that will be made.</param>
/// <param name="Channels">Bytes of a pixel.</param>
/// <param name="ZeroPoint">The byte of the border.</param>
/// <param name="Border">Pixels of border on each side.</param>
/// <param name="Slack">Pixels on the right that may be read and written, border included.</param>
/// <param name="Capacity">Rows that are kept.</param>
internal sealed record RingShape(int Width, int Height, int Channels, byte ZeroPoint, int Border, int Slack, int Capacity);
