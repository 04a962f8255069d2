using System.CommandLine;
using HoverFast.Model;
using HoverFast.Slides;
using HoverFast.Training.Distillation;

namespace HoverFast.Training.Commands;

/// <summary>The options that make a teacher.</summary>
internal sealed class TeacherOptions
{
    private readonly Option<string[]> _models = new("--teacher")
    {
        Description = "Model that teaches (ONNX file with its card, or a built-in name); several are averaged.",
        Required = true,
        AllowMultipleArgumentsPerToken = true,
    };
    private readonly Option<int> _views = RangedOption.Whole("--views", "Turned and mirrored views that each teacher sees, 1 to 8.", 8, new(1, 8));
    private readonly Option<double?> _mpp = RangedOption.RealOrNone(
        "--teacher-mpp",
        "Pixel size in um/px at which the teacher is shown tissue (default: its card's).",
        RangedOption.PixelSizes);

    public void AddTo(Command command)
    {
        command.Options.Add(_models);
        command.Options.Add(_views);
        command.Options.Add(_mpp);
    }

    public Teacher Load(ParseResult parse) =>
        new(
            [.. parse.GetRequiredValue(_models).Select(m => ModelCatalog.Load(m))],
            parse.GetValue(_views),
            parse.GetValue(_mpp) is { } mpp ? new Mpp(mpp) : null);
}
