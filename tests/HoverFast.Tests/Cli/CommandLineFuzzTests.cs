using System.CommandLine;
using HoverFast.Cli;
using Xunit;

namespace HoverFast.Tests.Cli;

/// <summary>
/// Every option and argument of every command, those to come included, is given odd values: words, units, decimal commas, huge, negative and empty numbers.
/// Each is taken, or refused with exit code 2 and one line that names it; none ends in a stack trace.
/// </summary>
public sealed class CommandLineFuzzTests
{
    private static readonly string[] _odd =
    [
        "",
        " ",
        "abc",
        "40x",
        "0,5",
        "1,000.5",
        "1.000,5",
        "0.25um",
        "1e400",
        "-1e400",
        "NaN",
        "Infinity",
        "-Infinity",
        "∞",
        "-1",
        "-0",
        "0",
        "1e-300",
        "0x10",
        "٣",
        "½",
        "1_000",
        "99999999999999999999",
        "2147483648",
        "-2147483649",
        "4294967296",
        "1.5",
        "1e3",
        "--",
        "-",
        "a\nb",
        "${HOME}",
        "%s%n",
        "null",
        "true",
        ",",
        ",,",
        "geojson,",
        "..",
        "/",
    ];

    // Made once: each of ten thousand command lines with a tree of its own took minutes.
    private static readonly RootCommand _root = HoverFastCommand.Make();

    public static TheoryData<string> AllCommands => [.. Commands(_root, []).Select(c => string.Join(' ', c.Path))];

    [Theory]
    [MemberData(nameof(AllCommands))]
    public void NoValueOfAnyOptionGivesAStackTrace(string name)
    {
        var (path, command) = Find(name);
        foreach (var value in _odd)
        {
            foreach (var option in command.Options.Where(o => o.ValueType != typeof(bool)))
            {
                Parse([.. path, .. Needed(command), option.Name, value]);
            }

            Parse([.. path, value]);
        }
    }

    [Fact]
    public void EveryNumberOfEveryCommandRefusesWhatIsNone()
    {
        var numbers = 0;
        foreach (var (path, command) in Commands(_root, []))
        {
            foreach (var option in command.Options.Where(o => IsNumber(o.ValueType)))
            {
                numbers++;
                foreach (var value in (string[])["", "abc", "40x", "0,5", "1e400", "NaN", "-Infinity", "99999999999999999999999", "0.25um", "1_000", "0x10"])
                {
                    var errors = Parse([.. path, .. Needed(command), option.Name, value]);
                    Assert.True(
                        errors.Exists(e => e.Contains(option.Name, StringComparison.Ordinal)),
                        $"{string.Join(' ', path)} {option.Name} '{value}': {string.Join(" / ", errors)}");
                }

                Assert.Contains(Parse([.. path, .. Needed(command), option.Name, "7,0"]), e => e.Contains("comma", StringComparison.Ordinal));
            }
        }

        Assert.True(numbers > 20, $"{numbers} options: the tree of commands was not walked");
    }

    [Theory]
    [InlineData("0,25", "write 0.25")]
    [InlineData("1,000.5", "decimal point")]
    [InlineData("0.25um", "write 0.25")]
    [InlineData("0.25 um/px", "write 0.25")]
    [InlineData("abc", "is no number")]
    [InlineData("900", "lies between 0.05 and 5")]
    [InlineData("-1", "lies between")]
    public void APixelSizeIsRefusedWithTheRightSpelling(string value, string word) =>
        Assert.Contains(word, Assert.Single(Parse(["segment", "a.svs", "--mpp", value])), StringComparison.Ordinal);

    [Fact]
    public void NumbersAreReadOneWayWhateverTheLanguage()
    {
        var before = System.Globalization.CultureInfo.CurrentCulture;
        try
        {
            var german = (System.Globalization.CultureInfo)System.Globalization.CultureInfo.InvariantCulture.Clone();
            (german.NumberFormat.NumberDecimalSeparator, german.NumberFormat.NumberGroupSeparator) = (",", ".");
            System.Globalization.CultureInfo.CurrentCulture = german;
            var parsed = HoverFastCommand.Make().Parse(["segment", "a.svs", "--mpp", "0.25"]);
            Assert.Empty(parsed.Errors);
            Assert.Equal(0.25, parsed.GetValue<double?>("--mpp"));
            Assert.NotEmpty(Parse(["segment", "a.svs", "--mpp", "0,25"]));
        }
        finally
        {
            System.Globalization.CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public async Task TheExitCodeIsTwo()
    {
        foreach (
            var line in (string[][])
                [
                    ["segment", "a.svs", "--mpp", "0,5"],
                    ["segment", "a.svs", "--threads", "x"],
                    ["compare", "a", "b", "--iou", ""],
                    ["infer_wsi", "a", "-l", "40x"],
                    ["bench", "--budget", "NaN"],
                ])
        {
            Assert.Equal(ExitCode.Usage, await HoverFastCommand.RunAsync(line));
        }
    }

    /// <summary>Values that a command line takes and that can't be used all the same: one line, and no fault of ours.</summary>
    [Fact]
    public async Task WhatPassesAndCanNotBeUsedIsTold()
    {
        using var folder = new TemporaryFolder();
        DarkDiscs.Write(folder.File("a.png"), 100);
        var picture = folder.File("a.png");
        foreach (var value in (string[])["", " ", "/proc/nowhere/at/all", "/", "..", new string('x', 5000)])
        {
            foreach (
                var line in (string[][])
                    [
                        ["segment", value, "-o", folder.File("o")],
                        ["segment", picture, "--mpp", "0.25", "-o", folder.File("o"), "--model", value],
                        ["segment", picture, "--mpp", "0.25", "-o", folder.File("o"), "--region", value],
                        ["segment", picture, "--mpp", "0.25", "-o", folder.File("o"), "--mpp-table", value],
                        ["segment", picture, "--mpp", "0.25", "-o", folder.File("o"), "--mask-dir", value],
                        ["compare", value, value],
                        ["evaluate", value, "--predicted", value],
                        ["estimate", value],
                        ["model", "info", value],
                        ["model", "import", value, "-o", folder.File("x.onnx")],
                        ["infer_wsi", value, "-o", folder.File("o")],
                        ["bench", value, "--input", value, "--in-this-process"],
                        ["sample", "--size", "64", "-o", value],
                        ["evaluate", folder.Path, "--mpp", "0.25", "--json", value],
                    ])
            {
                var code = await HoverFastCommand.RunAsync(line);
                Assert.True(
                    code is ExitCode.Usage or ExitCode.CannotStart or ExitCode.SomeFailed || (code == 0 && line[0] == "segment"),
                    $"{string.Join(' ', line)}: {code}");
            }
        }
    }

    private static (string[] Path, Command Command) Find(string name) => Commands(_root, []).Single(c => string.Join(' ', c.Path) == name);

    private static bool IsNumber(Type type) =>
        (Nullable.GetUnderlyingType(type) ?? type) is var plain
        && (plain == typeof(int) || plain == typeof(double) || plain == typeof(long) || plain == typeof(float));

    private static IEnumerable<(string[] Path, Command Command)> Commands(Command command, string[] path) =>
        command.Subcommands.SelectMany(s => Commands(s, [.. path, s.Name])).Prepend((path, command));

    private static IEnumerable<string> Needed(Command command) =>
        command.Arguments.Where(a => a.Arity.MaximumNumberOfValues > 0).Select(_ => "/nowhere/at-all.svs")
            .Concat(command.Name == "evaluate" ? ["--predicted", "/nowhere/at-all"] : [])
            .Concat(command.Options.Where(o => o.Required).SelectMany(o => (string[])[o.Name, "/nowhere/at-all.onnx"]));

    /// <summary>The errors of a command line; one that has none must give all its values.</summary>
    private static List<string> Parse(string[] args)
    {
        var parsed = _root.Parse(args);
        var errors = HoverFastCommand.ErrorsOf(parsed).ToList();
        Assert.All(errors, e => Assert.True(e.Length > 10 && !e.Contains('\n') && !e.Contains("   at ", StringComparison.Ordinal), e));
        if (errors.Count == 0)
        {
            foreach (var option in parsed.CommandResult.Command.Options)
            {
                parsed.GetResult(option)?.GetValueOrDefault<object?>();
            }

            foreach (var argument in parsed.CommandResult.Command.Arguments)
            {
                parsed.GetResult(argument)?.GetValueOrDefault<object?>();
            }
        }

        return errors;
    }
}
