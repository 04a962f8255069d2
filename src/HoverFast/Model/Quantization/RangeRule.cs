namespace HoverFast.Model.Quantization;

/// <summary>How much of an activation's distribution its bytes cover.</summary>
internal enum RangeRule
{
    /// <summary>All that calibration saw.</summary>
    Largest,

    /// <summary>A given share; what lies outside is clamped.</summary>
    Percentile,

    /// <summary>The range with the least mean squared error of rounding and clamping together.</summary>
    LeastError,
}
