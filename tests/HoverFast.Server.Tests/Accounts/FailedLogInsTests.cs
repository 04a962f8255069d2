using HoverFast.Server.Accounts;
using Xunit;

namespace HoverFast.Server.Tests.Accounts;

/// <summary>Five wrong passwords close a name for five minutes, whatever becomes of the machine's clock.</summary>
public sealed class FailedLogInsTests
{
    [Fact]
    public void AClockThatIsSetBackClosesANameForNoLonger()
    {
        var clock = new Clock();
        var failures = new FailedLogIns(clock);
        for (var i = 0; i < 5; i++)
        {
            Assert.True(failures.MayTry("rita"));
        }

        clock.Now -= TimeSpan.FromDays(1);
        clock.Passed += TimeSpan.FromMinutes(4);
        Assert.False(failures.MayTry("RITA"));
        clock.Passed += TimeSpan.FromMinutes(2);
        Assert.True(failures.MayTry("rita"));
    }

    [Fact]
    public void AClockThatIsSetForwardOpensNone()
    {
        var clock = new Clock();
        var failures = new FailedLogIns(clock);
        for (var i = 0; i < 5; i++)
        {
            Assert.True(failures.MayTry("rita"));
        }

        clock.Now += TimeSpan.FromDays(1);
        Assert.False(failures.MayTry("rita"));
        failures.Forget("rita");
        Assert.True(failures.MayTry("rita"));
    }

    private sealed class Clock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

        public TimeSpan Passed { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override DateTimeOffset GetUtcNow() => Now + Passed;

        public override long GetTimestamp() => Passed.Ticks;
    }
}
