using System.Text.Json.Serialization;

namespace HoverFast.Review.Edits;

/// <summary>What is done to a field or its nuclei.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<EditKind>))]
public enum EditKind
{
    /// <summary>The review of a slide begins.</summary>
    [JsonStringEnumMemberName("begin")]
    Begin,

    /// <summary>Fields are drawn.</summary>
    [JsonStringEnumMemberName("fields")]
    Fields,

    /// <summary>All nuclei of a field are right as they stand: the field is done.</summary>
    [JsonStringEnumMemberName("accept")]
    Accept,

    /// <summary>A field that was done is looked at again.</summary>
    [JsonStringEnumMemberName("reopen")]
    Reopen,

    /// <summary>Nuclei that are none.</summary>
    [JsonStringEnumMemberName("delete")]
    Delete,

    /// <summary>A nucleus gets another outline.</summary>
    [JsonStringEnumMemberName("redraw")]
    Redraw,

    /// <summary>A nucleus is cut along a line.</summary>
    [JsonStringEnumMemberName("split")]
    Split,

    /// <summary>Parts of one nucleus become one.</summary>
    [JsonStringEnumMemberName("merge")]
    Merge,

    /// <summary>A nucleus that was missed.</summary>
    [JsonStringEnumMemberName("add")]
    Add,

    /// <summary>Nuclei get a class, or lose it.</summary>
    [JsonStringEnumMemberName("class")]
    SetClass,

    /// <summary>An edit is taken back.</summary>
    [JsonStringEnumMemberName("undo")]
    Undo,

    /// <summary>An edit that was taken back is done again.</summary>
    [JsonStringEnumMemberName("redo")]
    Redo,

    /// <summary>Edits made in another program.</summary>
    [JsonStringEnumMemberName("import")]
    Import,

    /// <summary>The corrected result was written to a file.</summary>
    [JsonStringEnumMemberName("export")]
    Export,
}
