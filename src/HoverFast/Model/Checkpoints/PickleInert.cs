namespace HoverFast.Model.Checkpoints;

/// <summary>An object of which only the class matters to nobody: a data type's description, for instance.</summary>
internal sealed record PickleInert(PickleGlobal Class, PickleTuple Arguments);
