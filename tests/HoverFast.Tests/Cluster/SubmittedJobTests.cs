using HoverFast.Cluster.Slurm;
using Xunit;

namespace HoverFast.Tests.Cluster;

public sealed class SubmittedJobTests
{
    [Theory]
    [InlineData("7 /r/cluster/b/job.sh\n12 /r/cluster/a/job.sh\n", "12")]
    [InlineData("9 /r/cluster/a/job.sh\n10 /r/cluster/a/job.sh\n9 /r/cluster/a/job.sh\n", "10")]
    [InlineData("7 /r/cluster/a/job.sh.old\n8 /other/r/cluster/a/job.sh\n9 (null)\n10\n", null)]
    [InlineData("N/A /r/cluster/a/job.sh\n", null)]
    [InlineData("", null)]
    public void AJobIsKnownByItsScript(string listing, string? number) =>
        Assert.Equal(number, ClusterJobs.NumberOf("/r/cluster/a/job.sh", listing));
}
