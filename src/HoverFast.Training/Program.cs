using System.CommandLine;
using HoverFast.Training.Commands;

var root = new RootCommand("Trains HoverFast's networks. Needs libtorch; segmenting does not.")
{
    TrainCommand.Create(),
    ExportCommand.Create(),
    DistillCommand.Create(),
    AdaptCommand.Create(),
};
return await root.Parse(args).InvokeAsync().ConfigureAwait(false);
