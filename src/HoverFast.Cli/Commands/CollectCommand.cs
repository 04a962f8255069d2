using System.CommandLine;
using HoverFast.Cli.Screens;
using HoverFast.Cluster.Cohort;
using Spectre.Console;

namespace HoverFast.Cli.Commands;

/// <summary><c>hoverfast collect</c>: the results of many slides as tables and a report.</summary>
internal static class CollectCommand
{
    /// <summary>The command.</summary>
    public static Command Make()
    {
        var results = ClusterCommand.Results();
        var output = new Option<FileInfo>("--out", "-o") { Description = "The table: Parquet, a row a slide.", Required = true };
        var nuclei = new Option<DirectoryInfo?>("--nuclei")
        {
            Description = "Write all nuclei too, a row each: partitioned GeoParquet, FOLDER/slide=NAME/nuclei.parquet.",
        };
        var report = new Option<FileInfo?>("--report")
        {
            Description = "Write a report too: one page of HTML with distributions, outliers, failures and warnings.",
        };
        var command = new Command(
            "collect",
            "Bring the results of a folder together: a table of slides, on demand all nuclei and a report.") { results, output, nuclei, report };
        command.SetAction(async (parsed, cancellation) =>
        {
            var table = CohortTable.Read(parsed.GetValue(results)!.FullName);
            foreach (var problem in table.Problems)
            {
                await Console.Error.WriteLineAsync($"error: {problem}");
            }

            var failed = table.Problems.Count;
            await table.WriteAsync(parsed.GetValue(output)!.FullName, cancellation);
            Screen.Out.WriteLine($"{parsed.GetValue(output)}: {table.Count} slides");
            if (parsed.GetValue(nuclei) is { } folder)
            {
                var (rows, slides) = await NucleusPartitions.WriteAsync(table, folder.FullName, Tell, cancellation);
                Screen.Out.WriteLine($"{folder}: {rows} nuclei of {slides} slides");
            }

            if (parsed.GetValue(report) is { } page)
            {
                CohortReport.Write(page.FullName, table);
                Screen.Out.WriteLine($"{page}: the report");
            }

            return failed > 0 ? ExitCode.SomeFailed : ExitCode.Success;

            void Tell(string problem)
            {
                failed++;
                Console.Error.WriteLine($"error: {problem}");
            }
        });
        return command;
    }
}
