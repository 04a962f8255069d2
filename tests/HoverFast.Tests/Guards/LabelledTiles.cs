using Xunit;

namespace HoverFast.Tests.Guards;

/// <summary>The labelled tiles that lie in the repository (Guards/Tiles/README.md): no shipped model was trained on them.</summary>
internal static class LabelledTiles
{
    /// <summary>Pixel size of the pictures of a set, as the command line takes it.</summary>
    public static string Mpp(string set) => set == "nuinsseg" ? "0.21" : "0.25";

    /// <summary>The folder of a set, which holds images/ and labels/.</summary>
    public static string Folder(string set) => Path.Combine(AppContext.BaseDirectory, "Guards", "Tiles", set);

    /// <summary>A picture of a set.</summary>
    public static string Image(string set, string name) => Assert.Single(Directory.GetFiles(Path.Combine(Folder(set), "images"), name + ".*"));

    /// <summary>The names of a set's pictures.</summary>
    public static IReadOnlyList<string> Names(string set) =>
        [.. Directory.GetFiles(Path.Combine(Folder(set), "images")).Select(f => Path.GetFileNameWithoutExtension(f)).Order(StringComparer.Ordinal)];

    /// <summary>The labels of a picture.</summary>
    public static string Labels(string set, string name) => Path.Combine(Folder(set), "labels", name + ".png");
}
