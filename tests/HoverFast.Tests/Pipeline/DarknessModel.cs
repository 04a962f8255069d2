using HoverFast.Model;
using HoverFast.Model.Onnx;

namespace HoverFast.Tests.Pipeline;

/// <summary>A network made by hand: what absorbs red is nucleus, after a blur of 5 x 5 pixels; flat HV maps. It segments H&amp;E after a fashion.</summary>
internal static class DarknessModel
{
    /// <summary>
    /// Writes the model and its card; returns the model's path. With a patch size it is a network without padding that takes pictures
    /// of that size alone, as HoVer-Net does. With types, what is blue is of the first and what is not of the second.
    /// </summary>
    /// <param name="folder">Where to.</param>
    /// <param name="patch">Side of the only patch that it takes, or null.</param>
    /// <param name="typed">Whether it tells types.</param>
    /// <param name="middle">The red at which the probability is a half.</param>
    /// <param name="inside">What it carries to segment other tissue with, or null.</param>
    /// <param name="name">Its name, and that of its file.</param>
    public static string Write(
        string folder,
        int? patch = null,
        bool typed = false,
        float middle = 110,
        StartInside? inside = null,
        string name = "darkness")
    {
        var graph = new OnnxGraph("darkness");
        var image = graph.Input("image", OnnxType.UInt8, 1, patch ?? (OnnxDimension)"H", patch ?? (OnnxDimension)"W", 3);
        var planes = graph.Transpose(graph.Cast(image, OnnxType.Float), 0, 3, 1, 2);

        // 255 x (0.5 + (middle - red) / 60): the blur reads red alone and turns it round.
        var weights = new float[3 * 25];
        Array.Fill(weights, -255f / 60 / 25, 0, 25);
        var probability = graph.Conv(planes, weights, [1, 3, 5, 5], [255 * ((middle / 60) + 0.5f)], patch is null ? [2, 2, 2, 2] : null);
        graph.Output("probability", graph.Cast(graph.Clip(probability, 0, 255), OnnxType.UInt8), OnnxType.UInt8, 1, 1, "h", "w");
        var hv = graph.Conv(patch is null ? planes : graph.Crop(planes, 2, 2, 2, 2), new float[6], [2, 3, 1, 1]);
        graph.Output("hv", graph.Cast(hv, OnnxType.Int8), OnnxType.Int8, 1, 2, "h", "w");

        if (typed)
        {
            var types = graph.Conv(planes, [0, 0, -1f / 20], [1, 3, 1, 1], [2 + (95f / 20)]);
            graph.Output("types", graph.Cast(graph.Clip(types, 1, 2), OnnxType.UInt8), OnnxType.UInt8, 1, 1, "h", "w");
        }

        inside?.WriteTo(graph);
        var path = Path.Combine(folder, patch is null ? name + ".onnx" : "patches.onnx");
        graph.Save(path);
        new ModelCard
        {
            Name = name,
            Kind = "student",
            Mpp = 0.5,
            Stride = patch is null ? 8 : 1,
            ReceptiveRadius = patch is null ? 2 : 0,
            Margin = patch is null ? 0 : 2,
            FixedInput = patch,
            Types = typed ? [new("Background", [0, 0, 0]), new("Blue", [0, 0, 255], ["bluish"]), new("Red", [255, 0, 0])] : null,
            Sha256 = ModelCard.HashOf(File.ReadAllBytes(path)),
        }.Save(ModelCard.PathFor(path));
        return path;
    }
}
