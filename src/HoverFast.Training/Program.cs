using HoverFast.Training.Torch;
using TorchSharp;
LibTorch.Prepare(2);
var x = torch.randn(2,3);
Console.WriteLine(x.sum().ToSingle());
