namespace HoverFast.Training;

/// <summary>Something in the data, the configuration or the options that a run can't work with. The message names the file and the way out.</summary>
public sealed class TrainingException : Exception
{
    /// <summary>Says what is wrong with which file.</summary>
    /// <param name="path">The file, folder or option.</param>
    /// <param name="problem">What is wrong and what the user can do.</param>
    /// <param name="inner">The cause, if any.</param>
    public TrainingException(string path, string problem, Exception? inner = null)
        : base($"{path}: {problem}", inner)
    {
    }

    /// <summary>Says what is wrong.</summary>
    /// <param name="message">What is wrong and what the user can do.</param>
    /// <param name="inner">The cause, if any.</param>
    public TrainingException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
