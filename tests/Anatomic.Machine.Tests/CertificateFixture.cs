using System.Diagnostics.CodeAnalysis;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Anatomic.Machine.Tls;
using Anatomic.Testing;
using Anatomic.World;

namespace Anatomic.Machine.Tests;

/// <summary>PEM files of a certificate made for a test, and what a client saw of it.</summary>
internal sealed class CertificateFixture : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("anatomic-tls-").FullName;

    public CertificateFixture() => Write("tracker.example");

    public string Thumbprint { get; private set; } = "";

    /// <summary>The thumbprint that the last handshake showed.</summary>
    public string Seen { get; private set; } = "";

    public List<string> Remarks { get; } = [];

    public ManualClock Clock { get; } = new();

    public NamesOnly EventLog { get; } = new();

    private string CertificatePath => Path.Combine(folder, "cert.pem");

    private string KeyPath => Path.Combine(folder, "key.pem");

    public ServerCertificate Load() => ServerCertificate.Load(CertificatePath, KeyPath, Clock, EventLog, Remarks.Add);

    public void Write(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        using var made = request.CreateSelfSigned(
            new DateTimeOffset(2000, 1, 1, 0, 0, 0, TimeSpan.Zero),
            new DateTimeOffset(2100, 1, 1, 0, 0, 0, TimeSpan.Zero)
        );
        File.WriteAllText(KeyPath, key.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(CertificatePath, made.ExportCertificatePem());
        Thumbprint = made.Thumbprint;
    }

    public void Break() => File.WriteAllText(CertificatePath, "-----BEGIN CERTIFICATE-----\nhalf");

    /// <summary>Takes the key's file away, or puts it back as it was, with the time of its writing.</summary>
    public void HideKey(bool hidden) =>
        File.Move(hidden ? KeyPath : KeyPath + ".away", hidden ? KeyPath + ".away" : KeyPath);

    public void LooksAgain() => Clock.Advance(TimeSpan.FromSeconds(2));

    public bool Look(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        using var shown = new X509Certificate2(certificate!);
        Seen = shown.Thumbprint;
        return Seen == Thumbprint;
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    /// <summary>Keeps the names of events.</summary>
    public sealed class NamesOnly : IEventLog
    {
        public List<string> Names { get; } = [];

        public bool IsEnabled(EventLevel level) => true;

        public void Write(EventLevel level, [ConstantExpected] string name, params ReadOnlySpan<EventField> facts) =>
            Names.Add($"{level} {name}");

        public void WriteException(Exception fault) => Names.Add("fault");
    }
}
