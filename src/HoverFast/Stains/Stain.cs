namespace HoverFast.Stains;

/// <summary>The stain of the slides.</summary>
public enum Stain
{
    /// <summary>Haematoxylin and eosin.</summary>
    HaematoxylinEosin,

    /// <summary>Immunohistochemistry: haematoxylin with DAB. The network is shown the haematoxylin alone.</summary>
    HaematoxylinDab,
}
