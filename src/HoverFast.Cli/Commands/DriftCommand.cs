using System.CommandLine;
using HoverFast.Cli.Options;
using HoverFast.Jobs;

namespace HoverFast.Cli.Commands;

/// <summary><c>hoverfast drift</c>: whether stain, focus, nuclei or confidence change from slide to slide.</summary>
internal static class DriftCommand
{
    /// <summary>The command.</summary>
    public static Command Make()
    {
        var folders = new Argument<DirectoryInfo[]>("RESULTS")
        {
            Description = "Folders of results; folders in them are looked into.",
            Arity = ArgumentArity.OneOrMore,
        };
        var baseline = new Option<FileInfo>("--baseline") { Description = "A baseline that was saved; left out, each scanner's first results are its baseline." };
        baseline.AcceptExistingOnly();
        var first = NumberOption.Whole("--first", "How many first results of a scanner are its baseline where none is given.", 30, DriftReport.LeastBaseline, 100_000);
        var save = new Option<FileInfo?>("--save-baseline") { Description = "Save the baselines by scanner to this file (JSON), for the reports to come." };
        var page = new Option<FileInfo?>("--page") { Description = "Write the charts as one HTML page." };
        var table = new Option<FileInfo?>("--table") { Description = "Write all values, averages, limits and alarms as CSV." };
        var command = new Command("drift", "Control charts over results: stain, focus, nuclei, confidence, domain shift, by scanner. Exits with 1 on alarms.")
        {
            folders,
            baseline,
            first,
            save,
            page,
            table,
        };
        command.SetAction(parsed =>
        {
            var report = DriftReport.Of(parsed.GetValue(folders)!.Select(f => f.FullName), parsed.GetValue(baseline)?.FullName, parsed.GetValue(first));
            Write(parsed.GetValue(save), report.SaveBaseline);
            Write(parsed.GetValue(page), report.WritePage);
            Write(parsed.GetValue(table), report.WriteTable);
            foreach (var line in report.Notes.Concat(report.Alarms))
            {
                Console.WriteLine(line);
            }

            var left = report.LeftOut > 0 ? $", {report.LeftOut} of earlier versions or unreadable left out" : "";
            var bare = report.WithoutTissue > 0 ? $", {report.WithoutTissue} without tissue left out" : "";
            Console.WriteLine($"{report.Results.Count} results{left}{bare}: {report.Alarms.Count switch { 0 => "no alarm", 1 => "1 alarm", var more => $"{more} alarms" }}");
            return report.Alarms.Count == 0 ? ExitCode.Success : ExitCode.SomeFailed;
        });
        return command;
    }

    private static void Write(FileInfo? file, Action<string> write)
    {
        if (file is not null)
        {
            write(file.FullName);
        }
    }
}
