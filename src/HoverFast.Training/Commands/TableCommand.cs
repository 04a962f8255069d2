using System.CommandLine;
using HoverFast.Files;
using HoverFast.Model;
using HoverFast.Pipeline;
using HoverFast.Training.Data;
using HoverFast.Training.Distillation;
using HoverFast.Training.Optimisation;

namespace HoverFast.Training.Commands;

/// <summary><c>distill table</c>: teacher and students against people and against each other, on the validation sets of a run.</summary>
internal static class TableCommand
{
    public static Command Create()
    {
        var students = new Argument<string[]>("STUDENT")
        {
            Description = "NAME=MODEL.onnx, or NAME=A.onnx,B.onnx for several seeds.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var judge = new TeacherOptions();
        var run = new Option<FileInfo>("--sets") { Description = "A run whose validation sets are used.", Required = true };
        var output = new Option<FileInfo?>("--output", "-o") { Description = "Also write the table to this Markdown file." };
        var pictures = new Option<DirectoryInfo?>("--pictures")
        {
            Description =
                "Also draw, for each student and image, where people, teacher and student differ, as FOLDER/STUDENT/SET/IMAGE.png; a legend is below each.",
        };
        var command = new Command(
            "table",
            "Comparison table: teacher and students against people and against the teacher.\n\nExample:\n" +
            "  distill table \"labels only=a.onnx\" distilled=b.onnx --teacher teacher.onnx --sets training/student/labels.json")
        {
            students, run, output, pictures,
        };
        judge.AddTo(command);
        command.SetAction(
            (parse, cancellation) =>
                Task.FromResult(
                    Failure.Guard(() =>
                    {
                        var file = parse.GetRequiredValue(run);
                        var sets = TrainingConfiguration.Read(file.FullName).Validate.Select(s => DataSet.Load(s, file.DirectoryName!)).ToList();
                        var loaded = judge.Load(parse);
                        using var teacher = new ComparedModel($"teacher ({loaded.Views} views)", [loaded]);
                        var rows = parse.GetRequiredValue(students).Select(Row).ToList();
                        try
                        {
                            var table = new ComparisonTable(teacher, rows, sets, ThreadCount.Available, parse.GetValue(pictures)?.FullName).Make(
                                Console.Error,
                                cancellation);
                            Console.Write(table);
                            if (parse.GetValue(output) is { } path)
                            {
                                PartialFile.WriteText(path.FullName, table);
                            }
                        }
                        finally
                        {
                            rows.ForEach(r => r.Dispose());
                        }
                    })));
        return command;
    }

    private static ComparedModel Row(string argument)
    {
        var cut = argument.IndexOf('=', StringComparison.Ordinal);
        var name = cut < 0 ? Path.GetFileNameWithoutExtension(argument) : argument[..cut];
        return new ComparedModel(name, [.. argument[(cut + 1)..].Split(',').Select(f => new Teacher([ModelCatalog.Load(f)], views: 1))]);
    }
}
