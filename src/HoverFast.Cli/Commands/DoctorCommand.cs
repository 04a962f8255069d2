using System.CommandLine;
using HoverFast.Cli.Screens;
using HoverFast.Jobs;
using Spectre.Console;

namespace HoverFast.Cli.Commands;

/// <summary><c>hoverfast doctor</c>: what the program finds on this machine, and what to do about each lack.</summary>
internal static class DoctorCommand
{
    /// <summary>The command.</summary>
    public static Command Make()
    {
        var command = new Command("doctor", "Say what was found on this machine: cores, instruction sets, engine, libraries, memory, disk, models.");
        command.SetAction(_ =>
        {
            var findings = MachineFinding.All().ToList();
            var table = new Table().Border(TableBorder.Simple).AddColumns("", "found", "what to do");
            foreach (var f in findings)
            {
                table.AddRow(
                    Markup.Escape(f.What),
                    Markup.Escape(f.Found),
                    f.Advice is null ? "" : (f.Serious ? "[red]" : "[yellow]") + Markup.Escape(f.Advice) + "[/]");
            }

            Screen.Out.Write(table);
            return findings.Any(f => f.Serious) ? ExitCode.CannotStart : ExitCode.Success;
        });
        return command;
    }
}
