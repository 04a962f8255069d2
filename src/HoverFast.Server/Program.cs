using HoverFast.Cli.Screens;
using HoverFast.Server;

// Where the disk behind them is full, what is said there is lost, and nothing else.
ForgivingWriter.Install(Console.Out, Console.SetOut);
ForgivingWriter.Install(Console.Error, Console.SetError);
return await ServeCommand.RunAsync(args);
