using System.CommandLine;
using System.Globalization;

namespace HoverFast.Cli.Options;

/// <summary>The option that takes one share of the inputs, for schedulers that start a program many times.</summary>
internal sealed class ShardOption
{
    private const int MostShards = 1_000_000;

    private readonly Option<(int Number, int Of)?> _option = new("--shard")
    {
        Description = "Take only share K of N of the inputs, for example 3/40: start it once for each K from 1 to N, anywhere, into the same folder.",
        CustomParser = r =>
        {
            var parts = (r.Tokens.Count == 1 ? r.Tokens[0].Value : "").Split('/');
            if (parts is [var first, var second]

                    && int.TryParse(first, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                    && int.TryParse(second, NumberStyles.None, CultureInfo.InvariantCulture, out var of)
                && number >= 1 && number <= of && of <= MostShards)
            {
                return (number, of);
            }

            r.AddError($"--shard is K/N with K from 1 to N, for example 3/40, not '{(r.Tokens.Count == 1 ? NumberText.Printable(r.Tokens[0].Value) : "")}'.");
            return null;
        },
    };

    /// <summary>Adds the option to a command.</summary>
    public void AddTo(Command command) => command.Add(_option);

    /// <summary>The share of the inputs; all where none was asked for. Every N-th, so that neighbours, which are often alike, are spread.</summary>
    public IReadOnlyList<T> Of<T>(ParseResult parsed, IReadOnlyList<T> inputs) =>
        parsed.GetValue(_option) is var (number, of) ? [.. inputs.Where((_, i) => i % of == number - 1)] : inputs;
}
