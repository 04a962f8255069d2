return await HoverFast.Cli.HoverFastCommand.RunAsync(args);
