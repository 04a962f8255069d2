using HoverFast.Slides;
using HoverFast.Slides.Dicom;

namespace HoverFast.Tests.Slides;

/// <summary>A DICOM whole-slide instance to be varied and written: elements and frames as real writers, and careless ones, make them.</summary>
internal sealed class TestDicomInstance
{
    public const string JpegLs = "1.2.840.10008.1.2.4.80";

    /// <summary>The elements up to the pixels.</summary>
    public DicomDataSet Elements { get; private init; } = new();

    /// <summary>The frames, as they are stored.</summary>
    public List<byte[]> Frames { get; private init; } = [];

    /// <summary>How frames are compressed.</summary>
    public string Syntax { get; init; } = DicomTransferSyntax.ExplicitLittleEndian;

    /// <summary>Bytes of a fragment at most; 0 keeps each frame whole.</summary>
    public int FragmentLength { get; init; }

    /// <summary>What the file says about where its frames begin.</summary>
    public OffsetTable Table { get; init; } = OffsetTable.Right;

    /// <summary>What is written into the first 128 bytes.</summary>
    public byte[] Preamble { get; init; } = new byte[128];

    /// <summary>A picture in tiles, with all elements that it should have.</summary>
    public static TestDicomInstance Of(
        RgbImage picture,
        int tile = 64,
        string syntax = DicomTransferSyntax.ExplicitLittleEndian,
        string series = "1.2.3",
        string instance = "1.2.3.9",
        int fragmentLength = 0,
        OffsetTable table = OffsetTable.Right,
        byte[]? preamble = null)
    {
        var made = new TestDicomInstance { Syntax = syntax, FragmentLength = fragmentLength, Table = table, Preamble = preamble ?? new byte[128] };
        var set = made.Elements;
        set.Set(DicomTag.ImageType, "ORIGINAL", "PRIMARY", "VOLUME", "NONE");
        set.Set(DicomTag.SopClass, "1.2.840.10008.5.1.4.1.1.77.1.6");
        set.Set(DicomTag.SopInstance, instance);
        set.Set(DicomTag.Modality, "SM");
        set.Set(DicomTag.StudyInstance, "1.2");
        set.Set(DicomTag.SeriesInstance, series);
        set.Set(DicomTag.DimensionOrganization, "TILED_FULL");
        set.Set(DicomTag.SamplesPerPixel, 3);
        set.Set(DicomTag.Photometric, syntax == DicomTransferSyntax.JpegBaseline ? "YBR_FULL_422" : "RGB");
        set.Set(DicomTag.PlanarConfiguration, 0);
        set.Set(DicomTag.Rows, tile);
        set.Set(DicomTag.Columns, tile);
        set.Set(DicomTag.BitsAllocated, 8);
        set.Set(DicomTag.BitsStored, 8);
        set.Set(DicomTag.TotalColumns, picture.Width);
        set.Set(DicomTag.TotalRows, picture.Height);
        var measures = new DicomDataSet();
        measures.Set(DicomTag.PixelSpacing, 0.00025, 0.00025);
        set.Set(DicomTag.SharedGroups, [Holding(DicomTag.PixelMeasures, measures)]);
        made.Add(picture, tile);
        return made;
    }

    /// <summary>A data set that holds one sequence of one item.</summary>
    public static DicomDataSet Holding(DicomTag tag, DicomDataSet item)
    {
        var set = new DicomDataSet();
        set.Set(tag, [item]);
        return set;
    }

    /// <summary>Adds a picture's tiles, row by row.</summary>
    public void Add(RgbImage picture, int tile)
    {
        for (var y = 0; y < picture.Height; y += tile)
        {
            for (var x = 0; x < picture.Width; x += tile)
            {
                var part = TestPicture.Crop(picture, new PixelRect(x, y, tile, tile));
                Frames.Add(Syntax == DicomTransferSyntax.JpegBaseline ? TestPicture.Jpeg(part, 95) : part.Span.ToArray());
            }
        }
    }

    /// <summary>States where each frame lies: its left and upper edge counted from 0, height and optical path.</summary>
    public void Place(IEnumerable<(int X, int Y, double Height, string Path)> places)
    {
        Elements.Set(DicomTag.DimensionOrganization, "TILED_SPARSE");
        var groups = new List<DicomDataSet>();
        foreach (var (x, y, height, path) in places)
        {
            var position = new DicomDataSet();
            position.Set(DicomTag.ColumnPosition, x + 1);
            position.Set(DicomTag.RowPosition, y + 1);
            position.Set(DicomTag.ZOffset, height);
            var group = Holding(DicomTag.PlanePositionSlide, position);
            if (path.Length > 0)
            {
                group.Set(DicomTag.OpticalPathIdentification, [Named(path)]);
            }

            groups.Add(group);
        }

        Elements.Set(DicomTag.PerFrameGroups, groups);
    }

    /// <summary>States optical paths by their identifiers and codes of illumination (111744 is brightfield).</summary>
    public void LightBy(params (string Identifier, string Code)[] paths)
    {
        var items = new List<DicomDataSet>();
        foreach (var (identifier, code) in paths)
        {
            var item = Named(identifier);
            var illumination = new DicomDataSet();
            illumination.Set(DicomTag.CodeValue, code);
            illumination.Set(DicomTag.CodingScheme, "DCM");
            item.Set(DicomTag.IlluminationTypeCodes, [illumination]);
            items.Add(item);
        }

        Elements.Set(DicomTag.OpticalPathSequence, items);
        Elements.Set(DicomTag.OpticalPaths, paths.Length);
    }

    /// <summary>This instance's frames from one on, as a part of a concatenation.</summary>
    public TestDicomInstance Part(int number, int from, int count, int total = 0)
    {
        var part = new TestDicomInstance { Syntax = Syntax, Frames = Frames.GetRange(from, count), FragmentLength = FragmentLength, Table = Table };
        foreach (var element in Elements)
        {
            part.Elements.Set(element);
        }

        if (part.Elements[DicomTag.PerFrameGroups]?.Items is { } groups)
        {
            part.Elements.Set(DicomTag.PerFrameGroups, [.. groups.Skip(from).Take(count)]);
        }

        part.Elements.Set(DicomTag.SopInstance, $"1.2.3.9.{number}");
        part.Elements.Set(DicomTag.Concatenation, "1.2.3.8");
        part.Elements.Set(DicomTag.InConcatenationNumber, number);
        part.Elements.Set(DicomTag.ConcatenationFrameOffset, from);
        if (total > 0)
        {
            part.Elements.Set(DicomTag.InConcatenationTotal, total);
        }

        return part;
    }

    /// <summary>The file.</summary>
    public byte[] ToBytes()
    {
        Elements.Set(DicomTag.NumberOfFrames, Frames.Count);
        var file = new MemoryStream();
        file.Write(Preamble);
        file.Write("DICM"u8);
        var meta = new DicomDataSet();
        meta.Set(DicomTag.MediaStorageSopClass, Elements.Text(DicomTag.SopClass));
        meta.Set(DicomTag.TransferSyntax, Syntax);
        DicomWriter.Write(file, meta);
        if (Syntax is DicomTransferSyntax.ExplicitLittleEndian)
        {
            Elements.Set(DicomElement.Of(DicomTag.PixelData, DicomVr.OB, Frames.SelectMany(f => f).ToArray()));
            DicomWriter.Write(file, Elements);
            return file.ToArray();
        }

        var (body, offsets) = Fragments();
        if (Table == OffsetTable.Extended)
        {
            Elements.Set(DicomElement.Of(DicomTag.ExtendedOffsetTable, DicomVr.OV, offsets.SelectMany(o => BitConverter.GetBytes((long)o)).ToArray()));
        }

        DicomWriter.Write(file, Elements);
        file.Write([0xE0, 0x7F, 0x10, 0, (byte)'O', (byte)'B', 0, 0, 0xFF, 0xFF, 0xFF, 0xFF]);
        byte[] table = Table switch
        {
            OffsetTable.Right => [.. offsets.SelectMany(BitConverter.GetBytes)],
            OffsetTable.Wrong => [.. offsets.SelectMany(o => BitConverter.GetBytes(o + 6))],
            _ => [],
        };
        file.Write(Item(table));
        file.Write(body);
        file.Write([0xFE, 0xFF, 0xDD, 0xE0, 0, 0, 0, 0]);
        return file.ToArray();
    }

    private static DicomDataSet Named(string path)
    {
        var set = new DicomDataSet();
        set.Set(DicomTag.OpticalPathIdentifier, path);
        return set;
    }

    private static byte[] Item(byte[] bytes) => [0xFE, 0xFF, 0, 0xE0, .. BitConverter.GetBytes(bytes.Length), .. bytes];

    private (byte[] Body, List<int> Offsets) Fragments()
    {
        var body = new MemoryStream();
        var offsets = new List<int>();
        foreach (var frame in Frames)
        {
            offsets.Add((int)body.Length);
            byte[] even = frame.Length % 2 == 0 ? frame : [.. frame, 0];
            foreach (var fragment in FragmentLength > 0 ? even.Chunk(FragmentLength) : [even])
            {
                body.Write(Item(fragment));
            }
        }

        return (body.ToArray(), offsets);
    }
}
