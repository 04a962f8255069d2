using HoverFast.Model;
using HoverFast.Slides;
using HoverFast.Tissue;

namespace HoverFast.Pipeline;

/// <summary>What outputs need to know of a slide before its first nucleus.</summary>
/// <param name="Slide">The open slide.</param>
/// <param name="Calibration">Its pixel size and where that comes from.</param>
/// <param name="Grid">The working grid.</param>
/// <param name="Tissue">Where nuclei are looked for.</param>
/// <param name="Model">The model's card.</param>
/// <param name="Key">Hash of all that the result depends on, lower-case hexadecimal.</param>
/// <param name="Fingerprint">Hash of the slide, lower-case hexadecimal.</param>
public sealed record SlideContext(
    ISlide Slide,
    SlideCalibration Calibration,
    WorkingGrid Grid,
    TissueMask Tissue,
    ModelCard Model,
    string Key,
    string Fingerprint)
{
    /// <summary>What runs the network (<see cref="NucleusModel.Engine"/>).</summary>
    public string Engine { get; init; } = "";
}
