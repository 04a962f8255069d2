using System.Globalization;
using HoverFast.Slides;
using HoverFast.Training.Data;

namespace HoverFast.Training.Adaptation;

/// <summary>A set of labelled tiles that the user wants to stay good: FOLDER or FOLDER=MPP.</summary>
internal static class AlsoCheckSet
{
    /// <summary>Reads it and checks its tiles.</summary>
    /// <param name="text">FOLDER or FOLDER=MPP.</param>
    /// <param name="mpp">Pixel size where none is given, um/px.</param>
    /// <param name="tiles">The tiles that are learned.</param>
    /// <exception cref="TrainingException">There is no such folder, its tiles can't be used, or some of them are learned.</exception>
    public static DataSetConfiguration Parse(string text, double mpp, TileCheckReport tiles)
    {
        var cut = text.LastIndexOf('=');
        var folder = cut < 0 || Directory.Exists(text) ? text : text[..cut];
        if (folder != text
            && !(
                double.TryParse(text[(cut + 1)..], NumberStyles.Float, CultureInfo.InvariantCulture, out mpp)
                && mpp >= SlideCalibrator.Finest
                && mpp <= SlideCalibrator.Coarsest))
        {
            throw new TrainingException(
                $"--also-check {text}: give the pixel size as FOLDER=0.25, between {SlideCalibrator.Finest} and {SlideCalibrator.Coarsest} um/px.");
        }

        var whole = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        var check = TileCheck.Run(whole, mpp);
        TileCheckReport.ThrowIfAny([.. check.Errors, .. TileCheckReport.Shared([tiles], [check])], all: false);
        return new DataSetConfiguration { Name = Path.GetFileName(whole), Folder = whole, Mpp = mpp };
    }
}
