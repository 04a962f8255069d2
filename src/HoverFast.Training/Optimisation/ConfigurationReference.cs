using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using HoverFast.Model;
using HoverFast.Training.Data;

namespace HoverFast.Training.Optimisation;

/// <summary>The reference of all configuration keys as Markdown, made from the types themselves: their doc comments, ranges and defaults.</summary>
internal static partial class ConfigurationReference
{
    private const int LineLength = 150;

    private static readonly (string Title, string Words, Type Type)[] _parts =
    [
        ("The run", "", typeof(TrainingConfiguration)),
        ("A data set", "An entry of `train` or `validate`.", typeof(DataSetConfiguration)),
        ("network", "", typeof(StudentArchitecture)),
        ("network.types", "", typeof(TypeBranch)),
        ("augmentation", "", typeof(Augmentation)),
        ("loss", "", typeof(LossWeights)),
        ("soft", "", typeof(SoftTargetSettings)),
        ("keep", "", typeof(KeepSettings)),
    ];

    /// <summary>The page.</summary>
    /// <exception cref="TrainingException">The programs' doc comments don't lie beside them.</exception>
    public static string Markdown()
    {
        var comments = Comments(typeof(ConfigurationReference).Assembly)
            .Concat(Comments(typeof(StudentArchitecture).Assembly))
            .Where(c => c.Key[2..].StartsWith("HoverFast.", StringComparison.Ordinal)) // not what the compiler makes, the same in both
            .ToDictionary(c => c.Key, c => c.Value);
        var text = new StringBuilder(
            "# Keys of a training configuration\n\nMade from the code by `hoverfast-train keys`; a test compares. Each key: its kind and range, its default, what it does.\n");
        foreach (var (title, words, type) in _parts)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n## {title}\n\n");
            Wrap(text, "", (words + " " + comments[$"T:{type.FullName}"]).Trim());
            text.Append('\n');
            var defaults =
                type == typeof(TrainingConfiguration) ? TrainingConfiguration.Parse("{\"name\":\"\",\"train\":[]}", "")
                : type == typeof(DataSetConfiguration) ? new DataSetConfiguration { Name = "", Folder = "" }
                : Activator.CreateInstance(type)!;
            foreach (
                var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
                    .Where(p => p.SetMethod is not null && p.Name != "EqualityContract"))
            {
                Wrap(
                    text,
                    "  ",
                    $"- **`{JsonNamingPolicy.CamelCase.ConvertName(property.Name)}`** ({Kind(property)}; {Default(property, defaults)}): {comments[$"P:{type.FullName}.{property.Name}"]}");
            }
        }

        return text.ToString();
    }

    private static string Kind(PropertyInfo property)
    {
        var range = property.GetCustomAttribute<WithinAttribute>() is { } within ? ", " + within.Words : "";
        var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        return type == typeof(string) ? "text"
            : type == typeof(bool) ? "true or false"
            : type == typeof(int) || type == typeof(ulong) ? "whole number" + range
            : type == typeof(double) ? "number" + range
            : type == typeof(IReadOnlyList<int>) ? "list of whole numbers"
            : type == typeof(IReadOnlyList<string>) ? "list of text"
            : type == typeof(IReadOnlyList<ModelCard.NucleusType>) ? "list of objects"
            : type == typeof(IReadOnlyList<DataSetConfiguration>) ? "list of data sets"
            : "object, below";
    }

    private static string Default(PropertyInfo property, object defaults) => property switch
    {
        _ when property.CustomAttributes.Any(a => a.AttributeType.Name == "RequiredMemberAttribute") => "must be given",
        { Name: nameof(TrainingConfiguration.Threads) } => "as many as the processor has",
        { Name: nameof(DataSetConfiguration.Mpp) } when property.DeclaringType == typeof(DataSetConfiguration) => "the folder's own",
        _ => property.GetValue(defaults) switch
        {
            null or "" or Array { Length: 0 } => "left out",
            true => "true",
            false => "false",
            string words => words.Length > 20 ? "a sentence" : $"\"{words}\"",
            IEnumerable list => list.Cast<object>().Any() ? $"[{string.Join(", ", list.Cast<object>())}]" : "none",
            IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
            _ => "its defaults",
        },
    };

    private static void Wrap(StringBuilder text, string indent, string words)
    {
        var length = 0;
        foreach (var word in words.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (length > 0 && length + 1 + word.Length > LineLength)
            {
                text.Append('\n').Append(indent);
                length = indent.Length;
            }
            else if (length > 0)
            {
                text.Append(' ');
                length++;
            }

            text.Append(word);
            length += word.Length;
        }

        text.Append('\n');
    }

    private static IEnumerable<KeyValuePair<string, string>> Comments(Assembly assembly)
    {
        var path = Path.Combine(AppContext.BaseDirectory, assembly.GetName().Name + ".xml");
        return File.Exists(path)
            ? XDocument
                .Load(path)
                .Descendants("member")
                .Where(m => m.Element("summary") is not null)
                .Select(m => KeyValuePair.Create(m.Attribute("name")!.Value, Words(m.Element("summary")!)))
            : throw new TrainingException(path, "the doc comments are missing; build with them.");
    }

    // <c>x</c> becomes `x`, <see cref="P:A.B.Name"/> the key's name.
    private static string Words(XElement summary)
    {
        var text = string.Concat(summary.Nodes().Select(n => n switch
        {
            XText plain => plain.Value,
            XElement { Name.LocalName: "c" } code => $"`{code.Value}`",
            XElement { Name.LocalName: "see" } see => $"`{JsonNamingPolicy.CamelCase.ConvertName(see.Attribute("cref")!.Value.Split('.', '(')[^1])}`",
            XElement other => other.Value,
            _ => "",
        }));
        return Spaces().Replace(text, " ").Trim();
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
