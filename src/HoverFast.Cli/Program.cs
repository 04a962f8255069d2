using HoverFast.Cli.Commands;

return await HoverFastCommand.RunAsync(args);
