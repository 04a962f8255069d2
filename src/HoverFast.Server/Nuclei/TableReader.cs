using HoverFast.Files;
using HoverFast.Jobs;
using HoverFast.Labels;
using HoverFast.Model;
using HoverFast.Nuclei;
using HoverFast.Output;
using HoverFast.Stains;
using Parquet;
using Parquet.Schema;

namespace HoverFast.Server.Nuclei;

/// <summary>
/// Reads the nuclei of a result's Parquet table, a row group at a time. Values are rounded and measurements called as in the result's GeoJSON, and types have
/// the colours that the model's card gives them: both files tell the same.
/// </summary>
internal sealed class TableReader : INucleusReader
{
    /// <summary>Rows of a group that are held at once; those of results are far smaller.</summary>
    private const int MostRows = 1 << 20;

    private const string Id = "id";
    private const string Class = "class";

    // What the outline tells anyhow.
    private static readonly string[] _places = ["x_px", "y_px", "x_um", "y_um"];

    private readonly FileStream _file;
    private readonly ParquetReader _reader;
    private readonly DataField _outline;
    private readonly DataField? _id;
    private readonly DataField? _class;
    private readonly List<(DataField Field, int Decimals)> _values = [];
    private readonly List<string> _measurements = [];
    private readonly List<(string Name, byte Red, byte Green, byte Blue)> _classes = [];
    private readonly Dictionary<string, ModelCard.NucleusType> _known;
    private byte[]?[] _outlines = [];
    private string?[] _ids = [];
    private string?[] _types = [];
    private float[][] _columns = [];
    private int _group;
    private int _row;
    private int _count;

    /// <summary>Opens a table.</summary>
    /// <param name="path">The file.</param>
    /// <param name="manifest">The result that it belongs to.</param>
    /// <exception cref="IOException">It can't be read.</exception>
    /// <exception cref="InvalidDataException">It holds no outlines, or is damaged.</exception>
    public TableReader(string path, Manifest manifest)
    {
        _file = RegularFile.OpenRead(path);
        try
        {
            _reader = Damaged(() =>
            {
                ParquetFooter.Check(_file);
                return ParquetReader.CreateAsync(_file).GetAwaiter().GetResult();
            });
            var fields = _reader.Schema.DataFields;
            _outline = fields.FirstOrDefault(f => f.Path.ToString() == GeoParquet.Geometry && f.ClrType == typeof(ReadOnlyMemory<byte>))
                ?? throw new InvalidDataException("the table has no outlines");
            _id = fields.FirstOrDefault(f => f.Path.ToString() == Id && f.ClrType == typeof(ReadOnlyMemory<char>));
            _class = fields.FirstOrDefault(f => f.Path.ToString() == Class && f.ClrType == typeof(ReadOnlyMemory<char>));
            var stain = Enum.TryParse<Stain>(manifest.Settings.Stain, ignoreCase: true, out var given) ? given : Stain.HaematoxylinEosin;
            var names = NucleusMeasurements.NamesOf(MeasurementChoice.All, stain, typed: true).ToDictionary(n => n.Column, StringComparer.Ordinal);
            foreach (var field in fields.Where(f => f.ClrType == typeof(float) && !f.IsNullable && !_places.Contains(f.Path.ToString())))
            {
                var column = field.Path.ToString();
                var name = names.GetValueOrDefault(column);
                _measurements.Add(name?.Name ?? column);
                _values.Add((field, name?.Decimals ?? -1));
            }
        }
        catch
        {
            _file.Dispose();
            throw;
        }

        _known = TypesOf(manifest.Model.Name);
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> Measurements => _measurements;

    /// <inheritdoc/>
    public IReadOnlyList<(string Name, byte Red, byte Green, byte Blue)> Classes => _classes;

    /// <inheritdoc/>
    public double Progress => _reader.RowGroupCount == 0 ? 1 : (double)_group / _reader.RowGroupCount;

    /// <inheritdoc/>
    public bool Read(IndexedNucleus nucleus)
    {
        while (true)
        {
            if (_row == _outlines.Length)
            {
                if (_group == _reader.RowGroupCount)
                {
                    return false;
                }

                Damaged(() =>
                {
                    ReadGroupAsync(_group++).GetAwaiter().GetResult();
                    return true;
                });
                _row = 0;
                continue;
            }

            nucleus.Clear();
            ReadRow(_row++, nucleus);
            if (nucleus.RingEnds.Count > 0)
            {
                nucleus.Ordinal = _count++;
                return true;
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _reader.DisposeAsync().AsTask().GetAwaiter().GetResult();
        _file.Dispose();
    }

    private async Task ReadGroupAsync(int index)
    {
        using var group = _reader.OpenRowGroupReader(index);
        if (group.RowCount is < 0 or > MostRows)
        {
            throw new InvalidDataException($"a group of the table has more than {MostRows} rows");
        }

        var rows = (int)group.RowCount;
        _outlines = new byte[]?[rows];
        await group.ReadAsync(_outline, _outlines.AsMemory(), null);
        _ids = await ReadTextAsync(_id);
        _types = await ReadTextAsync(_class);
        _columns = new float[_values.Count][];
        for (var i = 0; i < _columns.Length; i++)
        {
            _columns[i] = new float[rows];
            await group.ReadAsync<float>(_values[i].Field, _columns[i].AsMemory(), null);
        }

        async Task<string?[]> ReadTextAsync(DataField? field)
        {
            var text = new string?[rows];
            if (field is not null)
            {
                await group.ReadAsync(field, text.AsMemory(), null);
            }

            return text;
        }
    }

    private void ReadRow(int row, IndexedNucleus nucleus)
    {
        foreach (var ring in _outlines[row] is { } outline ? Damaged(() => OutlineWkb.ReadOuterRings(outline)) : [])
        {
            var start = nucleus.Points.Count;
            foreach (var (x, y) in ring)
            {
                nucleus.Points.Add(Hundredths(x));
                nucleus.Points.Add(Hundredths(y));
            }

            nucleus.EndRing(start);
        }

        nucleus.Id = Guid.TryParse(_ids[row], out var id) ? id : Guid.Empty;
        nucleus.Class = _types[row] is { Length: > 0 } type ? ClassOf(type) : -1;
        for (var i = 0; i < _columns.Length; i++)
        {
            var (value, decimals) = (_columns[i][row], _values[i].Decimals);
            nucleus.Values.Add(
                !float.IsFinite(value) ? float.NaN
                : decimals < 0 ? value
                : (float)(Math.Round(value * Math.Pow(10, decimals), MidpointRounding.AwayFromZero) / Math.Pow(10, decimals)));
        }
    }

    private int ClassOf(string name)
    {
        var index = _classes.FindIndex(c => c.Name == name);
        if (index >= 0 || _classes.Count == Classification.Most)
        {
            return index;
        }

        _classes.Add(_known.TryGetValue(name, out var type)
            ? (name, (byte)type.Colour[0], (byte)type.Colour[1], (byte)type.Colour[2])
            : Classification.ColouredByName(name));
        return _classes.Count - 1;
    }

    private static int Hundredths(double pixels) =>
        Math.Abs(pixels) < int.MaxValue / IndexedNucleus.Units
            ? (int)Math.Round(pixels * IndexedNucleus.Units, MidpointRounding.AwayFromZero)
            : throw new InvalidDataException("an outline lies absurdly far away");

    private static Dictionary<string, ModelCard.NucleusType> TypesOf(string model) =>
        NucleusModel.BuiltIn.Contains(model)
            ? (ModelCatalog.CardOf(model).Types ?? []).DistinctBy(t => t.Name).ToDictionary(t => t.Name, StringComparer.Ordinal)
            : [];

    // The library throws many kinds where a file is damaged.
    private static T Damaged<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is not (IOException or InvalidDataException or OutOfMemoryException or OperationCanceledException))
        {
            throw new InvalidDataException($"the table is damaged ({e.Message.TrimEnd('.')})", e);
        }
    }
}
