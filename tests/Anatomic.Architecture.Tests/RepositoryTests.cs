namespace Anatomic.Architecture.Tests;

/// <summary>Checks this repository against the rules.</summary>
public class RepositoryTests
{
    private readonly Repository repository = Repository.Own();

    [Fact]
    public void Holds_no_reference_but_those_of_the_table() =>
        Rules.References(repository, AllowedReferences.Table).ShouldHold();

    [Fact]
    public void Uses_no_package_but_those_of_the_table() =>
        Rules.PackagesOf(repository, AllowedReferences.Packages).ShouldHold();

    [Fact]
    public void Has_no_file_beyond_the_limit() => Rules.FileSizes(repository, Rules.OversizedFiles).ShouldHold();

    [Fact]
    public void Has_no_type_that_hides_its_size_in_parts() => Rules.PartialSizes(repository).ShouldHold();

    [Fact]
    public void Has_namespaces_that_follow_the_folders() => Rules.Namespaces(repository).ShouldHold();

    [Fact]
    public void Never_switches_the_ban_list_off() => Rules.Suppressions(repository).ShouldHold();

    [Fact]
    public void Has_nothing_unfinished() => Rules.Unfinished(repository).ShouldHold();

    [Fact]
    public void Locks_every_package() => Rules.LockFiles(repository).ShouldHold();

    [Fact]
    public void Builds_with_the_settings_it_promises() => Rules.BuildSettings(repository).ShouldHold();

    [Fact]
    public void Has_folders_that_depend_one_way_only() =>
        FolderRules
            .Cycles([.. Repository.Assemblies().SelectMany(FolderDependencies.Read)], FolderRules.Exemptions)
            .ShouldHold();

    [Fact]
    public void Uses_every_reference_that_the_table_allows() =>
        Rules.UnusedReferences(AllowedReferences.Table, FolderDependencies.RoomsUsedBy).ShouldHold();

    [Fact]
    public void Names_no_type_with_a_retired_word() =>
        NamingRules.RetiredNames(repository, NamingRules.RetiredWords).ShouldHold();

    [Fact]
    public void Names_test_files_after_their_subject() => NamingRules.TestFiles(repository).ShouldHold();

    [Fact]
    public void Names_tests_as_sentences() => NamingRules.TestMethods(repository).ShouldHold();

    [Fact]
    public void Has_one_limits_file_a_room() => NamingRules.LimitsFiles(repository).ShouldHold();

    [Fact]
    public void Has_no_source_line_beyond_the_limit() => TextRules.SourceLines(repository).ShouldHold();

    [Fact]
    public void Has_no_document_line_beyond_the_limit() => TextRules.DocumentLines(repository).ShouldHold();

    [Fact]
    public void Has_no_link_that_leads_nowhere() => TextRules.Links(repository).ShouldHold();

    [Fact]
    public void Gives_a_reason_for_every_diagnostic_that_is_off() => TextRules.Diagnostics(repository).ShouldHold();
}
