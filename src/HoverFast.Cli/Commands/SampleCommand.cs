using System.CommandLine;
using HoverFast.Cli.Options;
using HoverFast.Slides;
using HoverFast.Synthetic;

namespace HoverFast.Cli.Commands;

/// <summary><c>hoverfast sample</c>: draws H&amp;E-like pictures and whole slides, so that the program can be tried and measured without data.</summary>
internal static class SampleCommand
{
    /// <summary>Pixel size of what is drawn.</summary>
    public static readonly Mpp SampleMpp = new(0.25);

    private const int SmallestSlide = 1024;
    private const int LargestSlide = 120_000;

    /// <summary>The command.</summary>
    public static Command Make()
    {
        var output = new Option<FileInfo>("--out", "-o", "--output")
        {
            Description = "The file to write: a PNG, or an SVS with --slide.",
            DefaultValueFactory = _ => new FileInfo("sample.png"),
        };
        var size = NumberOption.Whole("--size", "Pixels on a side of the picture, 64 to 8192.", 1024, 64, 8192);
        var slide = new Option<string?>("--slide")
        {
            Description = $"Draw a whole slide of this size instead, for example 100000x80000 (sides of {SmallestSlide} to {LargestSlide}).",
        };
        var tissue = NumberOption.Real("--tissue", "Share of the slide that is tissue, 0 to 1.", 0.1, 0, 1);
        var tiles = new Option<DirectoryInfo?>("--tiles")
        {
            Description = "Build the slide from the pictures in this folder (mirrored, stain-varied) instead of drawn tissue.",
        };
        var seed = NumberOption.Whole("--seed", "Another seed draws other tissue.", 1, int.MinValue, int.MaxValue);
        slide.Validators.Add(r =>
        {
            if (r.Tokens is [{ Value: var text }, ..] && SizeOf(text) is null)
            {
                r.AddError($"--slide is WIDTHxHEIGHT, each {SmallestSlide} to {LargestSlide}; for example 100000x80000.");
            }
        });
        var command = new Command("sample", "Draw an H&E-like picture or slide of 0.25 um/px to try the program on.")
        {
            output,
            size,
            slide,
            tissue,
            tiles,
            seed,
        };
        command.Validators.Add(r =>
        {
            foreach (var option in (Option[])(r.GetResult(slide) is { Implicit: false } ? [size] : [tissue, tiles]))
            {
                // What is no number is told first, by the option itself.
                if (r.GetResult(option) is { Implicit: false, Tokens: [var token] }
                    && (option == tiles || NumberText.TryRead(token.Value, whole: false, out _, out _)))
                {
                    r.AddError($"{option.Name} is for {(option == size ? "pictures, without" : "slides, with")} --slide.");
                }
            }
        });
        command.SetAction(parsed =>
        {
            var path = parsed.GetValue(output)!.FullName;
            if (parsed.GetValue(slide) is { } text)
            {
                var drawn = DrawSlide(path, SizeOf(text)!.Value, parsed.GetValue(tissue), parsed.GetValue(tiles)?.FullName, parsed.GetValue(seed));
                Console.WriteLine($"{path}: a slide of {text} pixels at {SampleMpp}, {drawn.TissueTiles} tiles with tissue");
                return;
            }

            var nuclei = SamplePicture.Write(path, parsed.GetValue(size), SampleMpp, parsed.GetValue(seed));
            Console.WriteLine($"{path}: {nuclei} nuclei drawn at {SampleMpp}");
        });
        return command;
    }

    private static SyntheticSlide DrawSlide(string path, PixelSize size, double tissue, string? tiles, int seed)
    {
        return SyntheticSlide.Write(path, new SyntheticSlideOptions { Size = size, Mpp = SampleMpp, TissueFraction = tissue, RealTiles = tiles, Seed = seed });
    }

    private static PixelSize? SizeOf(string text)
    {
        var sides = text.Split('x', 'X');
        return sides.Length == 2 && int.TryParse(sides[0], out var width) && int.TryParse(sides[1], out var height)
            && width is >= SmallestSlide and <= LargestSlide && height is >= SmallestSlide and <= LargestSlide
            ? new PixelSize(width, height)
            : null;
    }
}
