namespace HoverFast.Model.Engine;

/// <summary>
/// Writes the few x86-64 instructions that <see cref="Avx512VnniKernel"/> needs (Intel 64 and IA-32 Architectures Software Developer's
/// Manual, volume 2, chapter 2: REX and EVEX prefixes).
/// </summary>
/// <param name="vectorBytes">Bytes of a vector register: 64 or 32. There are 32 of them.</param>
internal sealed class Avx512Assembler(int vectorBytes)
{
    private const int LowBytes = 16;
    private readonly List<byte> _code = [];

    /// <summary>The instructions so far; also their place, for jumps back.</summary>
    public int Position => _code.Count;

    public byte[] ToArray() => [.. _code];

    public void Push(Register register) => Short(0x50, register);

    public void Pop(Register register) => Short(0x58, register);

    public void Return() => _code.Add(0xC3);

    /// <summary>register = other.</summary>
    public void Move(Register register, Register other) => General(0x8B, register, other);

    /// <summary>register = 64 bits at address.</summary>
    public void Load(Register register, Address from) => General(0x8B, register, from);

    /// <summary>64 bits at address = register.</summary>
    public void Store(Address to, Register register) => General(0x89, register, to);

    /// <summary>register = the address itself.</summary>
    public void LoadAddress(Register register, Address from) => General(0x8D, register, from);

    /// <summary>register += 64 bits at address.</summary>
    public void Add(Register register, Address from) => General(0x03, register, from);

    /// <summary>register -= other.</summary>
    public void Subtract(Register register, Register other) => General(0x2B, register, other);

    /// <summary>register += other.</summary>
    public void Add(Register register, Register other) => General(0x03, register, other);

    /// <summary>register ^= register.</summary>
    public void Clear(Register register) => General(0x33, register, register);

    /// <summary>Compares a register with 64 bits at an address.</summary>
    public void Compare(Register register, Address with) => General(0x3B, register, with);

    /// <summary>Compares two registers.</summary>
    public void Compare(Register register, Register with) => General(0x3B, register, with);

    /// <summary>register += a small number.</summary>
    public void Add(Register register, sbyte number)
    {
        _code.AddRange([(byte)(0x48 | High(register)), 0x83, (byte)(0xC0 | Low(register)), (byte)number]);
    }

    /// <summary>register += a number.</summary>
    public void Add(Register register, int number)
    {
        _code.AddRange([(byte)(0x48 | High(register)), 0x81, (byte)(0xC0 | Low(register))]);
        _code.AddRange(BitConverter.GetBytes(number));
    }

    /// <summary>Jumps back where the last comparison found the first number below the second, both unsigned.</summary>
    public void JumpIfBelow(int target)
    {
        _code.AddRange([0x0F, 0x82]);
        _code.AddRange(BitConverter.GetBytes(target - (_code.Count + 4)));
    }

    /// <summary>Jumps ahead where the last comparison found a difference, to the place that <see cref="Land"/> is given the result for.</summary>
    public int JumpIfNotEqual()
    {
        _code.AddRange([0x0F, 0x85, 0, 0, 0, 0]);
        return _code.Count;
    }

    /// <summary>Makes a jump ahead end here.</summary>
    public void Land(int jump)
    {
        var distance = BitConverter.GetBytes(_code.Count - jump);
        for (var i = 0; i < distance.Length; i++)
        {
            _code[jump - distance.Length + i] = distance[i];
        }
    }

    /// <summary>vpxord: all bits 0.</summary>
    public void ClearVector(int vector) => Vector(0xEF, 1, 1, vector, vector, vector);

    /// <summary>vmovdqu32 from memory.</summary>
    public void LoadVector(int vector, Address from) => Vector(0x6F, 1, 2, vector, from, vectorBytes);

    /// <summary>vmovdqu32 to memory.</summary>
    public void StoreVector(Address to, int vector) => Vector(0x7F, 1, 2, vector, to, vectorBytes);

    /// <summary>vmovdqu32 from memory, of the lower 128 bits; the others become 0.</summary>
    public void LoadLow(int vector, Address from) => Vector(0x6F, 1, 2, vector, from, LowBytes, LowBytes);

    /// <summary>vmovdqu32 to memory, of the lower 128 bits.</summary>
    public void StoreLow(Address to, int vector) => Vector(0x7F, 1, 2, vector, to, LowBytes, LowBytes);

    /// <summary>vpbroadcastd: 32 bits from memory in each lane.</summary>
    public void Broadcast(int vector, Address from) => Vector(0x58, 2, 1, vector, from, 4);

    /// <summary>vpdpbusd: each 32-bit lane of sum += products of four unsigned by four signed bytes.</summary>
    public void DotProduct(int sum, int unsignedBytes, int signedBytes) => Vector(0x50, 2, 1, sum, unsignedBytes, signedBytes);

    /// <summary>vpaddd: the sum of 32-bit lanes.</summary>
    public void AddVectors(int result, int first, int second) => Vector(0xFE, 1, 1, result, first, second);

    /// <summary>vpmaxsd: the larger of signed 32-bit lanes.</summary>
    public void Max(int result, int first, int second) => Vector(0x3D, 2, 1, result, first, second);

    /// <summary>vmulps: the product of 32-bit floats.</summary>
    public void MultiplyFloats(int result, int first, int second) => Vector(0x59, 1, 0, result, first, second);

    /// <summary>vcvtdq2ps: whole numbers to floats.</summary>
    public void ToFloats(int result, int wholes) => Vector(0x5B, 1, 0, result, 0, wholes);

    /// <summary>vcvtps2dq: floats to the nearest whole numbers, halves to the even one.</summary>
    public void ToWholes(int result, int floats) => Vector(0x5B, 1, 1, result, 0, floats);

    /// <summary>vpmovusdb: 32-bit lanes, not negative, to a byte each in memory; larger ones become 255.</summary>
    public void StoreBytes(Address to, int vector) => Vector(0x11, 2, 2, vector, to, vectorBytes / sizeof(int));

    /// <summary>vpslld: each 32-bit lane shifted left.</summary>
    public void ShiftLeft(int vector, byte bits)
    {
        const int Extension = 6;
        Vector(0x72, 1, 1, Extension, vector, vector);
        _code.Add(bits);
    }

    /// <summary>vzeroupper, as code that may go on with older instructions expects.</summary>
    public void ClearUpperHalves() => _code.AddRange([0xC5, 0xF8, 0x77]);

    private static int Low(Register register) => (int)register & 7;

    private static int High(Register register) => (int)register >> 3;

    private void Short(byte code, Register register)
    {
        if (High(register) == 1)
        {
            _code.Add(0x41);
        }

        _code.Add((byte)(code + Low(register)));
    }

    private void General(byte code, Register register, Register other) =>
        _code.AddRange([(byte)(0x48 | (High(register) << 2) | High(other)), code, (byte)(0xC0 | (Low(register) << 3) | Low(other))]);

    private void General(byte code, Register register, Address memory)
    {
        _code.AddRange([(byte)(0x48 | (High(register) << 2) | (High(memory.Index ?? Register.Rax) << 1) | High(memory.Base)), code]);
        Operand(Low(register), memory, 1);
    }

    private void Vector(byte code, int map, int prefix, int vector, int second, int third)
    {
        Evex(map, prefix, vector, second, (third >> 3) & 1, third >> 4, vectorBytes);
        _code.AddRange([code, (byte)(0xC0 | ((vector & 7) << 3) | (third & 7))]);
    }

    private void Vector(byte code, int map, int prefix, int vector, Address memory, int unit) => Vector(code, map, prefix, vector, memory, unit, vectorBytes);

    private void Vector(byte code, int map, int prefix, int vector, Address memory, int unit, int length)
    {
        Evex(map, prefix, vector, 0, High(memory.Base), High(memory.Index ?? Register.Rax), length);
        _code.Add(code);
        Operand(vector & 7, memory, unit);
    }

    // The four bytes before a vector instruction; register numbers' upper bits are stored inverted.
    private void Evex(int map, int prefix, int vector, int second, int upperBase, int upperIndex, int length)
    {
        static int Not(int bit) => (bit & 1) ^ 1;
        _code.AddRange([
            0x62,
            (byte)((Not(vector >> 3) << 7) | (Not(upperIndex) << 6) | (Not(upperBase) << 5) | (Not(vector >> 4) << 4) | map),
            (byte)(((~second & 15) << 3) | 4 | prefix),
            (byte)((System.Numerics.BitOperations.Log2((uint)(length / LowBytes)) << 5) | (Not(second >> 4) << 3))]);
    }

    // ModRM, SIB and displacement; vector instructions count the displacement in units.
    private void Operand(int field, Address memory, int unit)
    {
        var displacement = checked((sbyte)(memory.Displacement / unit));
        if (displacement * unit != memory.Displacement)
        {
            throw new ArgumentException($"{memory.Displacement} is no multiple of {unit}.", nameof(memory));
        }

        const int Indexed = 4;
        if (memory.Index is { } index)
        {
            _code.AddRange([
                (byte)(0x40 | (field << 3) | Indexed),
                (byte)((System.Numerics.BitOperations.Log2((uint)memory.Scale) << 6) | (Low(index) << 3) | Low(memory.Base)),
            ]);
        }
        else if (Low(memory.Base) == Indexed)
        {
            // This base register's number stands for an index to come; its own number as an index stands for none.
            _code.AddRange([(byte)(0x40 | (field << 3) | Indexed), (Indexed << 3) | Indexed]);
        }
        else
        {
            _code.Add((byte)(0x40 | (field << 3) | Low(memory.Base)));
        }

        _code.Add((byte)displacement);
    }

    /// <summary>The general registers, by their numbers.</summary>
    public enum Register
    {
        /// <summary>rax.</summary>
        Rax,

        /// <summary>rcx.</summary>
        Rcx,

        /// <summary>rdx.</summary>
        Rdx,

        /// <summary>rbx.</summary>
        Rbx,

        /// <summary>rsp.</summary>
        Rsp,

        /// <summary>rbp.</summary>
        Rbp,

        /// <summary>rsi.</summary>
        Rsi,

        /// <summary>rdi.</summary>
        Rdi,

        /// <summary>r8.</summary>
        R8,

        /// <summary>r9.</summary>
        R9,

        /// <summary>r10.</summary>
        R10,

        /// <summary>r11.</summary>
        R11,
    }

    /// <summary>A place in memory: base + index x scale + displacement.</summary>
    public readonly record struct Address(Register Base, int Displacement = 0, Register? Index = null, int Scale = 1);
}
