// Streams nuclei and counts them in squares of a grid, without any file:
// dotnet run -c Release --project examples/CountByRegion -- slide.svs [side of a square in pixels] [um/px]
using HoverFast;
using HoverFast.Slides;

if (args.Length is < 1 or > 3)
{
    Console.Error.WriteLine("usage: CountByRegion SLIDE [SIDE] [UM_PER_PIXEL]");
    return 2;
}

var side = args.Length > 1 ? int.Parse(args[1]) : 1000;
var calibrator = new SlideCalibrator { Stated = args.Length > 2 ? new Mpp(double.Parse(args[2])) : null };
using var segmenter = new SlideSegmenter(calibrator: calibrator);
var squares = new SortedDictionary<(int Row, int Column), (int Nuclei, double Area)>();
await foreach (var nucleus in segmenter.FindNucleiAsync(args[0]))
{
    var square = ((int)nucleus.Centroid.Y / side, (int)nucleus.Centroid.X / side);
    var (nuclei, area) = squares.GetValueOrDefault(square);
    squares[square] = (nuclei + 1, area + nucleus.Area);
}

Console.WriteLine("row,column,nuclei,mean_area_um2");
foreach (var ((row, column), (nuclei, area)) in squares)
{
    Console.WriteLine($"{row},{column},{nuclei},{area / nuclei:0.0}");
}

return 0;
