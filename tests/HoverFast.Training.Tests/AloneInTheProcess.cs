using Xunit;

namespace HoverFast.Training.Tests;

/// <summary>Tests that nothing else runs beside: libtorch's number of threads is the process's.</summary>
[CollectionDefinition(nameof(AloneInTheProcess), DisableParallelization = true)]
public sealed class AloneInTheProcess;
