namespace HoverFast.Jobs;

/// <summary>The kinds of networks that a benchmark sets side by side.</summary>
public enum BenchmarkNetwork
{
    /// <summary>One of ours.</summary>
    Student,

    /// <summary>HoverFast's published network.</summary>
    HoverFast,

    /// <summary>HoVer-Net.</summary>
    HoverNet,
}
