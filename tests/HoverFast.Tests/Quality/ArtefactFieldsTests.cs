using HoverFast.Quality;
using Xunit;

namespace HoverFast.Tests.Quality;

public sealed class ArtefactFieldsTests
{
    [Fact]
    public void ARectangleTouchesTheFieldsThatItSharesAPointWith()
    {
        // Fields of 512 pixels from (-100, -40): column 2 of row 1 spans 924 to 1436, and 472 to 984.
        var fields = ArtefactFields.Parse(["1: 2"], 2, -100, -40);
        Assert.True(fields.Touches(1000, 500, 10, 10));
        Assert.True(fields.Touches(0, 0, 5000, 5000));
        Assert.True(fields.Touches(900, 700, 25, 10));
        Assert.True(fields.Touches(1435, 983, 100, 100));
        Assert.False(fields.Touches(900, 700, 24, 10));
        Assert.False(fields.Touches(1436, 700, 100, 10));
        Assert.False(fields.Touches(1000, 400, 10, 72));
        Assert.False(fields.Touches(1000, 984, 10, 10));
        Assert.True(fields.Contains(924, 472) && !fields.Contains(1436, 700));
    }
}
