using System.Globalization;

namespace HoverFast.Training.Data;

/// <summary>The numbers that a configuration key may hold: checked before a run begins, and named in the reference of keys.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class WithinAttribute(double low, double high) : Attribute
{
    /// <summary>The smallest number.</summary>
    public double Low { get; } = low;

    /// <summary>The largest number; infinity where there is no bound.</summary>
    public double High { get; } = high;

    /// <summary>Whether the smallest number itself is excluded.</summary>
    public bool Above { get; init; }

    /// <summary>Whether the largest number itself is excluded.</summary>
    public bool Below { get; init; }

    /// <summary>For example "above 0, at most 1".</summary>
    public string Words => double.IsPositiveInfinity(High)
        ? (Above ? "above " : "at least ") + Text(Low)
        : !Above && !Below ? $"{Text(Low)} to {Text(High)}" : $"{(Above ? "above" : "at least")} {Text(Low)}, {(Below ? "below" : "at most")} {Text(High)}";

    /// <summary>Whether a number is one of them; not-a-number never is.</summary>
    public bool Holds(double value) => (Above ? value > Low : value >= Low) && (Below ? value < High : value <= High) && double.IsFinite(value);

    private static string Text(double number) => number.ToString(CultureInfo.InvariantCulture);
}
