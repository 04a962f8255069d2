namespace HoverFast.Cli.Measuring;

/// <summary>The kinds of networks that a benchmark sets side by side.</summary>
internal enum BenchNetwork
{
    /// <summary>One of ours.</summary>
    Student,

    /// <summary>HoverFast's published network.</summary>
    HoverFast,

    /// <summary>HoVer-Net.</summary>
    HoverNet,
}
