namespace HoverFast.Tests.Cluster;

/// <summary>Makes a slide that opens and then can't be decoded.</summary>
internal static class BrokenSlide
{
    /// <summary>Overwrites the beginnings of all JPEG tiles, and nothing of the directories.</summary>
    public static void Break(string path)
    {
        var bytes = File.ReadAllBytes(path);
        for (var i = 8; i < bytes.Length - 2; i++)
        {
            // Start of image and the marker after it.
            if (bytes[i] == 0xFF && bytes[i + 1] == 0xD8 && bytes[i + 2] == 0xFF)
            {
                bytes[i] = bytes[i + 1] = bytes[i + 2] = 0;
            }
        }

        File.WriteAllBytes(path, bytes);
    }
}
