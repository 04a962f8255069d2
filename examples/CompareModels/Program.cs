// Scores models on your own labelled pictures, side by side:
// dotnet run -c Release --project examples/CompareModels -- tiles/ 0.25 hoverfast-he hoverfast-he-fast my.onnx
using HoverFast;
using HoverFast.Model;
using HoverFast.Slides;

if (args.Length < 3)
{
    Console.Error.WriteLine("usage: CompareModels FOLDER UM_PER_PIXEL MODEL...   (FOLDER holds images/ and labels/)");
    return 2;
}

var mpp = new Mpp(double.Parse(args[1]));
Console.WriteLine("model                      Dice    AJI     PQ   95 % of PQ");
foreach (var name in args[2..])
{
    using var model = NucleusModel.BuiltIn.Contains(name) ? NucleusModel.LoadBuiltIn(name) : NucleusModel.Load(name);
    using var segmenter = new SlideSegmenter(model);
    var report = await segmenter.EvaluateAsync(Path.Combine(args[0], "labels"), Path.Combine(args[0], "images"), mpp);
    var pq = report.PanopticQuality;
    Console.WriteLine($"{model.Card.Name,-24} {report.Dice.Mean,6:0.000} {report.Aji.Mean,6:0.000} {pq.Mean,6:0.000}   {pq.Low:0.000} - {pq.High:0.000}");
}

return 0;
