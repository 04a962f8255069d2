using HoverFast.Files;

namespace HoverFast.Slides;

/// <summary>What the program understands of a slide: the first thing to look at, and to put into a bug report.</summary>
public sealed record SlideInfo
{
    /// <summary>The file.</summary>
    public required string Path { get; init; }

    /// <summary>Bytes of all files that make it up.</summary>
    public required long Bytes { get; init; }

    /// <summary>The format in words.</summary>
    public required string Format { get; init; }

    /// <summary>The levels, the finest first.</summary>
    public required IReadOnlyList<SlideLevel> Levels { get; init; }

    /// <summary>The pixel size that the file states, or null.</summary>
    public SlideCalibration? Calibration { get; init; }

    /// <summary>The part of level 0 that holds the scan.</summary>
    public required PixelRect Bounds { get; init; }

    /// <summary>Scanner, objective and pictures beside the slide.</summary>
    public required SlideDetails Details { get; init; }

    /// <summary>What stands in the way of segmenting it, in sentences; empty where nothing does.</summary>
    public required IReadOnlyList<string> Problems { get; init; }

    /// <summary>Opens a slide and looks at all that it states; one tile of each level is decoded.</summary>
    /// <exception cref="SlideException">It can't be opened.</exception>
    public static SlideInfo Of(string path)
    {
        using var slide = Slide.Open(path);
        return new SlideInfo
        {
            Path = path,
            Bytes = Slide.FilesOf(path).Where(RegularFile.Exists).Sum(RegularFile.LengthOf),
            Format = slide.Format,
            Levels = slide.Levels,
            Calibration = slide.Calibration,
            Bounds = slide.Bounds,
            Details = slide.Details,
            Problems = [.. ProblemsOf(slide)],
        };
    }

    /// <summary>Which level is read for a model, and how it is shrunk.</summary>
    /// <param name="model">Pixel size that the model wants.</param>
    /// <returns>Null where the file states no pixel size.</returns>
    public SlideReading? ReadingFor(Mpp model)
    {
        if (Calibration is null)
        {
            return null;
        }

        var grid = new WorkingGrid(Levels[0].Size, Calibration.Mpp, model);
        using var slide = Slide.Open(Path);
        var sampler = new SlideSampler(slide, Calibration.Mpp, model);
        return new SlideReading(sampler.Level, sampler.Reduction, grid.Scale / (Levels[sampler.Level].Downsample * sampler.Reduction), grid.Mpp, grid.Size);
    }

    private static IEnumerable<string> ProblemsOf(ISlide slide)
    {
        string? calibration = null;
        try
        {
            _ = new SlideCalibrator().Resolve(slide);
        }
        catch (SlideException e)
        {
            calibration = e.Problem;
        }

        if (calibration is not null)
        {
            yield return calibration;
        }

        foreach (var level in slide.Levels)
        {
            // The middle of a slide is seldom absent.
            var tile = new PixelSize(Math.Min(level.TileSize.Width, 256), Math.Min(level.TileSize.Height, 256));
            string? damage = null;
            try
            {
                slide.Read(
                    level.Index,
                    1,
                    new PixelRect(level.Size.Width / 2, level.Size.Height / 2, tile.Width, tile.Height),
                    new RgbImage(tile.Width, tile.Height));
            }
            catch (SlideException e)
            {
                damage = e.Problem;
            }

            if (damage is not null)
            {
                yield return damage;
            }
        }
    }
}
