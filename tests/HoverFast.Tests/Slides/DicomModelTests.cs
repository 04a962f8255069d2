using HoverFast.Slides.Dicom;
using Xunit;

namespace HoverFast.Tests.Slides;

/// <summary>Data sets are written as the standard has it and read back the same.</summary>
public sealed class DicomModelTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void ElementsAreWrittenAsTheStandardShows()
    {
        var set = new DicomDataSet();
        set.Set(DicomTag.Rows, 256);
        set.Set(DicomTag.ImageType, "DERIVED", "PRIMARY");
        set.Set(DicomTag.PixelMeasures, [Measures(0.00025)]);
        var stream = new MemoryStream();
        DicomWriter.Write(stream, set);
        byte[] expected =
        [
            0x08, 0, 0x08, 0, (byte)'C', (byte)'S', 16, 0, .. "DERIVED\\PRIMARY "u8,
            0x28, 0, 0x10, 0, (byte)'U', (byte)'S', 2, 0, 0, 1,
            0x28, 0, 0x10, 0x91, (byte)'S', (byte)'Q', 0, 0, 32, 0, 0, 0,
            0xFE, 0xFF, 0, 0xE0, 24, 0, 0, 0,
            0x28, 0, 0x30, 0, (byte)'D', (byte)'S', 16, 0, .. "0.00025\\0.00025 "u8,
        ];
        Assert.Equal(expected, stream.ToArray());
        Assert.Equal(expected.Length, DicomWriter.LengthOf(set));
    }

    [Fact]
    public void WhatIsWrittenIsReadBack()
    {
        var set = new DicomDataSet();
        set.Set(DicomTag.SopClass, "1.2.840.10008.5.1.4.1.1.77.1.6");
        set.Set(DicomTag.SopInstance, "1.2.3");
        set.Set(DicomTag.CharacterSet, "ISO_IR 192");
        set.Set(DicomTag.Manufacturer, "Präparat µ");
        set.Set(DicomTag.NumberOfFrames, 12);
        set.Set(DicomTag.RowPosition, -5);
        set.Set(DicomTag.TotalColumns, 4_000_000_000);
        set.Set(DicomTag.ImagedWidth, 12.5, 0.25);
        set.Set(DicomTag.SharedGroups, [Nested(DicomTag.PixelMeasures, Measures(1 / 3.0)), new DicomDataSet()]);
        var read = ReadBack(set);
        Assert.Equal(DicomTransferSyntax.ExplicitLittleEndian, read.Text(DicomTag.TransferSyntax));
        Assert.Equal("1.2.3", read.Text(DicomTag.MediaStorageSopInstance));
        Assert.Equal("Präparat µ", read.Text(DicomTag.Manufacturer));
        Assert.Equal(12, read.Integer(DicomTag.NumberOfFrames));
        Assert.Equal(-5, read.Integer(DicomTag.RowPosition));
        Assert.Equal(4_000_000_000, read.Integer(DicomTag.TotalColumns));
        Assert.Equal([12.5, 0.25], read.Numbers(DicomTag.ImagedWidth));
        Assert.Equal(2, read.Items(DicomTag.SharedGroups).Count);
        var spacing = read.FirstItem(DicomTag.SharedGroups)!.FirstItem(DicomTag.PixelMeasures)!;
        Assert.All(spacing.Texts(DicomTag.PixelSpacing), t => Assert.InRange(t.Length, 1, 16));
        Assert.Equal(1 / 3.0, spacing.Numbers(DicomTag.PixelSpacing)[0], 1e-13);
        Assert.Null(read.Integer(DicomTag.Columns));
        set.Set(DicomTag.ImagedWidth, 12.5, double.NaN);
        Assert.Empty(set.Numbers(DicomTag.ImagedWidth));
        Assert.Empty(read.Items(DicomTag.PerFrameGroups));
    }

    [Fact]
    public void ValuesMayBeMadeWhileTheyAreWritten()
    {
        const int Numbers = 100_000;
        var item = new DicomDataSet();
        item.Set(DicomElement.Made(DicomTag.IccProfile, DicomVr.OB, Numbers * 4, stream =>
        {
            for (var i = 0; i < Numbers; i++)
            {
                stream.Write(BitConverter.GetBytes(i));
            }
        }));
        item.Set(DicomTag.OpticalPathIdentifier, "1");
        var read = ReadBack(Nested(DicomTag.OpticalPathSequence, item)).FirstItem(DicomTag.OpticalPathSequence)!;
        Assert.Equal("1", read.Text(DicomTag.OpticalPathIdentifier));
        var element = read[DicomTag.IccProfile]!;
        Assert.Equal(Numbers * 4, element.Length);
        using var handle = File.OpenHandle(_folder.File("a.dcm"));
        var last = new byte[4];
        new DicomReader(handle).Read(element.Offset!.Value + element.Length - 4, last);
        Assert.Equal(Numbers - 1, BitConverter.ToInt32(last));

        item.Set(DicomElement.Made(DicomTag.IccProfile, DicomVr.OB, 8, stream => stream.Write(new byte[6])));
        Assert.Throws<InvalidOperationException>(() => DicomWriter.Write(Stream.Null, item));
    }

    [Fact]
    public void NumbersThatDontFitAreRefused()
    {
        var set = new DicomDataSet();
        Assert.Throws<OverflowException>(() => set.Set(DicomTag.Rows, 70_000));
        Assert.Throws<ArgumentException>(() => set.Set(DicomTag.Rows, "256"));
        Assert.Throws<ArgumentException>(() => set.Set(DicomTag.Rows, 0.5));
    }

    public void Dispose() => _folder.Dispose();

    private static DicomDataSet Measures(double millimetres)
    {
        var measures = new DicomDataSet();
        measures.Set(DicomTag.PixelSpacing, millimetres, millimetres);
        return measures;
    }

    private static DicomDataSet Nested(DicomTag tag, DicomDataSet item)
    {
        var set = new DicomDataSet();
        set.Set(tag, [item]);
        return set;
    }

    private DicomDataSet ReadBack(DicomDataSet set)
    {
        using (var stream = File.Create(_folder.File("a.dcm")))
        {
            DicomWriter.WriteFile(stream, set);
        }

        using var handle = File.OpenHandle(_folder.File("a.dcm"));
        return new DicomReader(handle).ReadFile();
    }
}
