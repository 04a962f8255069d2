namespace HoverFast.Model.Engine;

/// <summary>The reference: no vector instructions, any machine.</summary>
internal sealed unsafe class ScalarKernel(int pixels = 6, int groups = 2) : ConvolutionKernel
{
    public override string Name => "scalar";

    public override int Pixels => pixels;

    public override int Groups => groups;

    public override void Accumulate(in ConvolutionBlock block, int groups)
    {
        for (var pixel = 0; pixel < Pixels; pixel++)
        {
            for (var channel = 0; channel < groups * GroupChannels; channel++)
            {
                var weights = (channel < GroupChannels ? block.Weights : block.SecondWeights) + (channel % GroupChannels * StepBytes);
                var sum = 0;
                for (var row = 0; row < block.RowCount; row++)
                {
                    if (row == block.ShiftRow)
                    {
                        sum <<= PackedConvolution.LowBits;
                    }

                    var input = block.Rows[row] + block.Offset + (pixel * block.PixelStride);
                    for (var step = 0; step < block.Steps; step++)
                    {
                        for (var i = 0; i < StepBytes; i++)
                        {
                            sum += input[(step * StepBytes) + i] * weights[i];
                        }

                        weights += GroupChannels * StepBytes;
                    }
                }

                block.Sums[(pixel * groups * GroupChannels) + channel] = sum;
            }
        }
    }
}
