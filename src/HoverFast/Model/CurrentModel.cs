using HoverFast.Files;

namespace HoverFast.Model;

/// <summary>Which model of a folder of models is in use: a file of one line with its place. Who names the folder as a model gets that one.</summary>
internal static class CurrentModel
{
    private const string FileName = "current.txt";
    private const string FolderName = "models";

    /// <summary>The model in use.</summary>
    /// <param name="folder">A folder of models, or of results with one beside them.</param>
    /// <exception cref="ModelException">None is in use.</exception>
    public static string Of(string folder)
    {
        var place = new[] { folder, Path.Combine(folder, FolderName) }.FirstOrDefault(f => File.Exists(Path.Combine(f, FileName)))
            ?? throw new ModelException(folder, "is a folder without a model in use. Promote one of its models first, or name a model's file.");
        try
        {
            var line = RegularFile.ReadAllText(Path.Combine(place, FileName)).Trim();
            return Path.Combine(place, line);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ModelException(folder, $"doesn't tell which model is in use ({e.Message.TrimEnd('.')}).", e);
        }
    }

    /// <summary>Says which model is in use.</summary>
    /// <param name="folder">The folder of models.</param>
    /// <param name="model">Its place in the folder; null for none.</param>
    public static void Write(string folder, string? model)
    {
        if (model is null)
        {
            File.Delete(Path.Combine(folder, FileName));
        }
        else
        {
            PartialFile.WriteText(Path.Combine(folder, FileName), model.Replace('\\', '/') + "\n");
        }
    }
}
