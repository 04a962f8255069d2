using System.Globalization;
using System.Text.Json;
using HoverFast.Files;

namespace HoverFast.Model.Networks;

/// <summary>Names and colours of the nucleus types that published checkpoints tell apart. Type 0 is background.</summary>
internal static class NucleusTypes
{
    /// <summary>The types by their count, background included: 6 is PanNuke's set, 5 is CoNSeP's; any other gets numbered names.</summary>
    public static IReadOnlyList<ModelCard.NucleusType> Published(int count) => count switch
    {
        // Gamper et al., PanNuke, 2020.
        6 =>
        [
            new("Background", [0, 0, 0]),
            new("Neoplastic", [255, 0, 0]),
            new("Inflammatory", [0, 255, 0]),
            new("Connective", [0, 0, 255]),
            new("Dead", [255, 255, 0]),
            new("Epithelial", [255, 165, 0]),
        ],

            // Graham et al., MedIA 2019.
            5 =>
            [
                new("Background", [0, 0, 0]),
                new("Miscellaneous", [0, 255, 255]),
                new("Inflammatory", [255, 0, 0]),
                new("Epithelial", [0, 0, 255]),
                new("Spindle-shaped", [0, 255, 0]),
            ],
            _ =>
            [
                new("Background", [0, 0, 0]),
                .. Enumerable
                    .Range(1, Math.Max(0, count - 1))
                    .Select(i => new ModelCard.NucleusType("Type " + i.ToString(CultureInfo.InvariantCulture), Colour(i))),
            ],
        };

    /// <summary>Reads HoVer-Net's <c>type_info.json</c>: an object from type number to name and colour, <c>{"1": ["neoplastic", [255, 0, 0]]}</c>.</summary>
    /// <exception cref="ModelException">The file is not of that form, or doesn't name the types 0 to count - 1.</exception>
    public static IReadOnlyList<ModelCard.NucleusType> Read(string path, int count)
    {
        try
        {
            using var json = JsonDocument.Parse(RegularFile.ReadAllBytes(path));
            var types = new ModelCard.NucleusType[count];
            for (var i = 0; i < count; i++)
            {
                var entry = json.RootElement.GetProperty(i.ToString(CultureInfo.InvariantCulture));
                var colour = entry[1].EnumerateArray().Select(c => (int)c.GetByte()).ToArray();
                types[i] =
                    colour.Length == 3 ? new ModelCard.NucleusType(entry[0].GetString()!, colour) : throw new JsonException($"colour {i} has no three numbers");
            }

            return types;
        }
        catch (Exception e)
            when (e
                    is JsonException
                        or KeyNotFoundException
                        or InvalidOperationException
                        or IndexOutOfRangeException
                        or FormatException
                        or IOException
                        or UnauthorizedAccessException)
        {
            throw new ModelException(
                path,
                $"can't be read as a list of the {count} nucleus types of this checkpoint ({e.Message}). It looks like {{\"0\": [\"background\", [0, 0, 0]], \"1\": [\"neoplastic\", [255, 0, 0]]}}.",
                e);
        }
    }

    // Hues a golden angle apart stay distinct for any number of types.
    private static int[] Colour(int index)
    {
        var hue = index * 137.50776405 % 360 / 60;
        int Channel(double offset)
        {
            var k = (hue + offset) % 6;
            return (int)Math.Round(255 * (1 - Math.Max(0, Math.Min(Math.Min(k, 4 - k), 1))));
        }

        return [Channel(5), Channel(3), Channel(1)];
    }
}
