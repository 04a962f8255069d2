using System.Numerics;
using HoverFast.Nuclei;
using HoverFast.Output;
using Xunit;

namespace HoverFast.Tests.Output;

public sealed class DsaOutputTests
{
    [Fact]
    public void NucleiAreClosedPolylinesWithTypeAndMeasurements()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("a.dsa.json");
        NucleusClass[] classes = [new("Neoplastic", 255, 0, 0)];
        using (var writer = new NucleusWriter([new DsaOutput(path, "student", [new("Area", "area", 2), new("Roundness", "roundness", 3)], classes)], "run"u8))
        {
            writer.Add(Triangle(1), [12.5f, float.NaN]);
            writer.Add(Triangle(0), [1, 0.25f]);
            writer.Complete();
        }

        Assert.Equal(
            """{"name":"Nuclei, student","description":"Outlines of nuclei by HoverFast for .NET","elements":["""
                + """{"type":"polyline","closed":true,"points":[[1,2,0],[5.25,2,0],[1,6.5,0]],"group":"Neoplastic","label":{"value":"Neoplastic"},"lineColor":"rgb(255,0,0)","lineWidth":1,"user":{"Area":12.5}},"""
                + """{"type":"polyline","closed":true,"points":[[1,2,0],[5.25,2,0],[1,6.5,0]],"group":"Nucleus","label":{"value":"Nucleus"},"lineColor":"rgb(0,255,0)","lineWidth":1,"user":{"Area":1,"Roundness":0.25}}]}""",
            File.ReadAllText(path));
    }

    private static Nucleus Triangle(int type) =>
        new([new(1, 2), new(5.25f, 2), new(1, 6.5f)])
        {
            Centroid = new Vector2(2, 3),
            Area = 9,
            MeanProbability = 1,
            BoundaryConfidence = 1,
            Type = type,
        };
}
