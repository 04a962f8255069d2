namespace HoverFast.Slides.Dicom;

/// <summary>
/// A level of a DICOM slide: its frames are the tiles, in order (TILED_FULL) or where each says (TILED_SPARSE). Of several optical paths the first brightfield
/// one is read, of several focal planes the middle one.
/// </summary>
internal sealed class DicomLevel : ITileSource
{
    private readonly DicomConcatenation _frames;
    private readonly DicomPixelFormat _format;
    private readonly int _columns;

    /// <summary>The first frame of the optical path and focal plane that are read.</summary>
    private readonly int _firstFrame;
    private readonly Dictionary<(int Column, int Row), int>? _sparse;

    /// <summary>Reads the layout.</summary>
    /// <param name="parts">The instance, or the parts of one.</param>
    /// <exception cref="InvalidDataException">Its elements are missing or contradict each other.</exception>
    /// <exception cref="NotSupportedException">It is stored in a way that isn't known.</exception>
    public DicomLevel(IReadOnlyList<IDicomInstance> parts)
    {
        var elements = parts[0].Elements;
        TileSize = new PixelSize(Side(elements, DicomTag.Columns), Side(elements, DicomTag.Rows));
        Size = SizeOf(elements);
        _format = new DicomPixelFormat(elements, TileSize);
        _frames = new DicomConcatenation(parts);
        ReadingLimits.CheckTile(TileSize, _format.Samples, _frames.Length);
        ReadingLimits.CheckLevel(Size, _format.Samples, _frames.Length);
        if (parts.Any(p =>
                SizeOf(p.Elements) != Size
                || Side(p.Elements, DicomTag.Columns) != TileSize.Width
                || Side(p.Elements, DicomTag.Rows) != TileSize.Height
                || p.Elements.Text(DicomTag.TransferSyntax) != _format.TransferSyntax))
        {
            throw new InvalidDataException("The instances that make up a level don't fit together.");
        }

        Elements = _frames.Parts[0].Elements;
        Spacing = SpacingOf(_frames.Parts[0]);
        Paths = new DicomOpticalPaths(elements);
        _columns = CeilingDivide(Size.Width, TileSize.Width);
        var tiles = (long)_columns * CeilingDivide(Size.Height, TileSize.Height);
        ReadingLimits.CheckGrid(tiles, TileSize, _frames.Count);
        var placements = _frames.Parts.SelectMany(p => p.Placements).ToList();
        if (elements.Text(DicomTag.DimensionOrganization) != "TILED_FULL" && placements.Count > 0)
        {
            _sparse = Place(placements);
        }
        else
        {
            var planes = Math.Clamp(elements.Integer(DicomTag.FocalPlanes) ?? 1, 1, 1000);
            _firstFrame = (int)Math.Min(int.MaxValue, ((Paths.Chosen * planes) + (planes / 2)) * tiles);
            if (_frames.Count < tiles * planes * Paths.Count)
            {
                throw new InvalidDataException($"It needs {tiles * planes * Paths.Count} frames but holds {_frames.Count}.");
            }
        }

        Height = _sparse is null ? 0 : placements.Average(p => p.Height);
        Reductions = _format.Reductions;
    }

    /// <inheritdoc/>
    public PixelSize Size { get; }

    /// <inheritdoc/>
    public PixelSize TileSize { get; }

    /// <inheritdoc/>
    public IReadOnlyList<int> Reductions { get; }

    /// <summary>The elements of its instance, or of its first part.</summary>
    public DicomDataSet Elements { get; }

    /// <summary>What the instance states of its pixels' size; null where it states none.</summary>
    public SlideCalibration? Spacing { get; }

    /// <summary>Its optical paths.</summary>
    public DicomOpticalPaths Paths { get; }

    /// <summary>Its focal plane's mean distance from the glass in microns, where that is stated; 0 otherwise.</summary>
    public double Height { get; }

    /// <inheritdoc/>
    public bool Holds(int column, int row) => FrameOf(column, row) is not null;

    /// <inheritdoc/>
    public bool Decode(int column, int row, int reduction, Span<byte> rgb)
    {
        if (FrameOf(column, row) is not { } frame)
        {
            return false;
        }

        using var data = _frames.Read(frame);
        if (data.Memory.IsEmpty)
        {
            return false;
        }

        _format.Decode(data.Memory.Span, reduction, rgb);
        return true;
    }

    /// <inheritdoc/>
    public byte[]? JpegOf(int column, int row)
    {
        if (!_format.IsColourJpeg || FrameOf(column, row) is not { } frame)
        {
            return null;
        }

        using var data = _frames.Read(frame);
        return data.Memory.IsEmpty ? null : _format.JpegOf(data.Memory.Span);
    }

    /// <inheritdoc/>
    public void Announce(IReadOnlyList<(int Column, int Row)> tiles) => _frames.Announce(tiles.Select(t => FrameOf(t.Column, t.Row)).OfType<int>());

    private int? FrameOf(int column, int row) => _sparse is null ? _firstFrame + (row * _columns) + column
        : _sparse.TryGetValue((column, row), out var frame) ? frame
        : null;

    private static int CeilingDivide(int value, int divisor) => (int)(((long)value + divisor - 1) / divisor);

    /// <summary>A single frame may leave the size of the whole out: it is the whole.</summary>
    private static PixelSize SizeOf(DicomDataSet elements) => elements.Has(DicomTag.TotalColumns) || (elements.Integer(DicomTag.NumberOfFrames) ?? 1) > 1
        ? new PixelSize(Side(elements, DicomTag.TotalColumns), Side(elements, DicomTag.TotalRows))
        : new PixelSize(Side(elements, DicomTag.Columns), Side(elements, DicomTag.Rows));

    private static int Side(DicomDataSet elements, DicomTag tag) => ReadingLimits.Side(elements.Integer(tag) ?? 0);

    /// <summary>
    /// Spacings are in millimetres, rows first; the width and height of the whole are a measure too. Orthanc's dicomizer writes the spacing with both sides
    /// swapped: where only one of the two measures makes square pixels, that one counts.
    /// </summary>
    private SlideCalibration? SpacingOf(IDicomInstance instance)
    {
        DicomDataSet?[] holders =
        [
            instance.Elements.FirstItem(DicomTag.SharedGroups)?.FirstItem(DicomTag.PixelMeasures),
            instance.FirstGroup?.FirstItem(DicomTag.PixelMeasures),
            instance.Elements,
        ];
        var stated = holders
            .Select(h => h?.Numbers(DicomTag.PixelSpacing) is [var rows, var columns] ? Calibration(columns, rows, "DICOM PixelSpacing") : null)
            .ToList();
        if (instance.Elements.Numbers(DicomTag.ImagedWidth) is [var width] && instance.Elements.Numbers(DicomTag.ImagedHeight) is [var height])
        {
            stated.Add(Calibration(width / Size.Width, height / Size.Height, "DICOM ImagedVolumeWidth"));
        }

        return stated.Find(c => c is not null && IsSquare(c)) ?? stated.Find(c => c is not null);
    }

    private static bool IsSquare(SlideCalibration calibration)
    {
        var stretch = (calibration.Height ?? calibration.Mpp).MicronsPerPixel / calibration.Mpp.MicronsPerPixel;
        return Math.Max(stretch, 1 / stretch) <= SlideCalibrator.MostStretch;
    }

    private static SlideCalibration? Calibration(double columns, double rows, string source) => Mpp.IsPossible(columns * 1000) && Mpp.IsPossible(rows * 1000)
        ? new SlideCalibration(new Mpp(columns * 1000), source) { Height = rows == columns ? null : new Mpp(rows * 1000) }
        : null;

    private Dictionary<(int Column, int Row), int> Place(List<DicomPlacement> placements)
    {
        if (placements.Count > _frames.Count)
        {
            throw new InvalidDataException($"It places {placements.Count} frames but holds {_frames.Count}.");
        }

        // Frames of other optical paths are left out; those that name none belong to the one that there is.
        var path = placements.Exists(p => p.OpticalPath == Paths.Identifier) ? Paths.Identifier : placements[0].OpticalPath;
        var heights = placements.Where(p => p.OpticalPath == path).Select(p => p.Height).Distinct().Order().ToList();
        var middle = heights[heights.Count / 2];
        var places = new Dictionary<(int, int), int>();
        for (var f = 0; f < placements.Count; f++)
        {
            if (placements[f].OpticalPath != path)
            {
                continue;
            }

            var (x, y) = ((long)placements[f].Column - 1, (long)placements[f].Row - 1);
            if (x < 0 || y < 0 || x % TileSize.Width != 0 || y % TileSize.Height != 0)
            {
                throw new NotSupportedException("Its tiles don't lie on a grid, which isn't supported.");
            }

            // A slide may be in focus at another height in each place: then each has one frame, which is taken.
            var place = ((int)(x / TileSize.Width), (int)(y / TileSize.Height));
            if (!places.TryGetValue(place, out var other) || Math.Abs(placements[f].Height - middle) < Math.Abs(placements[other].Height - middle))
            {
                places[place] = f;
            }
        }

        return places;
    }
}
