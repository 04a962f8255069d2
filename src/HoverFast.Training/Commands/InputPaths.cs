namespace HoverFast.Training.Commands;

/// <summary>Paths that the user gave.</summary>
internal static class InputPaths
{
    /// <summary>Refuses those that don't exist, before anything is written for them; a pattern is looked at later.</summary>
    /// <exception cref="TrainingException">One is missing.</exception>
    public static void MustExist(IEnumerable<string> paths)
    {
        foreach (var path in paths)
        {
            if (!File.Exists(path) && !Directory.Exists(path) && path.AsSpan().IndexOfAny('*', '?') < 0)
            {
                throw new TrainingException(path, "there is no such file or folder.");
            }
        }
    }
}
