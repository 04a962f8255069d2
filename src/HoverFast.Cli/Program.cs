using HoverFast.Cli;
using HoverFast.Cli.Screens;

var screen = ForgivingWriter.Install(Console.Out, Console.SetOut);
ForgivingWriter.Install(Console.Error, Console.SetError);
MachineProblem.Prepare();
var code = await HoverFastCommand.RunAsync(args);
Console.Out.Flush();
if (screen.Error is not { } problem)
{
    return code;
}

// The work is done all the same; who reads the output must know that some is missing.
Console.Error.WriteLine($"error: standard output can't be written ({problem}).");
return code == ExitCode.Success ? ExitCode.SomeFailed : code;
