#pragma warning disable MA0047 // .NET looks for this name outside of any namespace.

/// <summary>What the program under test runs before its own code, by <c>DOTNET_STARTUP_HOOKS</c>: notes at its end which assemblies it loaded.</summary>
internal static class StartupHook
{
    /// <summary>The variable that names the file for the list.</summary>
    public const string Variable = "HOVERFAST_TESTS_ASSEMBLIES";

    /// <summary>Is called by .NET.</summary>
    public static void Initialize()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { } file)
        {
            AppDomain.CurrentDomain.ProcessExit += (_, _) =>
                File.WriteAllLines(file, AppDomain.CurrentDomain.GetAssemblies().Select(a => a.GetName().Name!));
        }
    }
}
