namespace HoverFast.Model;

/// <summary>The files of the models that come with the library.</summary>
internal static class BuiltInModels
{
    /// <summary>Their names, in order.</summary>
    public static IReadOnlyList<string> Names => [.. typeof(BuiltInModels).Assembly.GetManifestResourceNames()
        .Where(r => r.EndsWith(".onnx", StringComparison.Ordinal)).Select(Path.GetFileNameWithoutExtension).OfType<string>().Order(StringComparer.Ordinal)];

    /// <summary>The ONNX file of one.</summary>
    /// <exception cref="ModelException">There is no such model.</exception>
    public static byte[] Graph(string name) => Resource(name, ".onnx");

    /// <summary>The card of one, without the work of loading the network.</summary>
    /// <exception cref="ModelException">There is no such model.</exception>
    public static ModelCard Card(string name) => ModelCard.Parse(Resource(name, ".card.json"), name);

    private static byte[] Resource(string name, string ending)
    {
        using var stream = typeof(BuiltInModels).Assembly.GetManifestResourceStream(name + ending)
            ?? throw new ModelException(name, $"no such built-in model; there are {string.Join(", ", Names)}.");
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
