namespace Anatomic.Architecture.Tests;

/// <summary>
/// The test of the tests: a small checkout that breaks one rule each time, and the rule that must see it.
/// </summary>
public sealed class RulesTests : IDisposable
{
    private readonly string root = Directory.CreateTempSubdirectory("anatomic-rules-").FullName;
    private readonly Repository repository;

    public RulesTests() => repository = new Repository(root);

    public void Dispose() => Directory.Delete(root, recursive: true);

    [Fact]
    public void A_reference_that_the_table_does_not_name_is_seen()
    {
        Write(
            "src/Anatomic.Tracker/Anatomic.Tracker.csproj",
            Project("ProjectReference", "../Anatomic.Engine/Anatomic.Engine.csproj")
        );

        Rules.References(repository, []).Single().ShouldContain("refers to Anatomic.Engine");
    }

    [Fact]
    public void A_row_of_the_table_that_nobody_uses_is_seen()
    {
        Write("src/Anatomic.Tracker/Anatomic.Tracker.csproj", "<Project />");

        Rules
            .References(repository, [new("Tracker", "Wire", "long enough a reason")])
            .Single()
            .ShouldContain("take the row out");
    }

    [Fact]
    public void A_reference_without_a_reason_is_seen()
    {
        Write(
            "src/Anatomic.Tracker/Anatomic.Tracker.csproj",
            Project("ProjectReference", "../Anatomic.Wire/Anatomic.Wire.csproj")
        );

        Rules.References(repository, [new("Tracker", "Wire", "")]).Single().ShouldContain("has no reason");
    }

    [Fact]
    public void A_package_that_the_table_does_not_name_is_seen()
    {
        Write("src/Anatomic.Wire/Anatomic.Wire.csproj", Project("PackageReference", "Newtonsoft.Json"));

        Rules.PackagesOf(repository, AllowedReferences.Packages).Single().ShouldContain("Newtonsoft.Json");
    }

    [Fact]
    public void A_file_of_501_lines_is_seen_and_one_of_500_is_not()
    {
        Write("src/Anatomic.Wire/Long.cs", new string('\n', Rules.MaxFileLines + 1));
        Write("src/Anatomic.Wire/Fine.cs", new string('\n', Rules.MaxFileLines));

        Rules.FileSizes(repository, new Dictionary<string, string>()).Single().ShouldContain("Long.cs");
    }

    [Fact]
    public void An_exception_that_is_no_longer_needed_is_seen()
    {
        Write("src/Anatomic.Wire/Fine.cs", "\n");

        Rules
            .FileSizes(repository, new Dictionary<string, string> { ["src/Anatomic.Wire/Fine.cs"] = "was long" })
            .Single()
            .ShouldContain("take it out");
    }

    [Fact]
    public void A_class_of_600_lines_in_two_parts_is_seen()
    {
        Write("src/Anatomic.Wire/One.cs", "public partial class Big { }" + new string('\n', 300));
        Write("src/Anatomic.Wire/Two.cs", "public partial class Big { }" + new string('\n', 300));

        Rules.PartialSizes(repository).Single().ShouldContain("600 lines together");
    }

    [Fact]
    public void A_namespace_beside_its_folder_is_seen()
    {
        Write("src/Anatomic.Wire/Peers/Here.cs", "namespace Anatomic.Wire.There;\n");

        Rules.Namespaces(repository).Single().ShouldContain("its folder says Anatomic.Wire.Peers");
    }

    [Fact]
    public void A_ban_that_is_switched_off_is_seen()
    {
        Write("src/Anatomic.Engine/Clock.cs", "#pragma warning disable RS0030\n");

        Rules.Suppressions(repository).Single().ShouldContain("Clock.cs");
    }

    [Fact]
    public void A_word_that_promises_work_is_seen_unless_it_names_an_issue()
    {
        Write("src/Anatomic.Engine/A.cs", "// TODO later\n");
        Write("src/Anatomic.Engine/B.cs", "// TODO #12 later\n");

        Rules.Unfinished(repository).Single().ShouldContain("A.cs");
    }

    [Fact]
    public void A_project_without_a_lock_file_is_seen()
    {
        Write("src/Anatomic.Wire/Anatomic.Wire.csproj", "<Project />");

        Rules.LockFiles(repository).Single().ShouldContain("is missing");
    }

    [Fact]
    public void A_build_that_lets_warnings_pass_is_seen()
    {
        var own = Repository.Own();
        Write(".editorconfig", own.Read(".editorconfig"));
        Write(
            "Directory.Build.props",
            own.Read("Directory.Build.props").Replace("<TreatWarningsAsErrors>true<", "<TreatWarningsAsErrors>false<")
        );

        Rules.BuildSettings(repository).Single().ShouldContain("TreatWarningsAsErrors");
    }

    [Fact]
    public void Folders_that_use_each_other_are_seen()
    {
        FolderUse[] uses = [new("Room.A", "Room.B", "One", "Two"), new("Room.B", "Room.A", "Three", "Four")];

        FolderRules
            .Cycles(uses, [])
            .ShouldBe([
                "Room.A uses Room.B (One uses Two), and Room.B leads back to Room.A",
                "Room.B uses Room.A (Three uses Four), and Room.A leads back to Room.B",
            ]);
    }

    [Fact]
    public void A_circle_of_three_folders_is_seen()
    {
        FolderUse[] uses = [Use("A", "B"), Use("B", "C"), Use("C", "A"), Use("A", "D")];

        FolderRules.Cycles(uses, []).Count().ShouldBe(3);
    }

    [Fact]
    public void A_folder_exemption_settles_a_circle_and_is_seen_once_it_is_not_needed()
    {
        FolderExemption[] exceptions = [new("B", "A", "long enough a reason")];

        FolderRules.Cycles([Use("A", "B"), Use("B", "A")], exceptions).ShouldBeEmpty();
        FolderRules.Cycles([Use("A", "B")], exceptions).Single().ShouldContain("not needed");
    }

    [Fact]
    public void Folder_uses_are_read_from_a_compiled_assembly()
    {
        var uses = FolderDependencies.Read(Repository.AssemblyOf("Wire"));

        uses.ShouldContain(new FolderUse("Anatomic.Wire.Metainfo", "Anatomic.Wire", "TorrentInfo", "Hash20"));
        uses.ShouldAllBe(use => use.FromFolder != use.ToFolder);
    }

    [Fact]
    public void A_reference_that_no_code_uses_is_seen()
    {
        AllowedReference[] table = [new("Daemon", "Wire", "used"), new("Daemon", "Engine", "not used")];

        Rules.UnusedReferences(table, _ => ["Wire"]).Single().ShouldContain("Daemon refers to Engine");
    }

    [Fact]
    public void A_retired_word_in_a_type_is_seen_and_the_same_letters_in_another_word_are_not()
    {
        Write("src/Anatomic.Engine/A.cs", "public sealed class PlantDesk { }\npublic class Desktop { }\n");

        NamingRules
            .RetiredNames(repository, new Dictionary<string, string> { ["Desk"] = "Handler" })
            .Single()
            .ShouldBe("src/Anatomic.Engine/A.cs: the type PlantDesk contains Desk; use Handler");
    }

    [Fact]
    public void A_test_file_that_is_a_sentence_is_seen()
    {
        Write(
            "tests/A.Tests/The_picker.cs",
            "public class The_picker\n{\n    [Fact]\n    public void Is_fast() { }\n}\n"
        );
        Write(
            "tests/A.Tests/PickerTests.cs",
            "public class PickerTests\n{\n    [Fact]\n    public void Is_fast() { }\n}\n"
        );

        NamingRules.TestFiles(repository).Single().ShouldContain("The_picker.cs");
    }

    [Fact]
    public void A_test_that_is_no_sentence_is_seen()
    {
        Write("tests/A.Tests/ATests.cs", "public class ATests\n{\n    [Fact]\n    public void Works() { }\n}\n");

        NamingRules.TestMethods(repository).Single().ShouldContain("Works");
    }

    [Fact]
    public void A_second_limits_file_in_a_room_is_seen()
    {
        Write("src/Anatomic.Engine/EngineLimits.cs", "");
        Write("src/Anatomic.Engine/Peers/PeerLimits.cs", "");
        Write("src/Anatomic.Wire/WireLimits.cs", "");

        NamingRules.LimitsFiles(repository).Single().ShouldContain("Anatomic.Engine has 2");
    }

    [Fact]
    public void A_line_of_121_characters_is_seen_and_one_of_120_is_not()
    {
        Write("src/Anatomic.Wire/A.cs", new string('x', 120) + "\n" + new string('x', 121) + "\n");
        Write(
            "docs/a.md",
            $"{new string('x', 121)}\n\n```sh\n{new string('x', 130)}\n```\n| {new string('x', 130)} |\n"
        );

        TextRules.SourceLines(repository).Single().ShouldContain("A.cs:2 ");
        TextRules.DocumentLines(repository).Single().ShouldContain("docs/a.md:1 ");
    }

    [Fact]
    public void A_link_to_a_missing_file_is_seen()
    {
        Write("docs/a.md", "[here](b.md), [up](../README.md#top), [web](https://example.org/x)\n");
        Write("README.md", "");

        TextRules.Links(repository).Single().ShouldBe("docs/a.md links to b.md, which does not exist");
    }

    [Fact]
    public void A_diagnostic_that_is_off_without_a_reason_is_seen()
    {
        Write(
            ".editorconfig",
            "# A reason.\ndotnet_diagnostic.A1.severity = none\ndotnet_diagnostic.A2.severity = none\n"
        );

        TextRules.Diagnostics(repository).Single().ShouldContain("A2");
    }

    private static FolderUse Use(string from, string to) => new(from, to, "One", "Two");

    private static string Project(string item, string include) =>
        $"""<Project><ItemGroup><{item} Include="{include}" /></ItemGroup></Project>""";

    private void Write(string relative, string text)
    {
        var path = Path.Combine(root, relative);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }
}
