using System.Globalization;
using HoverFast.Labels;
using HoverFast.Output.Drawing;
using HoverFast.Slides;

namespace HoverFast.Training.Data;

/// <summary>A sheet of tiles with the outlines of their labels, to be looked at before training.</summary>
internal static class LabelSheet
{
    private const int Most = 24;
    private const int Side = 360;
    private const int Gap = 8;
    private const int Caption = 22;
    private const int LetterSize = 14;

    /// <summary>Draws up to 24 tiles, spread evenly over the set; those that can't be read are left out.</summary>
    public static RgbImage Draw(TileCheckReport report)
    {
        var readable = report.Tiles.Where(t => t.Size.Area > 0).ToList();
        var count = Math.Min(Most, readable.Count);
        var shown = Enumerable.Range(0, count).Select(i => readable[(int)((long)i * readable.Count / count)]).ToList();
        var columns = Math.Clamp((int)Math.Ceiling(Math.Sqrt(count * 1.5)), 1, 6);
        var rows = Math.Max(1, (count + columns - 1) / columns);
        var sheet = new RgbImage((columns * (Side + Gap)) + Gap, (rows * (Side + Gap + Caption)) + Gap);
        sheet.Span.Fill(255);
        for (var i = 0; i < count; i++)
        {
            var (row, column) = Math.DivRem(i, columns);
            Place(sheet, shown[i], Gap + (column * (Side + Gap)), Gap + (row * (Side + Gap + Caption)));
        }

        return sheet;
    }

    private static void Place(RgbImage sheet, TileSummary tile, int left, int top)
    {
        var picture = TilePicture.Read(tile.File.Picture);
        var labels = LabelsOf(tile.File, picture.Size);
        var scale = Side / (double)Math.Max(picture.Width, picture.Height);
        var (width, height) = (Math.Max(1, (int)(picture.Width * scale)), Math.Max(1, (int)(picture.Height * scale)));
        for (var y = 0; y < height; y++)
        {
            var to = sheet.Row(top + Caption + y);
            for (var x = 0; x < width; x++)
            {
                Shrunk(picture, x / scale, y / scale, 1 / scale, to.Slice((left + x) * 3, 3));
                if (labels is not null && IsEdge(x, y))
                {
                    (to[(left + x) * 3], to[((left + x) * 3) + 1], to[((left + x) * 3) + 2]) = ((byte)0, (byte)230, (byte)0);
                }
            }
        }

        var bad = tile.Errors.Count > 0;
        var words = string.Create(
            CultureInfo.InvariantCulture,
            $"{Cut(tile.File.Name)}   {tile.Nuclei} nuclei{(tile.MedianDiameter is { } d ? $", {d:0.0} um" : "")}{(bad ? "  REFUSED" : "")}");
        Lettering.Write(sheet, words, left, top + LetterSize + 2, LetterSize, bad ? ((byte)200, (byte)0, (byte)0) : ((byte)0, (byte)0, (byte)0));

        bool IsEdge(int x, int y)
        {
            var label = At(x, y);
            return label != 0 && (At(x - 1, y) != label || At(x + 1, y) != label || At(x, y - 1) != label || At(x, y + 1) != label);
        }

        int At(int x, int y) => x < 0 || y < 0 || x >= width || y >= height
            ? 0
            : labels!.Labels[(Math.Min(labels.Height - 1, (int)((y + 0.5) / scale)) * labels.Width) + Math.Min(labels.Width - 1, (int)((x + 0.5) / scale))];
    }

    // The mean of the picture's pixels under a pixel of the sheet.
    private static void Shrunk(RgbImage picture, double x, double y, double side, Span<byte> to)
    {
        var (left, top) = (Math.Min(picture.Width - 1, (int)x), Math.Min(picture.Height - 1, (int)y));
        var (right, bottom) = (
            Math.Clamp((int)Math.Ceiling(x + side), left + 1, picture.Width),
            Math.Clamp((int)Math.Ceiling(y + side), top + 1, picture.Height));
        Span<int> sum = [0, 0, 0];
        for (var v = top; v < bottom; v++)
        {
            var row = picture.Row(v);
            for (var u = left; u < right; u++)
            {
                sum[0] += row[u * 3];
                sum[1] += row[(u * 3) + 1];
                sum[2] += row[(u * 3) + 2];
            }
        }

        var n = (right - left) * (bottom - top);
        for (var c = 0; c < 3; c++)
        {
            to[c] = (byte)(sum[c] / n);
        }
    }

    private static LabelImage? LabelsOf(TileFile file, PixelSize size)
    {
        try
        {
            return file.Labels is null ? null : LabelImageFile.Read(file.Labels, size);
        }
        catch (SlideException)
        {
            return null; // the check names the reason
        }
    }

    private static string Cut(string name) => name.Length <= 24 ? name : name[..23] + "…";
}
