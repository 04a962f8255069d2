namespace HoverFast.Nuclei;

/// <summary>Which measurements outputs carry.</summary>
public enum MeasurementChoice
{
    /// <summary>None: the smallest files.</summary>
    None,

    /// <summary>Area, circularity, detection and match probability.</summary>
    Basic,

    /// <summary>Shape, stain densities and confidence.</summary>
    All,
}
