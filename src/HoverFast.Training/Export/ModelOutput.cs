using HoverFast.Model;

namespace HoverFast.Training.Export;

/// <summary>Looks at the place where a model shall be written before anything is computed for it.</summary>
internal static class ModelOutput
{
    /// <summary>Refuses a place that can't take a model, or that holds one already.</summary>
    /// <param name="path">The model's file.</param>
    /// <param name="overwrite">Whether a model that lies there may be replaced.</param>
    /// <exception cref="TrainingException">It is a folder, has another ending, lies where nothing can be written, or is taken.</exception>
    public static void Check(string path, bool overwrite)
    {
        if (Directory.Exists(path))
        {
            throw new TrainingException(path, $"is a folder; name a file, for example {Path.Combine(path, "model.onnx")}.");
        }

        if (!Path.GetExtension(path).Equals(".onnx", StringComparison.OrdinalIgnoreCase))
        {
            throw new TrainingException(path, "a model's file ends in .onnx.");
        }

        if (!overwrite && (File.Exists(path) || File.Exists(ModelCard.PathFor(path))))
        {
            throw new TrainingException(path, "is there already. Give another name, or --overwrite.");
        }

        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        try
        {
            Directory.CreateDirectory(folder);
            using var probe = new FileStream(
                Path.Combine(folder, $".hoverfast-{Environment.ProcessId}.partial"),
                FileMode.Create,
                FileAccess.Write,
                FileShare.None,
                1,
                FileOptions.DeleteOnClose);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new TrainingException(path, $"nothing can be written there ({e.Message}).", e);
        }
    }
}
