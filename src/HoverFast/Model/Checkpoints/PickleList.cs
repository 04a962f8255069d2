namespace HoverFast.Model.Checkpoints;

/// <summary>A list.</summary>
internal sealed class PickleList
{
    public List<object?> Items { get; } = [];
}
