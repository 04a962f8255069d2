using HoverFast.Slides;

namespace HoverFast.Model.Engine;

/// <summary>
/// The memory of one run at a time. Rows are made when a later step asks for them, so that no result is ever held whole:
/// what a run touches stays in the processor's cache, and grows with a picture's width but not with its height.
/// </summary>
internal sealed unsafe class EngineRun
{
    /// <summary>
    /// Rows that a step makes in one go: more of them take more memory, fewer fetch its weights more often.
    /// </summary>
    private const int RowsAtOnce = 4;

    private readonly EngineProgram _program;
    private readonly ConvolutionKernel _kernel;
    private readonly int[] _next;

    // Winograd's convolutions come in pairs of rows: coarse levels, of which one row is wanted at a time, make the next one too.
    private readonly int _rowsAtLeast;
    private readonly AlignedMemory _sums;
    private AlignedMemory _memory = new(0);
    private nint _memoryBytes;
    private RowRing[] _rings = [];
    private RowRing[][] _sources = [];
    private RgbImage? _picture;

    /// <summary>Prepares for pictures of any size.</summary>
    public EngineRun(EngineProgram program, ConvolutionKernel kernel)
    {
        _program = program;
        _kernel = kernel;
        _rowsAtLeast = kernel.UsesWinograd ? 2 : 1;
        _next = new int[program.Steps.Count];
        _sums = new AlignedMemory(
            Math.Max(kernel.Pixels * kernel.Groups * ConvolutionKernel.GroupChannels * sizeof(int), program.Steps.Max(s => s.ScratchBytes)));
    }

    /// <summary>Width of the last picture.</summary>
    public int Width { get; private set; }

    /// <summary>Height of the last picture.</summary>
    public int Height { get; private set; }

    /// <summary>Runs the network on a picture.</summary>
    public void Run(RgbImage picture, NucleusMaps maps)
    {
        if (picture.Width != Width || picture.Height != Height)
        {
            (Width, Height) = (picture.Width, picture.Height);
            MakeRings();
        }

        _picture = picture;
        Array.Clear(_next);
        var head = _program.Head;
        var rows = Height / _program.Steps[head.Source].Scale;
        for (var from = 0; from < rows; from += RowsAtOnce)
        {
            var to = Math.Min(from + RowsAtOnce, rows);
            Require(head.Source, to - 1, null);
            for (var y = from; y < to; y++)
            {
                head.Produce(_rings[head.Source], y, maps, _kernel, (int*)_sums.Start);
            }

            if (_program.Types is { } types)
            {
                var (first, last) = TypeRows(types, from, to);
                if (last >= first)
                {
                    Require(types.Source, last, null);
                }

                for (var y = first; y <= last; y++)
                {
                    types.Produce(_rings[types.Source], y, maps, _kernel, (int*)_sums.Start);
                }
            }
        }

        _picture = null;
    }

    // In the memory of earlier pictures where it is enough: fresh pages are dear.
    private void MakeRings()
    {
        Array.Clear(_next);
        var kept = RowsToKeep();
        var shapes = new RingShape[_program.Steps.Count];
        for (var i = 0; i < shapes.Length; i++)
        {
            var step = _program.Steps[i];
            var readers = _program.Steps.Where(s => s.Sources.Contains(i)).ToList();
            var border = readers.Select(r => r.Border).Append(0).Max();
            var stride = readers.Select(r => r.Stride).Append(1).Max();

            // The last block of a row may reach past its end.
            var slack = (2 * border) + 2 + (_kernel.Pixels * stride);
            shapes[i] = new RingShape(Width / step.Scale, Height / step.Scale, step.Channels, step.ZeroPoint, border, slack, kept[i]);
        }

        var bytes = shapes.Aggregate((nint)0, (sum, s) => sum + RowRing.Bytes(s));
        if (bytes > _memoryBytes)
        {
            _memory = new AlignedMemory(bytes);
            _memoryBytes = bytes;
        }

        _rings = new RowRing[shapes.Length];
        var at = _memory.Start;
        for (var i = 0; i < shapes.Length; i++)
        {
            _rings[i] = new RowRing(shapes[i], at);
            at += RowRing.Bytes(shapes[i]);
        }

        _sources = [.. _program.Steps.Select(s => s.Sources.Select(i => _rings[i]).ToArray())];
    }

    // Walks through a run without computing: how far behind its newest row each result is still read.
    private int[] RowsToKeep()
    {
        var kept = new int[_next.Length];
        Array.Fill(kept, 1);
        var source = _program.Head.Source;
        var rows = Height / _program.Steps[source].Scale;
        for (var from = 0; from < rows; from += RowsAtOnce)
        {
            Require(source, Math.Min(from + RowsAtOnce, rows) - 1, kept);
            kept[source] = Math.Max(kept[source], _next[source] - from);
            if (_program.Types is { } types && TypeRows(types, from, Math.Min(from + RowsAtOnce, rows)) is var (first, last) && last >= first)
            {
                Require(types.Source, last, kept);
                kept[types.Source] = Math.Max(kept[types.Source], _next[types.Source] - first);
            }
        }

        return kept;
    }

    // The rows of types that begin within rows of the head's source.
    private (int First, int Last) TypeRows(TypeStep types, int from, int to)
    {
        var (fine, coarse) = (_program.Steps[_program.Head.Source].Scale, _program.Steps[types.Source].Scale);
        return (((from * fine) + coarse - 1) / coarse, ((to * fine) - 1) / coarse);
    }

    // Makes a step's rows up to y, and before them the rows of other steps that they depend on.
    private void Require(int index, int y, int[]? kept)
    {
        var step = _program.Steps[index];
        while (_next[index] <= y)
        {
            var from = _next[index];
            var to = Math.Min(from + RowsAtOnce, Math.Max(y + 1, Math.Min(from + _rowsAtLeast, Height / step.Scale)));
            for (var i = 0; i < step.Sources.Count; i++)
            {
                var last = (Height / _program.Steps[step.Sources[i]].Scale) - 1;
                Require(step.Sources[i], Math.Min(step.SourceRows(i, to - 1).Last, last), kept);
            }

            if (kept is null)
            {
                Produce(index, from, to);
            }
            else
            {
                // New rows have to be there at once, and so have those that they are made from.
                kept[index] = Math.Max(kept[index], to - from);
                for (var i = 0; i < step.Sources.Count; i++)
                {
                    var source = step.Sources[i];
                    kept[source] = Math.Max(kept[source], _next[source] - Math.Max(0, step.SourceRows(i, from).First));
                }
            }

            _next[index] = to;
        }
    }

    private void Produce(int index, int from, int to)
    {
        if (index > 0)
        {
            _program.Steps[index].Produce(_sources[index], _rings[index], from, to, _kernel, (int*)_sums.Start);
            return;
        }

        for (var y = from; y < to; y++)
        {
            var bytes = _picture!.Row(y);
            bytes.CopyTo(new Span<byte>(_rings[0].Row(y), bytes.Length));
        }
    }
}
