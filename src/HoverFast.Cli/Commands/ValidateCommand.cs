using System.CommandLine;
using System.Globalization;
using HoverFast.Cli.Options;
using HoverFast.Jobs;
using HoverFast.Model;
using HoverFast.Pipeline;
using HoverFast.Slides;

namespace HoverFast.Cli.Commands;

/// <summary><c>hoverfast validate</c>: a laboratory's own labelled tiles against limits that it stated before.</summary>
internal static class ValidateCommand
{
    /// <summary>The command.</summary>
    public static Command Make()
    {
        var tiles = new Argument<DirectoryInfo>("TILES") { Description = "A folder that holds images/ and labels/ of the same names." };
        var protocol = new Option<FileInfo>("--protocol") { Description = "The limits (JSON; docs/trust.md).", Required = true };
        protocol.AcceptExistingOnly();
        var output = new Option<DirectoryInfo?>("--out", "-o") { Description = "Folder for the report: validation.html for people, validation.json for programs, and a line in its audit log." };
        var model = ModelOptions.Model();
        var views = ModelOptions.Views();
        var device = ModelOptions.Device();
        var command = new Command("validate", "Hold a model against limits on labelled tiles of your own. Exits with 1 where one does not hold.")
        {
            tiles,
            protocol,
            output,
            model,
            views,
            device,
        };
        command.SetAction(
            async (parsed, cancellation) =>
            {
                var limits = ValidationProtocol.Read(parsed.GetValue(protocol)!.FullName);
                var folder = parsed.GetValue(tiles)!.FullName;
                using var network = ModelCatalog.Load(parsed.GetValue(model), device: ExecutionProviders.Parse(parsed.GetValue(device)!));
                using var segmenter = new SlideSegmenter(
                    network,
                    new SegmentSettings { Views = parsed.GetValue(views) },
                    new SlideCalibrator { Stated = new Mpp(limits.Mpp) });
                var scores = await segmenter.EvaluateAsync(Path.Combine(folder, "labels"), Path.Combine(folder, "images"), new Mpp(limits.Mpp), cancellation);
                var report = ValidationReport.Of(limits, network.Card, scores);
                if (parsed.GetValue(output) is { } target)
                {
                    await report.WriteAsync(target.FullName, segmenter.LabelAsync, folder, cancellation);
                }

                foreach (var finding in report.Findings)
                {
                    Console.WriteLine(Line(finding));
                }

                Console.WriteLine(
                    report.Holds
                        ? $"{limits.Name}: all limits hold"
                        : $"{limits.Name}: {report.Findings.Count(f => !f.Holds)} of {report.Findings.Count} limits do not hold");
                if (parsed.GetValue(output) is { } written)
                {
                    Console.WriteLine($"report: {Path.Combine(written.FullName, ValidationReport.PageName)}");
                }

                return report.Holds ? ExitCode.Success : ExitCode.SomeFailed;
            });
        return command;
    }

    private static string Line(ValidationFinding finding)
    {
        var interval = finding is { Low: { } low, High: { } high } ? string.Create(CultureInfo.InvariantCulture, $" ({low:0.000} to {high:0.000})") : "";
        var least = string.Create(CultureInfo.InvariantCulture, $"{(finding.Limit.ByLowerEnd ? "lower end " : "")}at least {finding.Limit.Least:0.000}");
        var mean = finding.Mean is { } value ? value.ToString("0.000", CultureInfo.InvariantCulture) : "nothing";
        return $"{(finding.Holds ? "held    " : "NOT HELD")} {finding.Limit.Figure} {mean}{interval}, {least}, {finding.Tiles} tiles{(finding.Limit.Tissue is { } tissue ? $" of {tissue}" : "")}";
    }
}
