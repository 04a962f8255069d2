using HoverFast.Model;
using HoverFast.Slides;
using HoverFast.Stains;

namespace HoverFast.Pipeline;

/// <summary>
/// How far a second model disagrees with the first on a slide: the difference of both probabilities, on the first one's map pixels. The second sees the slide at
/// its own pixel size; its map is interpolated. Thread safe.
/// </summary>
/// <param name="slide">The slide; stays the caller's.</param>
/// <param name="mpp">Its pixel size.</param>
/// <param name="model">The second model; stays the caller's.</param>
/// <param name="stain">How it is shown the slide.</param>
internal sealed class SecondOpinion(ISlide slide, Mpp mpp, NucleusModel model, Stain stain)
{
    private readonly SlideSampler _sampler = new(slide, mpp, new Mpp(model.Card.Mpp));

    /// <summary>Pixels that the network needs on each side of those that it is asked about.</summary>
    private readonly int _halo = Math.Max(model.Card.Margin, SlideSteps.EffectiveRadius(model.Card)) + model.Card.OutputStride;

    // A very wide network's halos alone may be as large as a tile: a third of the side is left to look at.
    private int LongestSide => Math.Max(model.SuggestedTileSize, (3 * _halo) + (4 * model.Card.Stride));

    /// <summary>How far it disagrees, for each pixel: 0 where both say the same, 255 where one says 0 and the other 1.</summary>
    /// <param name="block">Maps of the first model.</param>
    /// <param name="scale">Full-resolution pixels in a pixel of them.</param>
    /// <exception cref="SlideException">The slide can't be read.</exception>
    public byte[] Disagreement(MapBlock block, double scale)
    {
        var disagreement = new byte[block.Width * block.Height];
        Fill(0, 0, block.Width, block.Height);
        return disagreement;

        // In parts that suit the network's memory; how a block is parted depends on nothing but its size.
        void Fill(int left, int top, int width, int height)
        {
            var rect = RectOf((block.X + left) * scale, (block.Y + top) * scale, width * scale, height * scale);
            if (Math.Max(rect.Width, rect.Height) > LongestSide && Math.Max(width, height) > 1)
            {
                if (width >= height)
                {
                    Fill(left, top, width / 2, height);
                    Fill(left + (width / 2), top, width - (width / 2), height);
                }
                else
                {
                    Fill(left, top, width, height / 2);
                    Fill(left, top + (height / 2), width, height - (height / 2));
                }

                return;
            }

            var maps = Run(rect);
            var (pixel, margin) = (_sampler.Grid.Scale * model.Card.OutputStride, model.Card.Margin);
            var (fromX, fromY) = ((rect.X + margin) * _sampler.Grid.Scale, (rect.Y + margin) * _sampler.Grid.Scale);
            for (var y = top; y < top + height; y++)
            {
                var v = (((block.Y + y + 0.5) * scale) - fromY) / pixel;
                for (var x = left; x < left + width; x++)
                {
                    var i = (y * block.Width) + x;
                    disagreement[i] = (byte)Math.Round(Math.Abs(block.Probability[i] - maps.ProbabilityAt((((block.X + x + 0.5) * scale) - fromX) / pixel, v)));
                }
            }

            model.Recycle(maps);
        }
    }

    /// <summary>The tile that shows the network an area of full-resolution pixels, with what it needs around them.</summary>
    private WorkingRect RectOf(double left, double top, double width, double height)
    {
        var card = model.Card;
        var (x, w) = Side(left, width);
        var (y, h) = Side(top, height);
        return new WorkingRect(x, y, w, h);

        (int Start, int Length) Side(double start, double length)
        {
            var first = (int)Math.Floor((Math.Floor(start / _sampler.Grid.Scale) - _halo) / card.Stride) * card.Stride;
            var end = Math.Ceiling((start + length) / _sampler.Grid.Scale) + _halo;
            var needed = Math.Max(end - first, card.FixedInput ?? 0);
            return (first, (int)Math.Ceiling(needed / card.Stride) * card.Stride);
        }
    }

    private NucleusMaps Run(WorkingRect rect)
    {
        var picture = _sampler.Read(rect);
        return SlideBorder.Run(
            picture,
            rect,
            _sampler.Grid,
            p => model.Run(HaematoxylinPicture.ShownIn(stain, p)),
            model.Card.Margin,
            model.Card.OutputStride);
    }
}
