using System.Globalization;
using HoverFast.Nuclei;

namespace HoverFast.Output;

/// <summary>What a Parquet file says of its outlines (GeoParquet 1.1): names of the columns and the text under the key <c>geo</c>.</summary>
internal static class GeoParquet
{
    /// <summary>The file's key for the text.</summary>
    public const string Key = "geo";

    /// <summary>The column of outlines, well-known binary.</summary>
    public const string Geometry = "geometry";

    /// <summary>The column of boxes, which lets readers pass over row groups.</summary>
    public const string Box = "bbox";

    /// <summary>The sides of a box, in the specification's order.</summary>
    public static IReadOnlyList<string> Sides { get; } = ["xmin", "ymin", "xmax", "ymax"];

    /// <summary>
    /// The text. Pixels of a slide have no place on Earth: the coordinate system is null, not left out (which would mean longitude and latitude).
    /// </summary>
    /// <param name="box">Bounds of all outlines as left, top, right, bottom; null where there are none.</param>
    public static string Metadata((OutlinePoint Least, OutlinePoint Most)? box)
    {
        var bounds = box is not var (least, most) ? "" : $",\"bbox\":[{Pixels(least.X)},{Pixels(least.Y)},{Pixels(most.X)},{Pixels(most.Y)}]";
        var covering = string.Join(',', Sides.Select(side => $"\"{side}\":[\"{Box}\",\"{side}\"]"));
        return $"{{\"version\":\"1.1.0\",\"primary_column\":\"{Geometry}\",\"columns\":{{\"{Geometry}\":{{\"encoding\":\"WKB\",\"geometry_types\":[\"Polygon\"],"
            + $"\"crs\":null,\"edges\":\"planar\"{bounds},\"covering\":{{\"bbox\":{{{covering}}}}}}}}}}}";
    }

    private static string Pixels(int hundredths) => ((double)hundredths / OutlinePoint.PerPixel).ToString("R", CultureInfo.InvariantCulture);
}
