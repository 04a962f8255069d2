namespace HoverFast.Model;

/// <summary>A model that can't be loaded or used. The message names the file and the way out.</summary>
public class ModelException : Exception
{
    /// <summary>Makes the error.</summary>
    /// <param name="path">The model file, or its name where it is built in.</param>
    /// <param name="problem">What is wrong and what the user can do.</param>
    /// <param name="inner">The cause, if any.</param>
    public ModelException(string path, string problem, Exception? inner = null)
        : base($"{path}: {problem}", inner)
    {
    }
}
