namespace HoverFast.Model.Networks;

/// <summary>What an imported network's graph puts out.</summary>
public enum NetworkOutputs
{
    /// <summary>What <see cref="NucleusModel"/> takes: bytes on the scales of <see cref="NucleusMaps"/>.</summary>
    Maps,

    /// <summary>The last layers' floats as they are, before softmax, to compare with the published programs.</summary>
    Raw,
}
