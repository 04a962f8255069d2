using System.Text;
using HoverFast.Model.Onnx;
using HoverFast.Model.Onnx.Wire;

namespace HoverFast.Model;

/// <summary>
/// What an adapted model carries in the metadata of its file: the model that it began from, whole, and the numbers that tell its own tissue from other.
/// </summary>
/// <param name="Graph">The start's ONNX file.</param>
/// <param name="Card">The start's card, as JSON.</param>
/// <param name="Tissue">The numbers, as JSON.</param>
internal sealed record StartInside(byte[] Graph, string Card, string Tissue)
{
    private const string GraphKey = "hoverfast.start";
    private const string CardKey = "hoverfast.start.card";
    private const string TissueKey = "hoverfast.tissue";

    /// <summary>Writes it into a graph.</summary>
    public void WriteTo(OnnxGraph graph)
    {
        graph.Metadata[GraphKey] = Convert.ToBase64String(Graph);
        graph.Metadata[CardKey] = Card;
        graph.Metadata[TissueKey] = Tissue;
    }

    /// <summary>Reads it from a model's file.</summary>
    /// <param name="model">The file's bytes.</param>
    /// <param name="path">Its name, for messages.</param>
    /// <returns>Null where the model carries none.</returns>
    /// <exception cref="ModelException">It is damaged.</exception>
    public static StartInside? Of(ReadOnlySpan<byte> model, string path) => Of(ModelProto.Parser.ParseFrom(model), path);

    /// <summary>Reads it from what a model's file holds.</summary>
    /// <inheritdoc cref="Of(ReadOnlySpan{byte}, string)"/>
    public static StartInside? Of(ModelProto model, string path)
    {
        var words = model.MetadataProps.ToLookup(m => m.Key, m => m.Value, StringComparer.Ordinal);
        if (!words[GraphKey].Any())
        {
            return null;
        }

        try
        {
            return new StartInside(Convert.FromBase64String(words[GraphKey].Single()), words[CardKey].Single(), words[TissueKey].Single());
        }
        catch (Exception e) when (e is FormatException or InvalidOperationException)
        {
            throw new ModelException(path, "the model inside of it, from which it was adapted, is damaged.", e);
        }
    }

    /// <summary>The start's card.</summary>
    /// <param name="path">The model's name, for messages.</param>
    /// <exception cref="ModelException">It isn't one.</exception>
    public ModelCard ParseCard(string path) => ModelCard.Parse(Encoding.UTF8.GetBytes(Card), path);
}
