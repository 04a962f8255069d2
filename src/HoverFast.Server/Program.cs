using HoverFast.Server;

return await ServeCommand.RunAsync(args);
