using System.Reflection;
using HoverFast.Training.Torch;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace HoverFast.Training.Tests;

/// <summary>
/// Native numbers live as long as libtorch reads them. TorchSharp's <see cref="Scalar"/> has a finaliser: one that nobody holds may be freed while a call
/// still reads it, and the run ends with "INTERNAL ASSERT FAILED at c10/core/Scalar.h".
/// </summary>
public sealed class TorchNumberTests
{
    private const byte Call = 0x28;
    private const byte CallVirtual = 0x6f;

    public TorchNumberTests() => LibTorch.Prepare(1);

    /// <summary>Under a collector that never rests, <c>square()</c> of TorchSharp ended within some ten thousand calls.</summary>
    [Fact]
    public void NumbersOutliveTheirCall()
    {
        using var stop = new CancellationTokenSource();
        var collector = new Thread(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                GC.Collect(0, GCCollectionMode.Forced, blocking: true);
            }
        });
        collector.Start();
        try
        {
            using var x = full(4, 3f);
            for (var i = 0; i < 20_000; i++)
            {
                using var scope = NewDisposeScope();
                var y = x.Squared().Plus(x).Minus(x).Times(2).Plus(0.5);
                Assert.Equal(18.5f, y[0].Number());
            }
        }
        finally
        {
            stop.Cancel();
            collector.Join();
        }
    }

    /// <summary>No code of ours calls what makes numbers that nobody holds, or passes one on without holding it.</summary>
    [Fact]
    public void EveryNumberIsHeld()
    {
        var makers = MethodsOf(typeof(Tensor).Assembly)
            .Where(m => m.DeclaringType != typeof(Scalar) && Calls(m).Any(c => IsConversion(c.Callee)))
            .Select(m => (m.Module, m.MetadataToken))
            .ToHashSet();
        Assert.Contains((typeof(Tensor).Module, typeof(Tensor).GetMethod("square", [])!.MetadataToken), makers);

        var ours = MethodsOf(typeof(LibTorch).Assembly).ToList();
        Assert.Contains(ours, m => Calls(m).Any(c => IsConversion(c.Callee)));
        var loose = ours
            .SelectMany(m => Calls(m)
                .Where(c => makers.Contains((c.Callee.Module, c.Callee.MetadataToken)) || (IsConversion(c.Callee) && !c.IsStored))
                .Select(c => $"{m.DeclaringType}.{m.Name}: {c.Callee.DeclaringType}.{c.Callee.Name}"))
            .Distinct()
            .ToList();
        Assert.True(loose.Count == 0, string.Join('\n', loose));
    }

    private static bool IsConversion(MethodBase method) =>
        method.Name is "op_Implicit" or "ToScalar" && method is MethodInfo { ReturnType: var type } && type == typeof(Scalar);

    private static IEnumerable<MethodBase> MethodsOf(Assembly assembly) =>
        assembly
            .GetTypes()
            .SelectMany(t => t.GetMembers(
                BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly))
            .OfType<MethodBase>();

    // The methods that a method calls, each with whether what it gives goes to a variable or a field at once.
    private static IEnumerable<(MethodBase Callee, bool IsStored)> Calls(MethodBase method)
    {
        var code = method.GetMethodBody()?.GetILAsByteArray() ?? [];
        var ofType = method.DeclaringType is { IsGenericType: true } type ? type.GetGenericArguments() : null;
        var ofMethod = method.IsGenericMethod ? method.GetGenericArguments() : null;
        for (var i = 0; i + 5 < code.Length; i++)
        {
            if (code[i] is not (Call or CallVirtual))
            {
                continue;
            }

            MethodBase? callee = null;
            try
            {
                callee = method.Module.ResolveMethod(BitConverter.ToInt32(code, i + 1), ofType, ofMethod);
            }
            catch (ArgumentException)
            {
                // An operand that looks like a call.
            }

            if (callee is not null)
            {
                // stloc.0 to stloc.3, stloc.s, stfld, stsfld, or the long form of stloc.
                yield return (callee, code[i + 5] is (>= 0x0a and <= 0x0d) or 0x13 or 0x7d or 0x80 || (code[i + 5] == 0xfe && code[i + 6] == 0x0e));
            }
        }
    }
}
