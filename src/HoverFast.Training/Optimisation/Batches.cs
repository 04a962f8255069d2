using HoverFast.Model;
using HoverFast.Training.Data;
using HoverFast.Training.Networks;
using static TorchSharp.torch;

namespace HoverFast.Training.Optimisation;

/// <summary>Crops as tensors.</summary>
internal static class Batches
{
    /// <summary>The input of <see cref="UNet.Forward"/>.</summary>
    public static Tensor Input(IReadOnlyList<Crop> crops, StudentArchitecture network, Device device) =>
        Pack(crops.Select(c => (ReadOnlyMemory<float>)c.Rgb).ToArray(), crops[0].Size, crops[0].Size, network, device);

    /// <summary>
    /// Packs pictures (RGB interleaved, 0..1) into blocks of stem x stem pixels, (value - 128/255) scaled so that one unit is 64 grey levels.
    /// </summary>
    public static Tensor Pack(IReadOnlyList<ReadOnlyMemory<float>> pictures, int width, int height, StudentArchitecture network, Device device)
    {
        var stem = network.Stem;
        var channels = UNet.Padded(3 * stem * stem);
        var (w, h) = (width / stem, height / stem);
        var data = new float[pictures.Count * h * w * channels];
        for (var n = 0; n < pictures.Count; n++)
        {
            var rgb = pictures[n].Span;
            for (var y = 0; y < h * stem; y++)
            {
                for (var x = 0; x < w * stem; x++)
                {
                    var to = ((((n * h) + (y / stem)) * w) + (x / stem)) * channels + ((((y % stem) * stem) + (x % stem)) * 3);
                    var from = ((y * width) + x) * 3;
                    for (var c = 0; c < 3; c++)
                    {
                        data[to + c] = ((rgb[from + c] * 255f) - 128f) / 64f;
                    }
                }
            }
        }

        return tensor(data, [pictures.Count, h, w, channels], device: device).permute(0, 3, 1, 2);
    }

    /// <summary>The target of <see cref="Losses.Of"/>.</summary>
    public static Tensor Target(IReadOnlyList<Crop> crops, Device device)
    {
        var each = crops[0].Target.Length;
        var data = new float[crops.Count * each];
        for (var n = 0; n < crops.Count; n++)
        {
            crops[n].Target.CopyTo(data, n * each);
        }

        return tensor(data, [crops.Count, Crop.Planes, crops[0].TargetSize, crops[0].TargetSize], device: device);
    }
}
