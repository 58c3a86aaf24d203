using Anatomic.Machine.Tls;

namespace Anatomic.Machine.Tests.Tls;

/// <summary>The files are checked every two seconds of the clock.</summary>
public sealed class ServerCertificateTests : IDisposable
{
    private const string Reloaded = "Info certificate.reloaded";
    private const string Rejected = "Error certificate.rejected";

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
    public void Unchanged_files_are_not_read_again()
    {
        files.PassCheckInterval();
        files.PassCheckInterval();

        files.EventLog.Names.ShouldBeEmpty();
        InUse.ShouldBe(files.Thumbprint);
    }

    [Fact]
    public void Changed_files_are_read_at_the_next_check_and_not_before()
    {
        var first = files.Thumbprint;
        files.Write("second.example");

        files.Clock.Advance(TimeSpan.FromSeconds(1.9));
        InUse.ShouldBe(first);

        files.Clock.Advance(TimeSpan.FromSeconds(0.1));
        InUse.ShouldBe(files.Thumbprint);
        InUse.ShouldNotBe(first);
        files.EventLog.Names.ShouldBe([Reloaded]);
    }

    [Fact]
    public void A_half_written_file_leaves_the_old_certificate_in_use_and_is_reported_once()
    {
        var first = files.Thumbprint;
        files.Corrupt();
        files.PassCheckInterval();
        files.PassCheckInterval();

        InUse.ShouldBe(first);
        files.EventLog.Names.ShouldBe([Rejected]);
        files.Reports.ShouldHaveSingleItem().ShouldStartWith("the old certificate stays in use: ");

        files.Write("second.example");
        files.PassCheckInterval();

        InUse.ShouldBe(files.Thumbprint);
        files.EventLog.Names.ShouldBe([Rejected, Reloaded]);
    }

    [Fact]
    public void A_file_that_can_be_read_again_is_used_even_when_it_has_not_changed()
    {
        files.Write("second.example");
        files.HideKey(hidden: true);
        files.PassCheckInterval();
        files.EventLog.Names.ShouldBe([Rejected]);

        files.HideKey(hidden: false);
        files.PassCheckInterval();

        InUse.ShouldBe(files.Thumbprint);
        files.EventLog.Names.ShouldBe([Rejected, Reloaded]);
    }

    [Fact]
    public void A_fault_that_comes_back_is_reported_again()
    {
        files.Corrupt();
        files.PassCheckInterval();
        files.Write("second.example");
        files.PassCheckInterval();
        files.Corrupt();
        files.PassCheckInterval();

        files.EventLog.Names.ShouldBe([Rejected, Reloaded, Rejected]);
        InUse.ShouldBe(files.Thumbprint);
    }
}
