using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Tenancy.Benchmarks;

/// <summary>The peer: Alembic's <c>upgrade head</c> with a loop over tenants, each in a transaction of its own, on one connection.</summary>
internal sealed partial class AlembicLoop : IDisposable
{
    private static string? python;

    private readonly string folder = Directory.CreateTempSubdirectory("tenancy-benchmark-alembic-").FullName;

    private AlembicLoop()
    {
    }

    /// <summary>Why it cannot run here; null where it can.</summary>
    public static string? Absence { get; private set; }

    /// <summary>Writes an environment; null where Alembic is not installed, which is said once.</summary>
    /// <param name="revisions">Each revision with its statements, in their order.</param>
    public static async Task<AlembicLoop?> CreateAsync(IEnumerable<(string Revision, IReadOnlyList<string> Statements)> revisions)
    {
        if (!await FindAsync())
        {
            return null;
        }

        var loop = new AlembicLoop();
        var source = Path.Combine(AppContext.BaseDirectory, "Alembic");
        File.Copy(Path.Combine(source, "env.py"), Path.Combine(loop.folder, "env.py"));
        await File.WriteAllTextAsync(Path.Combine(loop.folder, "alembic.ini"), "[alembic]\nscript_location = .\n");
        var version = await File.ReadAllTextAsync(Path.Combine(source, "version.py.txt"));
        Directory.CreateDirectory(Path.Combine(loop.folder, "versions"));
        var parent = "None";
        foreach (var (revision, statements) in revisions)
        {
            // A JSON array of strings is one of Python's too.
            var text = version.Replace("{revision}", revision, StringComparison.Ordinal).Replace("{parent}", parent, StringComparison.Ordinal)
                .Replace("{statements}", JsonSerializer.Serialize(statements), StringComparison.Ordinal);
            await File.WriteAllTextAsync(Path.Combine(loop.folder, "versions", revision + ".py"), text);
            parent = $"'{revision}'";
        }

        return loop;
    }

    /// <summary>Runs it.</summary>
    /// <param name="url">The database, as SQLAlchemy writes it.</param>
    /// <param name="tenants">How many tenants.</param>
    /// <returns>Seconds, with the connecting and without the start of Python.</returns>
    public async Task<double> UpgradeAsync(string url, int tenants)
    {
        var names = Path.Combine(folder, "tenants");
        await File.WriteAllLinesAsync(names, Enumerable.Range(0, tenants).Select(TenantServer.Schema));
        var start = new ProcessStartInfo(python!, ["-m", "alembic.config", "upgrade", "head"]) { WorkingDirectory = folder };
        start.Environment["BENCH_URL"] = url;
        start.Environment["BENCH_TENANTS"] = names;
        return double.Parse(Seconds().Match(await Child.RunAsync(start)).Groups[1].Value, CultureInfo.InvariantCulture);
    }

    /// <inheritdoc/>
    public void Dispose() => Directory.Delete(folder, recursive: true);

    /// <summary>The Python that has Alembic; null where none has.</summary>
    public static async Task<string?> FindPythonAsync() => await FindAsync() ? python : null;

    private static async Task<bool> FindAsync()
    {
        if (python is not null || Absence is not null)
        {
            return python is not null;
        }

        // A distribution's packages are for its own Python, which need not be the first on PATH.
        List<string> tried = [];
        foreach (var candidate in new[] { "/usr/bin/python3", Child.Find("python3"), Child.Find("python") }.OfType<string>().Where(File.Exists).Distinct())
        {
            try
            {
                var version = await Child.RunAsync(new(candidate, ["-c", "import alembic, sqlalchemy, psycopg2; print(alembic.__version__, 'with SQLAlchemy', sqlalchemy.__version__)"]));
                Console.WriteLine($"The loop: Alembic {version.Trim()}");
                python = candidate;
                return true;
            }
            catch (InvalidOperationException error)
            {
                tried.Add(error.Message.Trim().Split('\n')[^1]);
            }
        }

        Absence = tried.Count == 0 ? "no Python" : tried[0];
        Console.WriteLine($"Without Alembic's loop: {Absence}. On Debian: apt-get install python3-alembic python3-psycopg2");
        return false;
    }

    [GeneratedRegex(@"seconds=([0-9.]+)")]
    private static partial Regex Seconds();
}
