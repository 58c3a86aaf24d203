namespace Anatomic.Architecture.Tests;

/// <summary>The rules, held against this repository.</summary>
public class The_repository
{
    private readonly Repository repository = Repository.Own();

    [Fact]
    public void Holds_no_reference_but_those_of_the_table() =>
        Rules.References(repository, AllowedReferences.Table).ShouldBeEmpty();

    [Fact]
    public void Uses_no_package_but_those_of_the_table() =>
        Rules.PackagesOf(repository, AllowedReferences.Packages).ShouldBeEmpty();

    [Fact]
    public void Has_no_file_beyond_the_limit() => Rules.FileSizes(repository, Rules.OversizedFiles).ShouldBeEmpty();

    [Fact]
    public void Has_no_type_that_hides_its_size_in_parts() => Rules.PartialSizes(repository).ShouldBeEmpty();

    [Fact]
    public void Has_namespaces_that_follow_the_folders() => Rules.Namespaces(repository).ShouldBeEmpty();

    [Fact]
    public void Never_switches_the_ban_list_off() => Rules.Suppressions(repository).ShouldBeEmpty();

    [Fact]
    public void Has_nothing_unfinished() => Rules.Unfinished(repository).ShouldBeEmpty();

    [Fact]
    public void Locks_every_package() => Rules.LockFiles(repository).ShouldBeEmpty();

    [Fact]
    public void Builds_with_the_settings_it_promises() => Rules.BuildSettings(repository).ShouldBeEmpty();
}
