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

    // Rows of the picture that are taken once each few rows of the head's source are made.
    private int[] _pictureRows = [];
    private RgbImage? _picture;
    private int _pictureTop;
    private int _made;

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
        Start(picture.Width, picture.Height);
        GoOn(picture, 0, maps, 0, picture.Height);
    }

    /// <summary>Begins a run that is shown a picture in bands.</summary>
    public void Start(int width, int height)
    {
        if (width != Width || height != Height)
        {
            (Width, Height) = (width, height);
            MakeRings();
        }

        Array.Clear(_next);
        _made = 0;
    }

    /// <summary>How far a run goes at least to make the maps down to a row, and what it takes for it.</summary>
    /// <param name="row">A row of the picture, from 1 to its height.</param>
    /// <returns>The row of the picture to which the maps will be made, and the first row of the picture that isn't needed yet.</returns>
    public (int Made, int Needed) Reach(int row)
    {
        var rows = RowsAtOnce * _program.Steps[_program.Head.Source].Scale;

        // Both are powers of two, as all scales of a program are.
        var step = _program.Types is { } types ? Math.Max(rows, _program.Steps[types.Source].Scale) : rows;
        var made = Math.Min((row + step - 1) / step * step, Height);
        return (made, _pictureRows[((made + rows - 1) / rows) - 1]);
    }

    /// <summary>Goes on with a run.</summary>
    /// <param name="picture">Rows of the picture; those that the run needs and has not had must be among them.</param>
    /// <param name="pictureTop">Which row of the whole picture the first one is.</param>
    /// <param name="maps">Rows of the maps.</param>
    /// <param name="mapsTop">The row of the picture at which the first of them begins, a multiple of the network's stride.</param>
    /// <param name="to">The row of the picture to go to, as <see cref="Reach"/> has it.</param>
    public void GoOn(RgbImage picture, int pictureTop, NucleusMaps maps, int mapsTop, int to)
    {
        (_picture, _pictureTop) = (picture, pictureTop);
        var head = _program.Head;
        var scale = _program.Steps[head.Source].Scale;
        for (var end = to / scale; _made < end; _made = Math.Min(_made + RowsAtOnce, end))
        {
            var last = Math.Min(_made + RowsAtOnce, end);
            Require(head.Source, last - 1, null);
            for (var y = _made; y < last; y++)
            {
                head.Produce(_rings[head.Source], y, maps, y - (mapsTop / scale), _kernel, (int*)_sums.Start);
            }

            if (_program.Types is { } types)
            {
                var (firstType, lastType) = TypeRows(types, _made, last);
                if (lastType >= firstType)
                {
                    Require(types.Source, lastType, null);
                }

                var typesTop = mapsTop / _program.Steps[types.Source].Scale;
                for (var y = firstType; y <= lastType; y++)
                {
                    types.Produce(_rings[types.Source], y, maps, y - typesTop, _kernel, (int*)_sums.Start);
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
        _pictureRows = new int[(rows + RowsAtOnce - 1) / RowsAtOnce];
        for (var from = 0; from < rows; from += RowsAtOnce)
        {
            Require(source, Math.Min(from + RowsAtOnce, rows) - 1, kept);
            kept[source] = Math.Max(kept[source], _next[source] - from);
            if (_program.Types is { } types && TypeRows(types, from, Math.Min(from + RowsAtOnce, rows)) is var (first, last) && last >= first)
            {
                Require(types.Source, last, kept);
                kept[types.Source] = Math.Max(kept[types.Source], _next[types.Source] - first);
            }

            _pictureRows[from / RowsAtOnce] = _next[0];
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
            var bytes = _picture!.Row(y - _pictureTop);
            bytes.CopyTo(new Span<byte>(_rings[0].Row(y), bytes.Length));
        }
    }
}
