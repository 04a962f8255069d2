using HoverFast.Labels;
using HoverFast.Slides;
using HoverFast.Training.Commands;
using HoverFast.Training.Data;
using HoverFast.Training.Importing;
using Xunit;

namespace HoverFast.Training.Tests.Importing;

/// <summary>Tiny twins of each public layout become training sets; broken ones are refused with the file's name, and leave nothing.</summary>
public sealed class DataSetImportTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Set => Path.Combine(_folder.Path, "set");

    private string Output => Path.Combine(_folder.Path, "out");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("consep", "train_1", "inflammatory,malignant epithelial", "Apache 2.0", 0.25)]
    [InlineData("cryonuseg", "Human_Larynx_01", "", "CC BY-NC-SA 4.0", 0.25)]
    [InlineData("lizard", "crag_1", "neutrophil,connective", "CC BY-NC-SA 4.0", 0.5)]
    [InlineData("lynsec", "40_l2", "type 2,type 1", "CC BY 4.0", 0.25)]
    [InlineData("monuseg", "TCGA-A7-A13E__TCGA-A7-A13E-01Z-00-DX1", "", "CC BY-NC-SA 4.0", 0.25)]
    [InlineData("nucls", "TCGA-A1-A0SP__TCGA-A1-A0SP-DX1_id-5_left-1_top-2", "tumor_nonMitotic,lymphocyte", "CC0 1.0", 0.2)]
    [InlineData("nuinsseg", "human_lung__human_lung_01", "", "CC BY 4.0", 0.21)]
    [InlineData("pannuke", "Bile-duct__fold1_00000", "inflammatory,epithelial", "CC BY-NC-SA 4.0", 0.25)]
    [InlineData("puma", "training_set_primary_roi_007", "tumor,lymphocyte", "CC0 1.0", 0.23)]
    public async Task ATwinBecomesATrainingSet(string set, string tile, string types, string licence, double mpp)
    {
        Write(set);

        Assert.Equal(0, await Import(set));

        var info = DataSetInfo.Read(Output)!;
        Assert.Equal((set, licence, mpp), (info.Name, info.Licence, info.Mpp!.Value));
        var image = Assert.Single(DataSet.Load(new DataSetConfiguration { Name = set, Folder = Output }.Described("/"), "/").Images);
        Assert.Equal(tile, image.Name);
        Assert.Equal(mpp, image.Mpp.MicronsPerPixel);
        Assert.Equal(Twin.Picture.Pixels, image.Image.Pixels);
        AssertSame(Twin.Labels, image.Labels.Labels, set == "nucls" ? 24 : 0);
        var table = Path.Combine(Output, "types", tile + ".csv");
        Assert.Equal(
            types.Length == 0 ? null : "label,type\n" + string.Concat(types.Split(',').Select((t, i) => $"{i + 1},{t}\n")),
            File.Exists(table) ? File.ReadAllText(table) : null);
        Assert.Equal(types.Length == 0 ? null : types.Split(',').Order(StringComparer.Ordinal), info.Types);
        Assert.True(File.Exists(Path.Combine(Output, "labels.png")));
    }

    [Theory]
    [InlineData("consep", "train_1.mat", "cut")]
    [InlineData("consep", "train_1.mat", "no inst_map")]
    [InlineData("cryonuseg", "Human_Larynx_01.tif", "cut")]
    [InlineData("cryonuseg", "Human_Larynx_01.png", "labels missing")]
    [InlineData("lizard", "crag_1.mat", "7.3")]
    [InlineData("lynsec", "40_l2.npy", "cut")]
    [InlineData("lynsec", "40_l2.npy", "other shape")]
    [InlineData("monuseg", "TCGA-A7-A13E-01Z-00-DX1.xml", "cut")]
    [InlineData("nucls", "TCGA-A1-A0SP-DX1_id-5_left-1_top-2.csv", "cut")]
    [InlineData("nuinsseg", "human lung_01.tif", "cut")]
    [InlineData("pannuke", "masks.npy", "cut")]
    [InlineData("puma", "training_set_primary_roi_007_nuclei.geojson", "cut")]
    [InlineData("puma", "training_set_primary_roi_007_nuclei.geojson", "picture missing")]
    [InlineData("qupath", "roi.geojson", "cut")]
    [InlineData("qupath", "roi.png", "cut")]
    public async Task ABrokenTwinIsRefusedWithItsFile(string set, string file, string fault)
    {
        Write(set);
        var path = Directory.EnumerateFiles(Set, file, SearchOption.AllDirectories).Last();
        switch (fault)
        {
            case "cut":
                await File.WriteAllBytesAsync(
                    path,
                    (await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken))[..^40],
                    TestContext.Current.CancellationToken);
                break;
            case "no inst_map":
                Twin.WriteMat(path, ("other", 2, 2, [1, 2, 3, 4]));
                break;
            case "7.3":
                await File.WriteAllTextAsync(path, "MATLAB 7.3 MAT-file".PadRight(600), TestContext.Current.CancellationToken);
                break;
            case "other shape":
                Twin.WriteNpy(path, "|u1", [2, 2, 3], new byte[12]);
                break;
            case "labels missing":
                File.Delete(
                    Path.ChangeExtension(path.Replace("tissue images", "Annotator 1 (biologist)/label masks modify", StringComparison.Ordinal), ".tif"));
                break;
            case "picture missing":
                File.Delete(Path.Combine(Set, "01_training_dataset_tif_ROIs", "training_set_primary_roi_007.tif"));
                break;
        }

        var named = PublicDataSets.Named(set);
        var known = named with { Mpp = named.Mpp ?? 0.25 };
        var error = Record.Exception(() => DataSetImport.Run(known, Set, Output, TextWriter.Null, TestContext.Current.CancellationToken));

        Assert.True(error is TrainingException or SlideException, error?.ToString());
        Assert.Contains(path, error!.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
        Assert.False(Directory.Exists(Output));
        Assert.Equal(["set"], Directory.EnumerateFileSystemEntries(_folder.Path).Select(Path.GetFileName));
        Assert.Equal(3, await Import(set));
    }

    [Fact]
    public async Task OutlinesOfOnesOwnNeedAPixelSizeAndKeepTheirLicence()
    {
        Write("qupath");
        Assert.Equal(3, await Import("qupath"));
        Assert.Equal(0, await Import("qupath", "--mpp", "0.25", "--licence", "research only", "--source", "our laboratory"));
        var set = new DataSetConfiguration { Name = "ours", Folder = Output }.Described("/");
        Assert.Equal((0.25, "research only", "our laboratory"), (set.Mpp, set.Licence, set.Source));
        Assert.Equal("label,type\n1,Tumor: Positive\n", File.ReadAllText(Path.Combine(Output, "types", "roi.csv")));
        AssertSame(Twin.Labels, LabelImageFile.Read(Path.Combine(Output, "labels", "roi.png")).Labels, 0);

        // What is there is not replaced.
        Assert.Equal(3, await Import("qupath", "--mpp", "0.25"));
        Assert.Equal(3, await Import("nothing"));
    }

    /// <summary>A label has one type; an import that is kept can be read.</summary>
    [Theory]
    [InlineData(1, 1)]
    [InlineData(0, 1)]
    [InlineData(1.5, 1)]
    [InlineData(double.NaN, 1)]
    public void IdsOfLizardThatAreNoLabelsAreRefused(double first, double second)
    {
        Write("lizard");
        var path = Path.Combine(Set, "lizard_labels", "Lizard_Labels", "Labels", "crag_1.mat");
        Twin.WriteMat(path, Map("inst_map", l => l), ("id", 2, 1, [first, second]), ("class", 2, 1, [6, 1]));

        var error = Assert.Throws<TrainingException>(
            () => DataSetImport.Run(PublicDataSets.Named("lizard"), Set, Output, TextWriter.Null, TestContext.Current.CancellationToken));

        Assert.StartsWith(path + ": its id holds ", error.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Output));
    }

    /// <summary>What a MAT file states costs no memory before it is there.</summary>
    [Theory]
    [InlineData(int.MaxValue, 1)]
    [InlineData(1 << 16, 1 << 16)]
    [InlineData(-(1 << 16), -(1 << 15))]
    [InlineData(int.MinValue, 1)]
    public void AMatFileThatStatesMoreThanItHoldsIsRefused(int rows, int columns)
    {
        Write("consep");
        var path = Path.Combine(Set, "Train", "Labels", "train_1.mat");
        Twin.WriteMat(path, ("inst_map", 1, 1, [1]));
        var bytes = File.ReadAllBytes(path);
        BitConverter.GetBytes(rows).CopyTo(bytes, 128 + 8 + 16 + 8);
        BitConverter.GetBytes(columns).CopyTo(bytes, 128 + 8 + 16 + 12);
        File.WriteAllBytes(path, bytes);

        var error = Assert.Throws<TrainingException>(
            () => DataSetImport.Run(PublicDataSets.Named("consep"), Set, Output, TextWriter.Null, TestContext.Current.CancellationToken));

        Assert.StartsWith(path + ": ", error.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Output));
    }

    /// <summary>Places that no picture has: the file is named, at once.</summary>
    [Theory]
    [InlineData("monuseg", "14.0", "1e10")]
    [InlineData("monuseg", "14.0", "NaN")]
    [InlineData("monuseg", "14.0", "20000000")]
    [InlineData("nucls", "20,34,30", "20,1e10,30")]
    [InlineData("nucls", "20,34,30", "nan,34,30")]
    [InlineData("nucls", "20,34,30", "-20000000,34,20000000")]
    [InlineData("puma", "34", "20000000")]
    public void OutlinesFarBeyondThePictureAreRefused(string set, string place, string far)
    {
        Write(set);
        var ending = set switch { "monuseg" => ".xml", "nucls" => ".csv", _ => "_nuclei.geojson" };
        var path = Assert.Single(Directory.GetFiles(Set, "*" + ending, SearchOption.AllDirectories));
        File.WriteAllText(path, File.ReadAllText(path).Replace(place, far, StringComparison.Ordinal));

        var error = Record.Exception(
            () => DataSetImport.Run(PublicDataSets.Named(set), Set, Output, TextWriter.Null, TestContext.Current.CancellationToken));

        Assert.True(error is TrainingException or SlideException, error?.ToString());
        Assert.Contains(path, error!.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Output));
    }

    /// <summary>Arrays without a pixel, of elements without a byte, and of a shape that is none.</summary>
    [Theory]
    [InlineData("|u1", "0, 10, 4")]
    [InlineData("|u1", "10, 0, 4")]
    [InlineData("|u0", "30000, 300000, 4")]
    [InlineData("|u1", "10 10, 4")]
    public void NpyFilesThatHoldNoTileAreRefused(string type, string shape)
    {
        Write("lynsec");
        var path = Path.Combine(Set, "lynsec 2", "40_l2.npy");
        Twin.WriteNpy(path, type, [10, 10, 4], new byte[400]);
        File.WriteAllBytes(
            path,
            System.Text.Encoding.Latin1.GetBytes(
                System.Text.Encoding.Latin1.GetString(File.ReadAllBytes(path)).Replace("(10, 10, 4)", $"({shape})", StringComparison.Ordinal)));

        var error = Assert.Throws<TrainingException>(
            () => DataSetImport.Run(PublicDataSets.Named("lynsec"), Set, Output, TextWriter.Null, TestContext.Current.CancellationToken));

        Assert.StartsWith(path + ": ", error.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Output));
    }

    /// <summary>The published folder has tables that are no labels, and pictures that reach beyond what was labelled.</summary>
    [Fact]
    public async Task OutsideOfItsFieldNothingIsLearnedFromNucls()
    {
        Write("nucls");
        await Import("nucls");
        var whole = Output;
        Assert.False(Directory.Exists(Path.Combine(whole, "unsure")));
        Directory.Delete(whole, recursive: true);
        var labels = Assert.Single(Directory.GetFiles(Path.Combine(Set, "csv")));
        File.WriteAllText(labels, File.ReadAllText(labels).Replace("rectangle,0,0,48,40", "rectangle,2,3,20,30", StringComparison.Ordinal));
        File.WriteAllText(Path.Combine(Set, "csv", "ALL_FOV_LOCATIONS.csv"), "slide,xmin\nTCGA-A1-A0SP,4\n");
        File.WriteAllText(Path.Combine(Twin.Folder(Set, "train_test_splits"), "fold_1_test.csv"), ",slide_name\n0,TCGA-A1-A0SP\n");

        Assert.Equal(0, await Import("nucls"));

        // The lymphocyte at (24, 20) lies outside, and is known nevertheless.
        var image = Assert.Single(DataSet.Load(new DataSetConfiguration { Name = "nucls", Folder = Output }.Described("/"), "/").Images);
        Assert.Equal([0, 1, 2], image.Labels.Labels.Distinct().Order());
        Assert.Equal(
            [.. image.Labels.Labels.Select((l, i) => l == 0 && !(i % Twin.Width is >= 2 and < 20 && i / Twin.Width is >= 3 and < 30))],
            image.Unsure!.Labels.Select(l => l != 0));
    }

    [Fact]
    public void WhatIsIhcOrKnownToBeWrongIsLeftOutOfLynsecAndSaid()
    {
        Write("lynsec");
        WriteLynsec("lynsec 1", "3_l1");
        WriteLynsec("lynsec 2", "12_l2");
        using var log = new StringWriter();
        DataSetImport.Run(PublicDataSets.Named("lynsec"), Set, Output, log, TestContext.Current.CancellationToken);
        Assert.Equal(["40_l2.png"], Directory.EnumerateFiles(Path.Combine(Output, "images")).Select(Path.GetFileName));
        Assert.Contains("1 tiles of 'lynsec 1'", log.ToString(), StringComparison.Ordinal);
        Assert.Contains("1 tiles of 'lynsec 2'", log.ToString(), StringComparison.Ordinal);
    }

    private Task<int> Import(string set, params string[] more) => TrainingProgram.RunAsync(["datasets", "import", set, Set, "-o", Output, .. more]);

    // An ellipse lacks the corners of its box.
    private static void AssertSame(int[] expected, int[] actual, int mostOff)
    {
        Assert.Equal(expected.Length, actual.Length);
        Assert.InRange(expected.Zip(actual).Count(p => p.First != p.Second), mostOff == 0 ? 0 : 4, mostOff);
    }

    private void Write(string set)
    {
        switch (set)
        {
            case "consep":
                Twin.WritePng(Path.Combine(Set, "Train", "Images"), "train_1");
                Twin.WritePng(Path.Combine(Set, "Train", "Overlay"), "train_1");
                Twin.WriteMat(Path.Combine(Set, "Train", "Labels", "train_1.mat"), Map("inst_map", l => l), Map("type_map", l => l == 1 ? 2
                        : l == 2 ? 4
                        : 0), ("inst_type", 2, 1, [2, 4]));
                break;
            case "lizard":
                Twin.WritePng(Path.Combine(Set, "lizard_images1", "Lizard_Images1"), "crag_1");
                Twin.WriteMat(
                    Path.Combine(Set, "lizard_labels", "Lizard_Labels", "Labels", "crag_1.mat"),
                    Map("inst_map", l => l),
                    ("id", 2, 1, [2, 1]),
                    ("class", 2, 1, [6, 1]),
                    ("centroid", 2, 2, [9, 9, 29, 25]));
                break;
            case "cryonuseg":
                Twin.WritePng(Path.Combine(Set, "tissue images"), "Human_Larynx_01");
                Twin.WriteMask(Path.Combine(Set, "Annotator 1 (biologist)", "label masks modify"), "Human_Larynx_01");
                break;
            case "nuinsseg":
                Twin.WritePng(Path.Combine(Set, "human lung", "tissue images"), "human lung_01");
                Twin.WriteMask(Path.Combine(Set, "human lung", "label masks modify"), "human lung_01");
                break;
            case "lynsec":
                WriteLynsec("lynsec 2", "40_l2");
                break;
            case "pannuke":
                Twin.WriteNpy(
                    Path.Combine(Set, "Fold 1", "images", "fold1", "images.npy"),
                    "<f8",
                    [1, Twin.Height, Twin.Width, 3],
                    Twin.Doubles(Twin.Picture.Pixels.Select(p => (double)p)));
                Twin.WriteNpy(
                    Path.Combine(Set, "Fold 1", "masks", "fold1", "masks.npy"),
                    "<f8",
                    [1, Twin.Height, Twin.Width, 6],
                    Twin.Doubles(Twin.Labels.SelectMany(l => new double[] { 0, l == 1 ? 7 : 0, 0, 0, l == 2 ? 7 : 0, l == 0 ? 1 : 0 })));
                Twin.WriteNpy(Path.Combine(Set, "Fold 1", "images", "fold1", "types.npy"), "<U9", [1], System.Text.Encoding.UTF32.GetBytes("Bile-duct"));
                break;
            case "monuseg":
                Tiff.Write(Path.Combine(Twin.Folder(Set, "Tissue Images"), "TCGA-A7-A13E-01Z-00-DX1.tif"), Twin.Picture);
                var regions = string.Concat(
                    Enumerable
                        .Range(0, 2)
                        .Select(s =>
                            $"<Region Id=\"{s + 1}\"><Vertices>{string.Concat(Twin.Corners(s).Select(c => $"<Vertex X=\"{c.X}.0\" Y=\"{c.Y}.0\" Z=\"0\"/>"))}</Vertices></Region>"));
                File.WriteAllText(
                    Path.Combine(Twin.Folder(Set, "Annotations"), "TCGA-A7-A13E-01Z-00-DX1.xml"),
                    $"<Annotations MicronsPerPixel=\"0.2520\"><Annotation Id=\"1\"><Regions>{regions}</Regions></Annotation></Annotations>");
                break;
            case "nucls":
                const string name = "TCGA-A1-A0SP-DX1_id-5_left-1_top-2";
                Twin.WritePng(Path.Combine(Set, "rgb"), name);
                Twin.WritePng(Path.Combine(Set, "mask"), name);
                File.WriteAllText(
                    Path.Combine(Twin.Folder(Set, "csv"), name + ".csv"),
                    "raw_classification,main_classification,super_classification,type,xmin,ymin,xmax,ymax,coords_x,coords_y\n"
                        + "fov,fov,fov,rectangle,0,0,48,40,,\n"
                        + $"tumor,tumor_nonMitotic,tumor,polyline,4,4,14,14,\"{string.Join(',', Twin.Corners(0).Select(c => c.X))}\",\"{string.Join(',', Twin.Corners(0).Select(c => c.Y))}\"\n"
                        + "lymphocyte,lymphocyte,sTIL,rectangle,24,20,34,30,\"24,34,34,24\",\"20,20,30,30\"\n");
                break;
            case "puma":
                Tiff.Write(Path.Combine(Twin.Folder(Set, "01_training_dataset_tif_ROIs"), "training_set_primary_roi_007.tif"), Twin.Picture);
                Tiff.Write(Path.Combine(Twin.Folder(Set, "01_training_dataset_tif_context_ROIs"), "training_set_primary_roi_007_context.tif"), Twin.Picture);
                WriteGeoJson(
                    Path.Combine(Twin.Folder(Set, "01_training_dataset_geojson_nuclei"), "training_set_primary_roi_007_nuclei.geojson"),
                    "annotation",
                    "{ \"name\": \"nuclei_tumor\", \"color\": [200, 0, 0] }",
                    "{ \"name\": \"nuclei_lymphocyte\" }");
                WriteGeoJson(
                    Path.Combine(Twin.Folder(Set, "01_training_dataset_geojson_tissue"), "training_set_primary_roi_007_tissue.geojson"),
                    "annotation",
                    "{ \"name\": \"tissue_tumor\" }",
                    "null");
                break;
            case "qupath":
                Twin.WritePng(Set, "roi");
                WriteGeoJson(Path.Combine(Set, "roi.geojson"), "detection", "{ \"names\": [\"Tumor\", \"Positive\"] }", "null");
                break;
        }
    }

    private static (string, int, int, double[]) Map(string name, Func<int, double> value) => (name, Twin.Height, Twin.Width, [.. Twin.Labels.Select(value)]);

    private void WriteLynsec(string folder, string name) =>
        Twin.WriteNpy(
            Path.Combine(Set, folder, name + ".npy"),
            "<i4",
            [Twin.Height, Twin.Width, 5],
            [
                .. Enumerable
                    .Range(0, Twin.Labels.Length)
                    .SelectMany(i =>
                        new int[]
                        {
                            Twin.Picture.Pixels[i * 3],
                            Twin.Picture.Pixels[(i * 3) + 1],
                            Twin.Picture.Pixels[(i * 3) + 2],
                            Twin.Labels[i],
                            Twin.Labels[i] == 1 ? 2
                            : Twin.Labels[i] == 2 ? 1
                            : 0,
                        }.SelectMany(BitConverter.GetBytes)),
            ]);

    private static void WriteGeoJson(string path, string kind, params string[] classes)
    {
        var features = classes.Select(
            (c, s) =>
                $"{{ \"type\": \"Feature\", \"properties\": {{ \"objectType\": \"{kind}\", \"classification\": {c} }}, \"geometry\": {{ \"type\": \"Polygon\", \"coordinates\": [[{string.Join(", ", Twin.Corners(s).Append(Twin.Corners(s).First()).Select(p => $"[{p.X}, {p.Y}]"))}]] }} }}");
        File.WriteAllText(path, $"{{ \"type\": \"FeatureCollection\", \"features\": [{string.Join(", ", features)}] }}");
    }
}
