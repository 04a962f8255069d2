namespace HoverFast.Synthetic;

/// <summary>In whose manner a synthetic slide is written.</summary>
internal enum SyntheticFormat
{
    /// <summary>As Aperio's scanners do (SVS).</summary>
    Svs,

    /// <summary>As OME-TIFF: smaller levels nested under the first page.</summary>
    OmeTiff,
}
