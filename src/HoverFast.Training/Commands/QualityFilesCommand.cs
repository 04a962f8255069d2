using System.CommandLine;

namespace HoverFast.Training.Commands;

/// <summary>Commands that make the program's own files of quality from labelled pictures, by the students that ship.</summary>
internal static class QualityFilesCommand
{
    /// <summary>The students whose answers are looked at.</summary>
    public static IReadOnlyList<string> Models { get; } = ["hoverfast-he", "hoverfast-he-fast"];

    /// <summary>Makes such a command: it takes a folder of data, and a folder for its files, which is made.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="description">What it does.</param>
    /// <param name="sets">What the folder of data holds, in words.</param>
    /// <param name="files">What it writes, in words.</param>
    /// <param name="run">Does it: folder of data, folder for files, the command line.</param>
    public static Command Create(string name, string description, string sets, string files, Action<string, string, ParseResult, CancellationToken> run)
    {
        var data = new Argument<DirectoryInfo>("DATA") { Description = $"Folder that holds {sets}." };
        var output = new Option<DirectoryInfo>("--output", "-o") { Description = $"Folder for {files}.", Required = true };
        var command = new Command(
            name,
            $"{description} Only for who changes the program's own.\n\nExample:\n  {name} ../shared/data -o models/quality")
        {
            data, output,
        };
        command.SetAction((parse, cancellation) => Task.FromResult(Failure.Guard(() =>
        {
            var folder = parse.GetRequiredValue(output).FullName;
            Directory.CreateDirectory(folder);
            run(parse.GetRequiredValue(data).FullName, folder, parse, cancellation);
        })));
        return command;
    }
}
