using Anatomic.Machine.Tls;

namespace Anatomic.Machine.Tests;

/// <summary>A certificate's files are looked at every two seconds of the clock.</summary>
public sealed class ServerCertificateTests : IDisposable
{
    private const string Taken = "Info certificate.reloaded";
    private const string Kept = "Error certificate.kept";

    private readonly CertificateFixture files = new();
    private readonly ServerCertificate certificate;

    public ServerCertificateTests() => certificate = files.Load();

    public void Dispose()
    {
        certificate.Dispose();
        files.Dispose();
    }

    private string InUse => certificate.Current.TargetCertificate.Thumbprint;

    [Fact]
    public void Files_that_have_not_changed_are_not_read_again()
    {
        files.LooksAgain();
        files.LooksAgain();

        files.EventLog.Names.ShouldBeEmpty();
        InUse.ShouldBe(files.Thumbprint);
    }

    [Fact]
    public void Changed_files_are_taken_at_the_next_look_and_not_before()
    {
        var first = files.Thumbprint;
        files.Write("second.example");

        files.Clock.Advance(TimeSpan.FromSeconds(1.9));
        InUse.ShouldBe(first);

        files.Clock.Advance(TimeSpan.FromSeconds(0.1));
        InUse.ShouldBe(files.Thumbprint);
        InUse.ShouldNotBe(first);
        files.EventLog.Names.ShouldBe([Taken]);
    }

    [Fact]
    public void A_half_written_file_leaves_the_old_one_in_use_and_is_said_once()
    {
        var first = files.Thumbprint;
        files.Break();
        files.LooksAgain();
        files.LooksAgain();

        InUse.ShouldBe(first);
        files.EventLog.Names.ShouldBe([Kept]);
        files.Remarks.ShouldHaveSingleItem().ShouldStartWith("the certificate stays as it was: ");

        files.Write("second.example");
        files.LooksAgain();

        InUse.ShouldBe(files.Thumbprint);
        files.EventLog.Names.ShouldBe([Kept, Taken]);
    }

    [Fact]
    public void A_file_that_can_be_read_again_is_taken_though_nobody_has_written_it_since()
    {
        files.Write("second.example");
        files.HideKey(hidden: true);
        files.LooksAgain();
        files.EventLog.Names.ShouldBe([Kept]);

        files.HideKey(hidden: false);
        files.LooksAgain();

        InUse.ShouldBe(files.Thumbprint);
        files.EventLog.Names.ShouldBe([Kept, Taken]);
    }

    [Fact]
    public void Trouble_that_comes_back_is_said_again()
    {
        files.Break();
        files.LooksAgain();
        files.Write("second.example");
        files.LooksAgain();
        files.Break();
        files.LooksAgain();

        files.EventLog.Names.ShouldBe([Kept, Taken, Kept]);
        InUse.ShouldBe(files.Thumbprint);
    }
}
