namespace HoverFast.Review.Models;

/// <summary>A decision about the model in use, which was another one by then. Nothing was done.</summary>
/// <param name="seen">The version that was thought to be in use.</param>
/// <param name="current">The version that is; 0 for the program's own model.</param>
public sealed class ModelConflictException(int seen, int current)
    : Exception($"Model {seen} isn't in use any more, but {(current > 0 ? $"model {current}" : "the program's own")}. Nothing was done; look again and decide.")
{
    /// <summary>The version that is in use; 0 for the program's own model.</summary>
    public int Current => current;
}
