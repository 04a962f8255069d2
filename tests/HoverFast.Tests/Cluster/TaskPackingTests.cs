using HoverFast.Cluster.Slurm;
using Xunit;

namespace HoverFast.Tests.Cluster;

public sealed class TaskPackingTests
{
    [Fact]
    public void TasksTakeAboutTheSameTimeAndTheLongestIsTheFirst()
    {
        var random = new Random(1);
        double[] seconds = [.. Enumerable.Range(0, 2000).Select(_ => 20 * Math.Exp(random.NextDouble() * 3))];
        var tasks = TaskPacking.Pack(seconds, new SlurmRequest(), 1001);
        var loads = Loads(seconds, tasks);

        // Five minutes are usual.
        Assert.Equal((int)Math.Ceiling(seconds.Sum() / 300), loads.Length);
        Assert.Equal(loads.OrderDescending(), loads);
        Assert.InRange(loads[0] / loads[^1], 1, 1.5);
    }

    [Fact]
    public void AnArrayIsNeverLargerThanSlurmAllows()
    {
        double[] seconds = [.. Enumerable.Repeat(600.0, 5000)];
        Assert.Equal(99, TaskPacking.Pack(seconds, new SlurmRequest(), 100).Max());
        var error = Assert.Throws<IOException>(() => TaskPacking.Pack(seconds, new SlurmRequest { SlidesPerTask = 1 }, 100));
        Assert.Contains("put 50 or more into a task", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(3, 4)]
    [InlineData(1, 10)]
    [InlineData(10, 1)]
    [InlineData(99, 1)]
    public void ATaskHasNoMoreSlidesThanAskedFor(int most, int count)
    {
        var tasks = TaskPacking.Pack([5, 1, 1, 1, 1, 1, 1, 1, 1, 1], new SlurmRequest { SlidesPerTask = most }, 1001);
        Assert.Equal(count, tasks.Distinct().Count());
        Assert.All(tasks.CountBy(t => t), t => Assert.InRange(t.Value, 1, most));
    }

    [Fact]
    public void WhereManyMayRunAtOnceTheyAllHaveWork()
    {
        // Five minutes of work are one task, unless more may share it: no less than a minute each.
        double[] seconds = [.. Enumerable.Repeat(5.0, 60)];
        Assert.Equal(0, TaskPacking.Pack(seconds, new SlurmRequest(), 1001).Max());
        Assert.Equal(4, TaskPacking.Pack(seconds, new SlurmRequest { MaxTasks = 3 }, 1001).Max());
        Assert.Equal(4, TaskPacking.Pack(seconds, new SlurmRequest { MaxTasks = 1000 }, 1001).Max());
        Assert.Empty(TaskPacking.Pack([], new SlurmRequest(), 1001));
    }

    [Fact]
    public void ASlideThatTakesAsLongAsAllOthersHasATaskOfItsOwn()
    {
        var tasks = TaskPacking.Pack([10, 3000, 10, 10], new SlurmRequest { MaxTasks = 2 }, 1001);
        Assert.Equal(0, tasks[1]);
        Assert.Single(tasks, t => t == 0);
    }

    private static double[] Loads(double[] seconds, int[] tasks) =>
        [.. tasks.Zip(seconds).GroupBy(p => p.First).OrderBy(g => g.Key).Select(g => g.Sum(p => p.Second))];
}
