using System.CommandLine;
using HoverFast.Slides.DicomWeb;

namespace HoverFast.Cli.Options;

/// <summary>Which slide of a DICOMweb server is meant, where the address doesn't say.</summary>
internal sealed class DicomWebOptions
{
    private readonly Option<string?> _study = new("--study") { Description = "UID of the study, where INPUT is the address of a DICOMweb server." };
    private readonly Option<string?> _series = new("--series") { Description = "UID of the series; may be left out where the study has one slide." };

    /// <summary>Adds them.</summary>
    public void AddTo(Command command, Argument<string[]> inputs)
    {
        command.Add(_study);
        command.Add(_series);
        command.Validators.Add(r =>
        {
            // An option without its value is told by the parser; asking for the value here would throw.
            var isAsked = r.GetResult(_study) is { Tokens.Count: > 0 } || r.GetResult(_series) is { Tokens.Count: > 0 };
            if (isAsked && !(r.GetResult(inputs)?.Tokens is [var only] && DicomWebAddress.IsAddress(only.Value)))
            {
                r.AddError("--study and --series go with one INPUT, the address of a DICOMweb server such as http://host/dicom-web.");
            }
        });
    }

    /// <summary>The inputs, addresses made whole.</summary>
    /// <exception cref="Slides.SlideException">An address is none.</exception>
    public IEnumerable<string> Complete(ParseResult parsed, IEnumerable<string> inputs) =>
        inputs.Select(i => DicomWebAddress.IsAddress(i) ? new DicomWebAddress(i, parsed.GetValue(_study), parsed.GetValue(_series)).ToString() : i).ToList();
}
