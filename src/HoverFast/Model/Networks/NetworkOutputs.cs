namespace HoverFast.Model.Networks;

/// <summary>What an imported network's graph puts out.</summary>
internal enum NetworkOutputs
{
    /// <summary>What <see cref="NucleusModel"/> takes: bytes on the scales of <see cref="NucleusMaps"/>.</summary>
    Maps,

    /// <summary>The same and, named <c>raw_</c>..., the last layers' floats before softmax, to compare with the published programs.</summary>
    MapsAndRaw,
}
