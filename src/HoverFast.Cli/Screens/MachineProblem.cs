namespace HoverFast.Cli.Screens;

/// <summary>What a machine has too little of, told by the error that it ends in: memory, file handles, the working folder.</summary>
internal static class MachineProblem
{
    private const string Limits = "/proc/self/limits";
    private const int TooManyOpenFiles = 24;
    private const int FewHandles = 200;

    // Asked at the start: later there may be no handle left to ask with.
    private static readonly long _handles = Handles();

    // Given up when there are no others: telling takes some too.
    private static readonly List<IDisposable> _reserve = [];

    /// <summary>Sets handles aside where there are few.</summary>
    public static void Prepare()
    {
        const int Reserve = 6;
        for (var i = 0; _handles < FewHandles && i < Reserve; i++)
        {
            _reserve.Add(File.OpenHandle(Limits));
        }
    }

    /// <summary>The lack in words and what to do; null where the error has another cause.</summary>
    public static string? Of(Exception error)
    {
        Release();
        var all = Chain(error).ToList();
        if (all.Exists(e => e is OutOfMemoryException))
        {
            return "there is not enough memory. Fewer threads (--threads) or smaller tiles (--tile-size) take less.";
        }

        if (all.Exists(e => e is IOException && (e.HResult & 0xFFFF) == TooManyOpenFiles) || (_handles < FewHandles && all.Exists(IsLoading)))
        {
            return $"too few files may be open at once ({_handles}); raise the limit, for example with: ulimit -n 1024";
        }

        return all.Exists(e => e is FileNotFoundException or DirectoryNotFoundException) && !HasWorkingFolder()
            ? "the folder that the program was started in is gone; change to another one (cd) and run the command again."
            : null;
    }

    /// <summary>Gives up what was set aside: something went wrong, and is to be told.</summary>
    public static void Release()
    {
        _reserve.ForEach(r => r.Dispose());
        _reserve.Clear();
    }

    // Parts of the program and of the run time that could not be opened.
    private static bool IsLoading(Exception error) =>
        error is FileLoadException or BadImageFormatException or DllNotFoundException or TypeInitializationException
        || (error is FileNotFoundException { FileName: { } name } && name.Contains("Version=", StringComparison.Ordinal));

    private static IEnumerable<Exception> Chain(Exception error)
    {
        for (Exception? e = error; e is not null; e = e.InnerException)
        {
            yield return e;
            if (e is AggregateException several)
            {
                foreach (var inner in several.InnerExceptions.SelectMany(Chain))
                {
                    yield return inner;
                }
            }
        }
    }

    private static bool HasWorkingFolder()
    {
        try
        {
            return Directory.Exists(Directory.GetCurrentDirectory());
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>Files that may be open at once; very many where that can't be told.</summary>
    private static long Handles()
    {
        try
        {
            var line = OperatingSystem.IsLinux() ? File.ReadLines(Limits).FirstOrDefault(l => l.StartsWith("Max open files", StringComparison.Ordinal)) : null;
            return
                line is not null
                && long.TryParse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[3], System.Globalization.CultureInfo.InvariantCulture, out var handles)
                ? handles
                : long.MaxValue;
        }
        catch (IOException)
        {
            // Not even this one.
            return 0;
        }
    }
}
