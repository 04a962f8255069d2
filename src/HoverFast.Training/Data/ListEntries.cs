using System.Text.Json;

namespace HoverFast.Training.Data;

/// <summary>Looks at what reading JSON leaves unseen: whether the entries of lists are there.</summary>
internal static class ListEntries
{
    /// <summary>Refuses a list that holds null.</summary>
    /// <param name="json">A text that was read already.</param>
    /// <param name="options">What it was read with.</param>
    /// <exception cref="JsonException">There is such a list; the message names it.</exception>
    public static void Require(string json, JsonSerializerOptions options)
    {
        using var document = JsonDocument.Parse(
            json,
            new JsonDocumentOptions { CommentHandling = options.ReadCommentHandling, AllowTrailingCommas = options.AllowTrailingCommas });
        Require(document.RootElement, "$");
    }

    private static void Require(JsonElement element, string path)
    {
        if (element.ValueKind == JsonValueKind.Object)
        {
            foreach (var member in element.EnumerateObject())
            {
                Require(member.Value, $"{path}.{member.Name}");
            }
        }
        else if (element.ValueKind == JsonValueKind.Array)
        {
            foreach (var (i, entry) in element.EnumerateArray().Index())
            {
                Require(entry.ValueKind != JsonValueKind.Null ? entry : throw new JsonException($"{path}[{i}] is null"), $"{path}[{i}]");
            }
        }
    }
}
