using System.CommandLine;

namespace HoverFast.Cli.Options;

/// <summary>The argument for slides and pictures.</summary>
internal static class InputArgument
{
    /// <summary>Makes it. What looks like an option is refused: a misspelt one must not pass for a missing slide.</summary>
    public static Argument<string[]> Make(string name, string description, ArgumentArity arity)
    {
        var inputs = new Argument<string[]>(name) { Description = description, Arity = arity };
        inputs.Validators.Add(r =>
        {
            foreach (var token in r.Tokens.Where(t => t.Value.StartsWith('-') && !File.Exists(t.Value)))
            {
                r.AddError($"There is no option {token.Value}.");
            }
        });
        return inputs;
    }
}
