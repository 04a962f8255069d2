using HoverFast.Output.Drawing;
using ScottPlot;
using SkiaSharp;

namespace HoverFast.Training.Drawing;

/// <summary>Gives ScottPlot the typeface that the program brings along (<see cref="Lettering"/>).</summary>
internal sealed class PlotFont : IFontResolver
{
    /// <summary>The typeface's name.</summary>
    public const string Name = "Roboto Latin";

    /// <inheritdoc/>
    public SKTypeface? CreateTypeface(string fontName, FontWeight weight, FontSlant slant, FontSpacing spacing) =>
        fontName == Name ? Lettering.NewTypeface() : null;

    /// <inheritdoc/>
    public SKTypeface? CreateTypeface(string fontName, bool bold, bool italic) => fontName == Name ? Lettering.NewTypeface() : null;
}
