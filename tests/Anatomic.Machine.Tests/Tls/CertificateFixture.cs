using System.Diagnostics.CodeAnalysis;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Anatomic.Machine.Tls;
using Anatomic.Testing;
using Anatomic.World;

namespace Anatomic.Machine.Tests.Tls;

/// <summary>PEM files of a test certificate, and the certificate that a client was shown.</summary>
internal sealed class CertificateFixture : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("anatomic-tls-").FullName;

    public CertificateFixture() => Write("tracker.example");

    public string Thumbprint { get; private set; } = "";

    /// <summary>The thumbprint that the last handshake showed.</summary>
    public string ShownThumbprint { get; private set; } = "";

    public List<string> Reports { get; } = [];

    public ManualClock Clock { get; } = new();

    public RecordingEventLog EventLog { get; } = new();

    private string CertificatePath => Path.Combine(folder, "cert.pem");

    private string KeyPath => Path.Combine(folder, "key.pem");

    public ServerCertificate Load() => ServerCertificate.Load(CertificatePath, KeyPath, Clock, EventLog, Reports.Add);

    public void Write(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        using var certificate = request.CreateSelfSigned(
            new DateTimeOffset(2000, 1, 1, 0, 0, 0, TimeSpan.Zero),
            new DateTimeOffset(2100, 1, 1, 0, 0, 0, TimeSpan.Zero)
        );
        File.WriteAllText(KeyPath, key.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(CertificatePath, certificate.ExportCertificatePem());
        Thumbprint = certificate.Thumbprint;
    }

    public void Corrupt() => File.WriteAllText(CertificatePath, "-----BEGIN CERTIFICATE-----\nhalf");

    /// <summary>Moves the key's file away, or back with its time of writing unchanged.</summary>
    public void HideKey(bool hidden) =>
        File.Move(hidden ? KeyPath : KeyPath + ".away", hidden ? KeyPath + ".away" : KeyPath);

    public void PassCheckInterval() => Clock.Advance(TimeSpan.FromSeconds(2));

    public bool Accept(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        using var shown = new X509Certificate2(certificate!);
        ShownThumbprint = shown.Thumbprint;
        return ShownThumbprint == Thumbprint;
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    /// <summary>Records the names of events.</summary>
    public sealed class RecordingEventLog : IEventLog
    {
        public List<string> Names { get; } = [];

        public bool IsEnabled(EventLevel level) => true;

        public void Write(EventLevel level, [ConstantExpected] string name, params ReadOnlySpan<EventField> fields) =>
            Names.Add($"{level} {name}");

        public void WriteException(Exception fault) => Names.Add("fault");
    }
}
