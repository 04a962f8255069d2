namespace HoverFast.Review;

/// <summary>
/// Something that a review can't do: no such field, an outline that is none, a log that was changed. The message names what it is about and the way out.
/// </summary>
public sealed class ReviewException : Exception
{
    /// <summary>Says what is wrong.</summary>
    /// <param name="message">What is wrong and what can be done.</param>
    /// <param name="inner">The cause, if any.</param>
    public ReviewException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
