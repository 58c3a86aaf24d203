namespace Anatomic.Architecture.Tests;

/// <summary>Assertions on what a rule returns.</summary>
public static class RuleAssertions
{
    /// <summary>Fails with one line for each violation.</summary>
    public static void ShouldHold(this IEnumerable<string> violations) => string.Join('\n', violations).ShouldBeEmpty();
}
