using System.CommandLine;
using HoverFast.Jobs;
using HoverFast.Slides;

namespace HoverFast.Cli.Options;

/// <summary>The options that settle slides' pixel sizes.</summary>
internal sealed class CalibrationOptions
{
    private readonly Option<double?> _mpp = GivenMpp();
    private readonly Option<FileInfo> _table = new("--mpp-table", "--mpp-csv") { Description = "CSV of pixel sizes for single inputs: file name, um/px." };
    private readonly Option<double?> _magnification = NumberOption.Real(
        "--assume-magnification",
        "Objective power to assume where a file states no pixel size, for example 40.",
        1,
        200);

    /// <summary>Makes the options.</summary>
    public CalibrationOptions() => _table.AcceptExistingOnly();

    /// <summary>The option for one pixel size.</summary>
    public static Option<double?> Mpp(string description) => NumberOption.Real("--mpp", description, SlideCalibrator.Finest, SlideCalibrator.Coarsest);

    /// <summary>The option for the pixel size of all inputs.</summary>
    public static Option<double?> GivenMpp() => Mpp("Pixel size of all inputs in um/px, whatever the files state; a warning tells where one states another.");

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        command.Add(_mpp);
        command.Add(_table);
        command.Add(_magnification);
    }

    /// <summary>The calibrator that was asked for.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="inputs">The inputs: a row of the table that matches none of them is told. Null where they aren't known yet.</param>
    /// <param name="usual">Pixel size where none is given.</param>
    public SlideCalibrator Calibrator(ParseResult parsed, IReadOnlyList<SlideInput>? inputs, Mpp? usual = null)
    {
        var calibrator = new SlideCalibrator
        {
            Stated = parsed.GetValue(_mpp) is { } mpp ? new Mpp(mpp) : usual,
            AssumedMagnification = parsed.GetValue(_magnification),
        };
        if (parsed.GetValue(_table) is { } table)
        {
            calibrator.AddTable(table.FullName);
            foreach (var row in inputs is null ? [] : calibrator.UnmatchedRows([.. inputs.Select(i => i.Path)]))
            {
                Console.Error.WriteLine($"warning: {table}: {row} matches no input.");
            }
        }

        return calibrator;
    }
}
