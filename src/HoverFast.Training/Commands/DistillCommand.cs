using System.CommandLine;
using HoverFast.Cli;
using HoverFast.Files;
using HoverFast.Jobs;
using HoverFast.Slides;
using HoverFast.Training.Data;
using HoverFast.Training.Distillation;
using HoverFast.Training.Optimisation;
using HoverFast.Training.Torch;

namespace HoverFast.Training.Commands;

/// <summary>
/// <c>distill</c>: a teacher labels tissue, a student learns from it; <c>distill label</c> is the first half alone, <c>distill table</c> judges.
/// </summary>
internal static class DistillCommand
{
    public static Command Create()
    {
        var label = new LabelOptions();
        var student = new Option<FileInfo>("--student")
        {
            Description = "The student's run (as for train); the tiles are added to its data sets.",
            Required = true,
        };
        var weight = RangedOption.Real(
            "--weight",
            "How often crops come from the tiles, relative to the student's other sets.",
            0.5,
            new(0, 1000) { Above = true });
        var licence = new Option<string>("--licence")
        {
            Description = "Licence of the slides, for the student's card.",
            DefaultValueFactory = _ => "as the slides'",
        };
        var command = new Command(
            "distill",
            "A teacher labels tiles of your slides, a student learns from them.\n\nExamples:\n" +
            "  distill slides/ --teacher teacher.onnx --student training/student/labels.json -o runs/distilled\n" +
            "  distill label slides/ --teacher teacher.onnx --tiles 20 -o tiles        (the first half alone; then: train)\n" +
            "  distill label data/nuinsseg/train --mpp 0.21 --teacher teacher.onnx -o soft/nuinsseg    (soft maps beside people's labels)")
        {
            student, weight, licence, Label(), TableCommand.Create(),
        };
        label.AddTo(command);
        command.SetAction(
            (parse, cancellation) =>
                Task.FromResult(
                    Failure.Guard(() =>
                    {
                        var file = parse.GetRequiredValue(student);
                        var output = parse.GetRequiredValue(label.Output).FullName;
                        var run = TrainingConfiguration.Read(file.FullName).Rooted(file.DirectoryName!);
                        InputPaths.MustExist(parse.GetRequiredValue(label.Inputs));
                        var tiles = Path.Combine(output, "tiles");
                        int failed;
                        using (var teacher = label.Teacher(parse))
                        {
                            var set = new TeachingSet(tiles, teacher, label.Settings(parse), Console.Out);
                            failed = set.LabelSlides(SlideInputs.Expand(parse.GetRequiredValue(label.Inputs)), cancellation);
                            run = run with
                            {
                                Train =
                                [
                                    .. run.Train,
                                    new DataSetConfiguration
                                    {
                                        Name = "distilled",
                                        Folder = Path.Combine(tiles, "train"),
                                        Mpp = teacher.Mpp.MicronsPerPixel,
                                        Weight = parse.GetValue(weight),
                                        Licence = parse.GetValue(licence)!,
                                        Source = "tiles labelled by " + string.Join(", ", teacher.Identity),
                                    },
                                ],
                            };
                        }

            var configuration = Path.Combine(output, "student.json");
            PartialFile.WriteText(configuration, run.ToJson());
            var folder = Path.Combine(output, "student");
            if (!Trainer.IsBegun(folder))
            {
                ConfigurationRules.Check(run, output, configuration);
                RunCheck.Run(run.Train, run.Validate, output, folder, everyTile: false, Console.Out, cancellation);
            }

                        LibTorch.Prepare(run.Threads);
                        using var trainer = new Trainer(run, output, folder, Console.Out);
                        trainer.Run(cancellation);
                        Console.WriteLine(
                            $"trained. Write the model with: hoverfast export {configuration} {Path.Combine(folder, Trainer.BestFile)} -o MODEL.onnx --int8 MODEL-int8.onnx");
                        return failed > 0 ? ExitCode.SomeFailed : ExitCode.Success;
                    })));
        return command;
    }

    private static Command Label()
    {
        var label = new LabelOptions();
        var command = new Command(
            "label",
            "Labels tiles with a teacher: pictures, instances and soft maps, with a manifest. A folder with images/ and labels/ gets soft maps beside people's labels.");
        label.AddTo(command);
        command.SetAction(
            (parse, cancellation) =>
                Task.FromResult(
                    Failure.Guard(() =>
                    {
                        var inputs = parse.GetRequiredValue(label.Inputs);
                        InputPaths.MustExist(inputs);
                        using var teacher = label.Teacher(parse);
                        var set = new TeachingSet(parse.GetRequiredValue(label.Output).FullName, teacher, label.Settings(parse), Console.Out);
                        if (inputs.Length == 1 && Directory.Exists(Path.Combine(inputs[0], "labels")))
                        {
                            var mpp = parse.GetValue(label.Mpp) ?? throw new TrainingException(inputs[0], "give the pixel size of its images with --mpp.");
                            set.LabelDataSet(
                                new DataSetConfiguration
                                {
                                    Name = Path.GetFileName(inputs[0]),
                                    Folder = Path.GetFullPath(inputs[0]),
                                    Mpp = mpp,
                                },
                                cancellation);
                            return ExitCode.Success;
                        }

            return set.LabelSlides(SlideInputs.Expand(inputs), cancellation) > 0 ? ExitCode.SomeFailed : ExitCode.Success;
        })));
        return command;
    }

    /// <summary>What both commands take.</summary>
    private sealed class LabelOptions
    {
        private readonly TeacherOptions _teacher = new();
        private readonly Option<int> _tiles = RangedOption.Whole("--tiles", "Tiles from each slide, at random inside tissue.", 16, new(1, 100_000));
        private readonly Option<int> _size = RangedOption.Whole("--size", "Side of a tile in pixels of the teacher's mpp.", 512, new(64, 8192));
        private readonly Option<double> _test = RangedOption.Real("--test-share", "Share of the slides kept for testing.", 0.1, new(0, 1) { Below = true });
        private readonly Option<ulong> _seed = new("--seed") { Description = "Another seed gives other tiles.", DefaultValueFactory = _ => 1UL };
        private readonly Option<DirectoryInfo?> _masks = new("--mask-dir") { Description = "Tissue masks, one picture a slide." };
        private readonly Option<FileInfo?> _table = new("--mpp-table") { Description = "CSV of pixel sizes: file name, mpp." };
        private readonly Option<int> _threads = RangedOption.Whole("--threads", "Threads.", Pipeline.ThreadCount.Available, new(1, 1024));

        public Argument<string[]> Inputs { get; } = new("INPUT") { Description = "Slides, pictures, or folders of them.", Arity = ArgumentArity.OneOrMore };

        public Option<DirectoryInfo> Output { get; } =
            new("--output", "-o") { Description = "Folder for the tiles (and the run). What is there already is not done again.", Required = true };

        public Option<double?> Mpp { get; } = RangedOption.GivenMpp();

        public void AddTo(Command command)
        {
            command.Arguments.Add(Inputs);
            _teacher.AddTo(command);
            foreach (var option in new Option[] { Output, _tiles, _size, Mpp, _table, _masks, _test, _seed, _threads })
            {
                command.Options.Add(option);
            }
        }

        public Teacher Teacher(ParseResult parse) => _teacher.Load(parse);

        public TeachingSettings Settings(ParseResult parse)
        {
            var calibrator = new SlideCalibrator { Stated = parse.GetValue(Mpp) is { } mpp ? new Mpp(mpp) : null };
            if (parse.GetValue(_table) is { } table)
            {
                calibrator.AddTable(table.FullName);
            }

            return new TeachingSettings
            {
                TilesPerSlide = parse.GetValue(_tiles),
                TileSide = parse.GetValue(_size),
                TestShare = parse.GetValue(_test),
                Seed = parse.GetValue(_seed),
                MaskFolder = parse.GetValue(_masks)?.FullName,
                Threads = parse.GetValue(_threads),
                Calibrator = calibrator,
            };
        }
    }
}
