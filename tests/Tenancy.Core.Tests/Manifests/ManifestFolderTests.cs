using System.Text;
using Xunit;

namespace Tenancy.Core.Tests.Manifests;

public sealed class ManifestFolderTests
{
    private static string Named(string revision) => $"revision: {revision}\nup: [sql: SELECT 1]\ndown: []";

    [Fact]
    public void Reads_yaml_files_of_all_folders_in_the_order_of_their_paths()
    {
        using var project = new TestProject();
        project.Write("manifests/b.yaml", Named("r1")).Write("manifests/a/z.yml", Named("r2")).Write("manifests/B.YAML", Named("r3"))
            .Write("manifests/notes.txt", "no").Write("manifests/_draft.yaml", "no").Write("manifests/.hidden.yaml", "no")
            .Write("manifests/_old/x.yaml", "no").Write("manifests/.git/x.yaml", "no");

        Assert.Equal(["r3", "r2", "r1"], project.ReadAll().Select(static manifest => manifest.Revision));
    }

    [Fact]
    public void Leaves_out_the_project_file_and_the_list_of_tenants()
    {
        using var project = new TestProject("fleet: acme\ntenants: {file: tenants.yaml}");
        project.Write("a.yaml", Named("r1")).Write("tenants.yaml", "- {name: a}");

        Assert.Equal(Path.Combine(project.Folder, "a.yaml"), Assert.Single(project.ReadAll()).Path);
    }

    [Fact]
    public void Leaves_out_the_rollout_file_that_the_project_names()
    {
        const string Rollout = "rings: [{name: canary, match: {names: a}}]";
        using var project = new TestProject("fleet: acme\nrollout: rings/rollout.yaml");
        project.Write("a.yaml", Named("r1")).Write("rings/rollout.yaml", Rollout);

        Assert.Equal(Path.Combine(project.Folder, "a.yaml"), Assert.Single(project.ReadAll()).Path);

        project.Write("staging.yaml", Rollout);
        Assert.Equal(["staging.yaml:1:1: This is a rollout file among the manifests. Name it in the project file ('rollout: staging.yaml'), or keep it elsewhere: in another folder, or under a name that begins with '_'."], project.Errors());
    }

    [Fact]
    public void Errors_of_all_files_come_together_in_order()
    {
        using var project = new TestProject();
        project.Write("manifests/b.yaml", "revision: [").Write("manifests/a.yaml", "revision: a\nup: [sql: COMMIT]\ndown: []\nlabel: x").Write("manifests/c.yaml", Named("c"));
        var errors = project.Errors();

        Assert.Equal(3, errors.Count);
        Assert.StartsWith("manifests/a.yaml:2:11: ", errors[0], StringComparison.Ordinal);
        Assert.Equal("manifests/a.yaml:4:1", errors[1][..20]);
        Assert.StartsWith("manifests/b.yaml:2:1: ", errors[2], StringComparison.Ordinal);
    }

    [Fact]
    public void A_revision_in_two_files_names_both()
    {
        using var project = new TestProject();
        project.Write("manifests/a.yaml", Named("r1")).Write("manifests/b.yaml", "# second\n" + Named("r1"));

        Assert.Equal([$"manifests/b.yaml:2:11: The revision 'r1' is in two files: manifests/a.yaml:1:11 and manifests/b.yaml:2:11. Give one of them a new id."], project.Errors());
    }

    [Fact]
    public void A_missing_folder_is_an_error()
    {
        using var project = new TestProject("fleet: acme\nmanifests: migrations");

        Assert.Equal(["migrations: There is no such folder for manifests. Create it, or set 'manifests' in the project file."], project.Errors());
    }

    [Fact]
    public void Utf8_with_a_byte_order_mark_is_read()
    {
        using var project = new TestProject();
        project.Write("manifests/a.yaml", [0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes(Named("r1"))]);

        Assert.Equal(11, Assert.Single(project.ReadAll()).Position.Column);
    }

    [Fact]
    public void Other_encodings_are_clear_errors()
    {
        using var project = new TestProject();
        project.Write("manifests/16be.yaml", [0xFE, 0xFF, .. Encoding.BigEndianUnicode.GetBytes(Named("a"))])
            .Write("manifests/16le.yaml", [0xFF, 0xFE, .. Encoding.Unicode.GetBytes(Named("b"))])
            .Write("manifests/16no.yaml", Encoding.Unicode.GetBytes(Named("c")))
            .Write("manifests/empty.yaml", "")
            .Write("manifests/latin1.yaml", Encoding.Latin1.GetBytes("# comment\n# Schlüssel\n" + Named("d")))
            .Write("manifests/marked.yaml", [0xEF, 0xBB, 0xBF, .. Encoding.Latin1.GetBytes("ü")]);

        Assert.Equal(
        [
            "manifests/16be.yaml: The file is UTF-16 (its first two bytes say so). Save it as UTF-8.",
            "manifests/16le.yaml: The file is UTF-16 (its first two bytes say so). Save it as UTF-8.",
            "manifests/16no.yaml:1: The file is not UTF-8 text: byte 2 is 0x00. Save it as UTF-8.",
            "manifests/empty.yaml:1:1: The file is empty. Write a manifest with 'revision' and 'up', or remove it.",
            "manifests/latin1.yaml:2: The file is not UTF-8 text: byte 17 is 0xFC. Save it as UTF-8.",
            "manifests/marked.yaml:1: The file is not UTF-8 text: byte 4 is 0xFC. Save it as UTF-8.",
        ], project.Errors());
    }

    [Fact]
    public void Links_inside_the_folder_are_followed_once()
    {
        using var project = new TestProject();
        project.Write("manifests/real/a.yaml", Named("r1"));
        Directory.CreateSymbolicLink(Path.Combine(project.Folder, "manifests", "again"), Path.Combine(project.Folder, "manifests", "real"));
        File.CreateSymbolicLink(Path.Combine(project.Folder, "manifests", "a.yaml"), Path.Combine("real", "a.yaml"));
        Directory.CreateSymbolicLink(Path.Combine(project.Folder, "manifests", "real", "loop"), "..");

        Assert.Equal(Path.Combine(project.Folder, "manifests", "real", "a.yaml"), Assert.Single(project.ReadAll()).Path);
    }

    [Fact]
    public void Links_out_of_the_folder_are_errors()
    {
        using var project = new TestProject();
        project.Write("outside.yaml", Named("r1")).Write("elsewhere/x.yaml", Named("r2")).Write("manifests/b/c.yaml", Named("r3"));
        var folder = Path.Combine(project.Folder, "manifests");
        File.CreateSymbolicLink(Path.Combine(folder, "a.yaml"), "../outside.yaml");
        Directory.CreateSymbolicLink(Path.Combine(folder, "b", "d"), "../../elsewhere");
        // Leads inside by its own words, and outside by those of the link on its way.
        File.CreateSymbolicLink(Path.Combine(folder, "e.yaml"), "b/d/x.yaml");
        File.CreateSymbolicLink(Path.Combine(folder, "f.yaml"), "f.yaml");
        File.CreateSymbolicLink(Path.Combine(folder, "g.yaml"), "nothing.yaml");
        var errors = project.Errors();

        Assert.Equal(["manifests/a.yaml", "manifests/b/d", "manifests/e.yaml", "manifests/f.yaml", "manifests/g.yaml"], errors.Select(static error => error.Split(": ")[0]));
        Assert.All(errors.Take(3), static error => Assert.Contains("leads out of the manifest folder", error, StringComparison.Ordinal));
        Assert.Contains("lead to each other", errors[3], StringComparison.Ordinal);
        Assert.Contains("does not exist", errors[4], StringComparison.Ordinal);
    }

    [Fact]
    public void A_named_pipe_does_not_hang()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        using var project = new TestProject();
        Directory.CreateDirectory(Path.Combine(project.Folder, "manifests"));
        using var made = System.Diagnostics.Process.Start("mkfifo", Path.Combine(project.Folder, "manifests", "a.yaml"));
        made.WaitForExit();

        Assert.Equal(0, made.ExitCode);
        Assert.StartsWith("manifests/a.yaml:1:1: The file is empty.", Assert.Single(project.Errors()), StringComparison.Ordinal);
    }

    [Fact]
    public void Sql_files_stay_in_the_projects_folder()
    {
        using var project = new TestProject();
        project.Write("sql/up.sql", "SELECT 1").Write("manifests/a.yaml", "revision: r1\nup: [sql_file: ../sql/up.sql]\ndown: []");
        Assert.Equal(["SELECT 1"], TestProject.SqlOf(project.ReadAll()[0].Up));

        File.CreateSymbolicLink(Path.Combine(project.Folder, "manifests", "out.sql"), "/etc/hostname");
        project.Write("manifests/a.yaml", """
            revision: r1
            up:
              - sql_file: ../../up.sql
              - sql_file: out.sql
              - sql_file: /etc/hostname
              - sql_file: ../sql/ups.sql
              - sql_file: ../sql
              - sql_file: ''
            down: []
            """);
        var errors = project.Errors();

        Assert.Equal([3, 4, 5, 6, 7, 8], errors.Select(static error => int.Parse(error.Split(':')[1], System.Globalization.CultureInfo.InvariantCulture)));
        Assert.All(errors.Take(2), static error => Assert.Contains("lies outside the project's folder", error, StringComparison.Ordinal));
        Assert.EndsWith("Did you mean '../sql/up.sql'?", errors[3], StringComparison.Ordinal);
    }

    [Fact]
    public void Errors_in_an_sql_file_are_told_in_it()
    {
        using var project = new TestProject();
        project.Write("manifests/up.sql", "SELECT 1;\n  COMMIT;").Write("manifests/a.yaml", "revision: r1\nup: [sql_file: up.sql]\ndown: []");

        Assert.StartsWith("manifests/up.sql:2:3: ", Assert.Single(project.Errors()), StringComparison.Ordinal);
    }
}
