using HoverFast.Files;
using HoverFast.Model.Engine;
using HoverFast.Model.Onnx;
using HoverFast.Model.Onnx.Wire;

namespace HoverFast.Model;

/// <summary>Makes models of their files: checks graph and card, chooses what runs the network, and loads the model that an adapted one carries.</summary>
/// <param name="ThreadsPerRun">Threads that one run in ONNX Runtime uses.</param>
/// <param name="OnnxRuntime">Whether ONNX Runtime runs the network even where the integer engine could.</param>
/// <param name="Device">Where it runs.</param>
internal sealed record ModelLoader(int ThreadsPerRun, bool OnnxRuntime, ComputeDevice Device)
{
    /// <summary>Bytes that a model file may have; ONNX itself ends at 2 GiB.</summary>
    private const long MostBytes = int.MaxValue - 1024;

    /// <summary>Models that may lie in one another.</summary>
    private const int MostStarts = 8;

    /// <summary>Loads a model and the card beside it.</summary>
    /// <exception cref="ModelException">One of them is missing, damaged, or they don't belong together; or the device can't be used.</exception>
    public NucleusModel Load(string path)
    {
        if (!Path.Exists(path))
        {
            throw new ModelException(path, "no such model file.");
        }

        var cardPath = ModelCard.PathFor(path);
        if (!Path.Exists(cardPath))
        {
            throw new ModelException(path, $"its card {cardPath} is missing. A model is MODEL.onnx with MODEL.card.json beside it.");
        }

        var model = Bytes(path, MostBytes);
        return Load(model, ModelCard.Parse(Bytes(cardPath, ModelCard.MostBytes), cardPath), path);

        static byte[] Bytes(string file, long most)
        {
            try
            {
                return RegularFile.ReadAllBytes(file, most);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new ModelException(file, $"can't be read: {e.Message.TrimEnd('.')}.", e);
            }
        }
    }

    /// <summary>Makes a model of its graph and card.</summary>
    /// <param name="model">The ONNX file.</param>
    /// <param name="card">Its card.</param>
    /// <param name="path">Its file or name.</param>
    /// <exception cref="ModelException">They are damaged, or don't belong together; or the device can't be used.</exception>
    public NucleusModel Load(byte[] model, ModelCard card, string path) => Load(model, card, path, depth: 0);

    private NucleusModel Load(byte[] model, ModelCard card, string path, int depth)
    {
        var hash = ModelCard.HashOf(model);
        if (card.Sha256.Length > 0 && hash != card.Sha256)
        {
            throw new ModelException(path, "the file's SHA-256 differs from its card's: it is damaged, or the card belongs to another model.");
        }

        // Whatever the card claims, or leaves out, results name the network that made them.
        card = card with { Sha256 = hash };
        string[] outputs = card.Types is null ? ["probability", "hv"] : ["probability", "hv", "types"];
        var proto = OnnxCheck.Require(model, outputs, path);
        var (start, tissue) = StartOf(proto, card, path, depth);
        try
        {
            return !OnnxRuntime && Device == ComputeDevice.Cpu && TryEngine(model, card, path) is { } engine
                ? new NucleusModel(engine, card, path) { Start = start, Tissue = tissue }
                : new NucleusModel(new OnnxRuntimeRunner(model, outputs, path, ThreadsPerRun, Device), card, path)
                {
                    Device = Device,
                    Start = start,
                    Tissue = tissue,
                };
        }
        catch
        {
            start?.Dispose();
            throw;
        }
    }

    /// <summary>Loads the model that an adapted one carries, and the numbers that tell its own tissue; nulls where it carries none.</summary>
    private (NucleusModel? Start, string? Tissue) StartOf(ModelProto model, ModelCard card, string path, int depth)
    {
        if (StartInside.Of(model, path) is not { } inside)
        {
            return (null, null);
        }

        if (depth == MostStarts)
        {
            throw new ModelException(path, $"it was adapted more than {MostStarts} times in a row; adapt one of its starts instead.");
        }

        var start = Load(inside.Graph, inside.ParseCard(path), path, depth + 1);
        if (!start.Card.ReadsLike(card))
        {
            start.Dispose();
            throw new ModelException(path, $"it and {start.Card.Name}, from which it was adapted, don't take the same pictures.");
        }

        return (start, inside.Tissue);
    }

    private static IntegerEngine? TryEngine(byte[] model, ModelCard card, string path)
    {
        if (card.Precision != "int8" || card.Margin > 0 || card.FixedInput is not null)
        {
            return null;
        }

        try
        {
            if (ConvolutionKernel.Choose(Environment.GetEnvironmentVariable(ConvolutionKernel.Variable)) is not { } kernel)
            {
                return null;
            }

            var engine = IntegerEngine.TryCreate(OnnxGraph.Parse(model, path), kernel);
            return
                engine is not null
                && card.Stride % engine.Stride == 0
                && card.OutputStride == engine.OutputStride
                && engine.TellsTypes == (card.Types is not null)
                ? engine
                : null;
        }
        catch (ModelException)
        {
            // Not a graph of ours; ONNX Runtime may know better.
            return null;
        }
        catch (PlatformNotSupportedException e)
        {
            throw new ModelException(path, $"{ConvolutionKernel.Variable}: {e.Message}", e);
        }
    }
}
