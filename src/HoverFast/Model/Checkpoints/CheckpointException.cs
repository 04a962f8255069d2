namespace HoverFast.Model.Checkpoints;

/// <summary>A checkpoint can't be read, isn't one, or asks for something that reading weights never needs. The message names the file.</summary>
internal sealed class CheckpointException : ModelException
{
    /// <summary>Says what is wrong with which file.</summary>
    public CheckpointException(string path, string problem, Exception? inner = null)
        : base(path, problem, inner)
    {
    }
}
