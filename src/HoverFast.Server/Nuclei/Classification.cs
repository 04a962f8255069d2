using System.Text;
using System.Text.Json;

namespace HoverFast.Server.Nuclei;

/// <summary>A class of nuclei as GeoJSON tells it.</summary>
internal static class Classification
{
    /// <summary>Classes that are told apart.</summary>
    public const int Most = 1000;

    /// <summary>Name and colour; a colour of its own where the file tells none. Null where it names nothing.</summary>
    public static (string Name, byte Red, byte Green, byte Blue)? Parse(ReadOnlySpan<byte> json)
    {
        using var document = JsonDocument.Parse(json.ToArray());
        var root = document.RootElement;
        var name =
            root.ValueKind == JsonValueKind.String ? root.GetString()
            : root.ValueKind != JsonValueKind.Object ? null
            : root.TryGetProperty("name", out var single) && single.ValueKind == JsonValueKind.String ? single.GetString()
            : root.TryGetProperty("names", out var names) && names.ValueKind == JsonValueKind.Array
                ? string.Join(": ", names.EnumerateArray().Select(n => n.ToString()))
            : null;
        if (string.IsNullOrEmpty(name))
        {
            return null;
        }

        if (
            root.ValueKind == JsonValueKind.Object
            && root.TryGetProperty("color", out var colour)
            && colour.ValueKind == JsonValueKind.Array
            && colour.GetArrayLength() == 3
            && colour.EnumerateArray().All(c => c.TryGetByte(out _)))
        {
            return (name, colour[0].GetByte(), colour[1].GetByte(), colour[2].GetByte());
        }

        return ColouredByName(name);
    }

    /// <summary>A class with the colour that its name has: the same in every slide.</summary>
    public static (string Name, byte Red, byte Green, byte Blue) ColouredByName(string name)
    {
        var hash = Encoding.UTF8.GetBytes(name).Aggregate(17u, (h, b) => (h * 31) + b);
        return (name, (byte)(60 + (hash % 180)), (byte)(60 + (hash / 180 % 140)), (byte)(60 + (hash / 25200 % 180)));
    }
}
