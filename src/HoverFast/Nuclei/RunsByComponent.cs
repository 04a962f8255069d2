namespace HoverFast.Nuclei;

/// <summary>Runs sorted by the component that they belong to, in their order within it. Keeps its memory.</summary>
internal sealed class RunsByComponent
{
    private int[] _starts = [];
    private ComponentLabeller.Run[] _runs = [];

    /// <summary>The runs of a component.</summary>
    public ReadOnlySpan<ComponentLabeller.Run> this[int component] => _runs.AsSpan(_starts[component], _starts[component + 1] - _starts[component]);

    /// <summary>Sorts runs by their own component.</summary>
    public void Group(ReadOnlySpan<ComponentLabeller.Run> runs, int components)
    {
        Reserve(runs.Length, components);
        foreach (ref readonly var run in runs)
        {
            _starts[run.Component + 1]++;
        }

        Accumulate(components);
        foreach (ref readonly var run in runs)
        {
            _runs[_starts[run.Component + 1]++] = run;
        }
    }

    private void Reserve(int runs, int components)
    {
        if (_starts.Length < components + 1)
        {
            _starts = new int[2 * (components + 1)];
        }

        if (_runs.Length < runs)
        {
            _runs = new ComponentLabeller.Run[2 * runs];
        }

        Array.Clear(_starts, 0, components + 1);
    }

    // Leaves in slot c + 1 the start of component c; filling moves it on to the start of c + 1.
    private void Accumulate(int components)
    {
        var sum = 0;
        for (var c = 1; c <= components; c++)
        {
            (_starts[c], sum) = (sum, sum + _starts[c]);
        }
    }
}
