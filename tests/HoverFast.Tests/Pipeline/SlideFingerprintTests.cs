using HoverFast.Pipeline;
using Xunit;

namespace HoverFast.Tests.Pipeline;

public sealed class SlideFingerprintTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void ADataFileOfAMiraxSlideCounts()
    {
        var slide = _folder.File("m.mrxs");
        File.WriteAllText(slide, "index");
        Directory.CreateDirectory(_folder.File("m"));
        File.WriteAllText(_folder.File("m/Slidedat.ini"), "[GENERAL]");
        File.WriteAllBytes(_folder.File("m/Data0000.dat"), [1, 2, 3]);
        var before = SlideFingerprint.Of(slide);
        Assert.Equal(before, SlideFingerprint.Of(slide));
        File.WriteAllBytes(_folder.File("m/Data0000.dat"), [1, 2, 4]);
        Assert.NotEqual(before, SlideFingerprint.Of(slide));
    }

    [Fact]
    public void OfOneFileItIsTheHashThatItAlwaysWas()
    {
        var file = _folder.File("a.svs");
        File.WriteAllBytes(file, [1, 2, 3]);

        // SHA-256 of the length as eight bytes, and the three bytes twice (the start and the end).
        byte[] hashed = [3, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 1, 2, 3];
        Assert.Equal(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(hashed)), SlideFingerprint.Of(file));
    }
}
