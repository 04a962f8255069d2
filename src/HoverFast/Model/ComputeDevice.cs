namespace HoverFast.Model;

/// <summary>Where a network runs: what ONNX Runtime calls an execution provider.</summary>
public enum ComputeDevice
{
    /// <summary>The processor. In every build.</summary>
    Cpu,

    /// <summary>NVIDIA GPUs, by CUDA and cuDNN.</summary>
    Cuda,

    /// <summary>Any GPU on Windows, by DirectX 12.</summary>
    DirectMl,

    /// <summary>Intel's processors, GPUs and NPUs, by OpenVINO.</summary>
    OpenVino,

    /// <summary>Apple's GPUs and Neural Engine, by Core ML.</summary>
    CoreMl,
}
