namespace Anatomic.Architecture.Tests;

/// <summary>The test of the tests: a small checkout that breaks one rule each time, and the rule that must see it.</summary>
public sealed class A_rule_that_is_broken : IDisposable
{
    private readonly string root = Directory.CreateTempSubdirectory("anatomic-rules-").FullName;
    private readonly Repository repository;

    public A_rule_that_is_broken() => repository = new Repository(root);

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

    private static string Project(string item, string include) =>
        $"""<Project><ItemGroup><{item} Include="{include}" /></ItemGroup></Project>""";

    private void Write(string relative, string text)
    {
        var path = Path.Combine(root, relative);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }
}
