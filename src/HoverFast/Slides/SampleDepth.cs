namespace HoverFast.Slides;

/// <summary>How many bits of 16-bit samples are used: cameras give 8, 10, 12 or 14, which files store in 16 without a word.</summary>
internal static class SampleDepth
{
    private static readonly int[] _depths = [8, 10, 12, 14];

    /// <summary>The bits that a picture's largest sample tells: the glass of a slide is nearly as bright as samples can be.</summary>
    /// <param name="largest">0 to 65,535; 0 (nothing but black) tells nothing and gives 16.</param>
    public static int Of(int largest) => largest == 0 ? 16 : Array.Find(_depths, d => largest < 1 << d) is var depth and > 0 ? depth : 16;
}
