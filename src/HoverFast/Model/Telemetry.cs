using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace HoverFast.Model;

/// <summary>
/// Nothing leaves the machine: ONNX Runtime from 1.31 on tells its maker of each session, and leaves an identifier in the home folder, unless this
/// variable stands in the environment before its native library loads.
/// </summary>
internal static partial class Telemetry
{
    /// <summary>The variable, and the value that turns telemetry off.</summary>
    public const string Variable = "ORT_DISABLE_TELEMETRY";
    private const string Off = "1";

    /// <summary>Runs before any other code of the library, so that no call of it, whichever, comes first.</summary>
    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255", Justification = "Every way to a session leads through this assembly, and the native library reads the variable once.")]
    internal static void TurnOff()
    {
        // .NET keeps a copy of the environment, which programs that are started get; native code reads the real one.
        Environment.SetEnvironmentVariable(Variable, Off);
        if (OperatingSystem.IsWindows())
        {
            _ = PutVariable(Variable, Off);
        }
        else
        {
            _ = SetVariable(Variable, Off, 1);
        }
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetVariable(string name, string value, int overwrite);

    [LibraryImport("ucrtbase", EntryPoint = "_putenv_s", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int PutVariable(string name, string value);
}
