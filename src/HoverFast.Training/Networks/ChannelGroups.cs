using HoverFast.Model;

namespace HoverFast.Training.Networks;

/// <summary>Which layers of a network write and read the same channels: those whose outputs are added (shortcuts, skips) share one group.</summary>
internal sealed class ChannelGroups
{
    private readonly List<int> _parents = [];
    private readonly Dictionary<string, int> _written = [];
    private readonly Dictionary<string, int> _read = [];

    public ChannelGroups(StudentArchitecture network)
    {
        var layers = network.Layers().ToDictionary(l => l.Name);
        var x = New();
        var skips = new List<int>();
        for (var level = 0; level < network.Widths.Count; level++)
        {
            x = Convolutions($"encoder{level}", network.EncoderConvolutions[level], x);
            skips.Add(x);
        }

        for (var level = network.Widths.Count - 2; level >= 0; level--)
        {
            x = Convolutions($"decoder{level}", network.DecoderConvolutions[level], Sum(Convolve($"up{level}", x), skips[level]));
        }

        Convolve("head", x);

        int Convolutions(string block, int count, int input)
        {
            for (var i = 0; i < count; i++)
            {
                if (network.StartsPair(layers, block, i))
                {
                    var shortcut = layers[$"{block}.{i}"].Step > 1 ? Convolve($"{block}.shortcut", input) : input;
                    input = Sum(shortcut, Convolve($"{block}.{i + 1}", Convolve($"{block}.{i}", input)));
                    i++;
                }
                else
                {
                    input = Convolve($"{block}.{i}", input);
                }
            }

            return input;
        }
    }

    /// <summary>The group of a layer's output channels.</summary>
    public int Written(StudentArchitecture.Layer layer) => Root(_written[layer.Name]);

    /// <summary>The group of a layer's input channels; the picture is one of its own.</summary>
    public int Read(StudentArchitecture.Layer layer) => Root(_read[layer.Name]);

    private int Convolve(string layer, int input)
    {
        _read[layer] = input;
        return _written[layer] = New();
    }

    private int New()
    {
        _parents.Add(_parents.Count);
        return _parents.Count - 1;
    }

    private int Sum(int a, int b) => _parents[Root(a)] = Root(b);

    private int Root(int group) => _parents[group] == group ? group : Root(_parents[group]);
}
