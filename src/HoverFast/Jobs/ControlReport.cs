using System.Globalization;
using HoverFast.Evaluation;
using HoverFast.Files.Chains;

namespace HoverFast.Jobs;

/// <summary>What a control picture's result is, held against the expected one.</summary>
public sealed class ControlReport
{
    /// <summary>
    /// Share of the outlines that must agree where the same bytes are not promised. ONNX Runtime's sums differ from one processor to another by rounding.
    /// </summary>
    private const double LeastShare = 0.95;

    /// <summary>Intersection over union above which two outlines agree.</summary>
    private const double LeastIou = 0.9;

    private readonly ControlResult _found;

    private ControlReport(ControlResult found, bool holds, IReadOnlyList<string> findings) => (_found, Holds, Findings) = (found, holds, findings);

    /// <summary>Whether all is as expected.</summary>
    public bool Holds { get; }

    /// <summary>What was looked at, in sentences.</summary>
    public IReadOnlyList<string> Findings { get; }

    /// <summary>Holds a result against the expected one.</summary>
    internal static ControlReport Of(ControlResult expected, ControlResult found)
    {
        var isPicture = found.PictureSha256 == expected.PictureSha256;
        var isModel = found.ModelSha256 == expected.ModelSha256;
        var exact = isPicture && isModel && expected.IsExact && found.IsExact && found.Revision == expected.Revision;
        var same = found.Sha256 == expected.Sha256;
        var agreement = OutlineAgreement.Of(expected.InPixels(), found.InPixels(), LeastIou);
        var close = agreement.Share >= LeastShare;
        string[] findings =
        [
            $"picture: {found.Picture}, {(isPicture ? "the expected one" : "NOT the expected one")} ({Short(found.PictureSha256)})",
            $"model: {found.Model} {found.ModelVersion} ({Short(found.ModelSha256)}), {(isModel ? "the expected one" : $"NOT the expected one, {expected.Model} {expected.ModelVersion} ({Short(expected.ModelSha256)})")}",
            $"engine: {found.Engine}; {(exact ? "the same bytes are promised" : $"the same bytes are not promised, {LeastShare * 100:0} % of the outlines must agree{(found.Revision == expected.Revision ? "" : $": the expected result is of another version ({expected.Revision}, now {found.Revision})")}")}",
            $"nuclei: {found.Outlines.Count}, {expected.Outlines.Count} expected",
            string.Create(
                CultureInfo.InvariantCulture,
                $"outlines: {agreement.Matched} of {Math.Max(agreement.First, agreement.Second)} agree (IoU above {LeastIou}), {(same ? "all to the byte, with types and measurements" : exact ? "but NOT the same bytes" : close ? "as near as must be" : "TOO FEW")}"),
        ];
        return new ControlReport(found, isPicture && isModel && (exact ? same : close), findings);
    }

    /// <summary>Adds the finding to a log whose lines are chained, as results folders have it; the log is made if it is missing.</summary>
    /// <exception cref="IOException">It can't be written, or its chain doesn't hold.</exception>
    public void AppendTo(string log)
    {
        if (Path.GetDirectoryName(Path.GetFullPath(log)) is { } folder)
        {
            Directory.CreateDirectory(folder);
        }

        var entry = new AuditEntry
        {
            When = DateTimeOffset.UtcNow,
            Who = AuditEntry.Me,
            What = Holds ? "control held" : "control failed",
            Result = _found.Picture,
            Program = Manifest.ProgramVersion(),
            Model = _found.ModelSha256,
            Sha256 = _found.Sha256,
            Note = string.Join("; ", Findings),
        };
        ChainedFile.Append(log, entry.ToJson());
    }

    private static string Short(string sha256) => sha256[..Math.Min(12, sha256.Length)];
}
