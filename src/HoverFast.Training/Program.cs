using HoverFast.Training.Commands;

return await TrainingProgram.RunAsync(args);
