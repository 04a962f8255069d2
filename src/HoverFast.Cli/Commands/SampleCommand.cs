using System.CommandLine;
using HoverFast.Slides;
using HoverFast.Slides.Synthetic;

namespace HoverFast.Cli.Commands;

/// <summary><c>hoverfast sample</c>: draws a small H&amp;E-like picture, so that the program can be tried without data.</summary>
internal static class SampleCommand
{
    /// <summary>Pixel size of the drawn picture.</summary>
    public static readonly Mpp SampleMpp = new(0.25);

    /// <summary>The command.</summary>
    public static Command Make()
    {
        var output = new Option<FileInfo>("--output", "-o") { Description = "The PNG to write.", DefaultValueFactory = _ => new FileInfo("sample.png") };
        var size = new Option<int>("--size") { Description = "Pixels on a side, 64 to 8192.", DefaultValueFactory = _ => 1024 };
        var seed = new Option<int>("--seed") { Description = "Another seed draws other tissue.", DefaultValueFactory = _ => 1 };
        size.Validators.Add(r =>
        {
            if (r.GetValueOrDefault<int>() is < 64 or > 8192)
            {
                r.AddError("--size lies between 64 and 8192.");
            }
        });
        var command = new Command("sample", "Draw a small H&E-like picture of 0.25 um/px to try the program on.") { output, size, seed };
        command.SetAction(parsed =>
        {
            var path = parsed.GetValue(output)!.FullName;
            var nuclei = Draw(path, parsed.GetValue(size), parsed.GetValue(seed));
            Console.WriteLine($"{path}: {nuclei} nuclei drawn at {SampleMpp}");
        });
        return command;
    }

    /// <summary>Draws the picture; returns how many nuclei it holds.</summary>
    public static int Draw(string path, int size, int seed)
    {
        var tissue = DrawnTissue.Draw(size, size, SampleMpp, seed);
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        RgbImageFile.WritePng(path, tissue.Image);
        return tissue.Nuclei.Count;
    }
}
