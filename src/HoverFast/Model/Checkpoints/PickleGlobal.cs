namespace HoverFast.Model.Checkpoints;

/// <summary>The name of a class or function in a pickle; only a name, nothing is looked up or called.</summary>
internal sealed record PickleGlobal(string Name);
