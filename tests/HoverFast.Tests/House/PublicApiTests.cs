using PublicApiGenerator;
using Xunit;

namespace HoverFast.Tests.House;

/// <summary>
/// The library's public face, as text beside this file. A change of it fails here until the text is changed too: run the test with
/// HOVERFAST_ACCEPT_API=1, read the difference, and commit it.
/// </summary>
public sealed class PublicApiTests
{
    [Fact]
    public void StaysAsItIsWrittenDown()
    {
        var api =
            typeof(SlideSegmenter).Assembly.GeneratePublicApi(new ApiGeneratorOptions { IncludeAssemblyAttributes = false }).ReplaceLineEndings("\n").Trim()
            + "\n";
        var path = Path.Combine(Repository.Root, "tests", "HoverFast.Tests", "House", "PublicApi.txt");
        if (Environment.GetEnvironmentVariable("HOVERFAST_ACCEPT_API") == "1")
        {
            File.WriteAllText(path, api);
        }

        Assert.Equal(File.ReadAllText(path).ReplaceLineEndings("\n"), api);
    }
}
