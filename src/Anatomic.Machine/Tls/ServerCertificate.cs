using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Anatomic.World;

namespace Anatomic.Machine.Tls;

/// <summary>
/// A certificate for TLS with its chain and key, from PEM files (RFC 7468). The files are looked at again every few
/// seconds, and handshakes use a new certificate as soon as its files are whole; a broken one leaves the old one in
/// use, is said once, and tried again at each look.
/// </summary>
public sealed class ServerCertificate : IDisposable
{
    /// <summary>Certificates change every few weeks, but whoever changes one wants to see that it is taken.</summary>
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(2);

    private readonly string certificatePath;
    private readonly string keyPath;
    private readonly IEventLog eventLog;
    private readonly Action<string> remark;
    private readonly ITimer timer;
    private readonly Lock gate = new();
    private volatile SslStreamCertificateContext current;
    private (DateTime, DateTime) written;

    /// <summary>What was said last of files that cannot be used; null while they can.</summary>
    private string? trouble;

    private ServerCertificate(
        string certificatePath,
        string keyPath,
        TimeProvider clock,
        IEventLog eventLog,
        Action<string> remark
    )
    {
        this.certificatePath = certificatePath;
        this.keyPath = keyPath;
        this.eventLog = eventLog;
        this.remark = remark;
        written = Written();
        current = Read();
        timer = clock.CreateTimer(_ => Look(force: false), state: null, LookAgain, LookAgain);
    }

    internal SslStreamCertificateContext Current => current;

    /// <param name="certificatePath">The certificate, then those that lead from it to a root.</param>
    /// <param name="keyPath">Its private key, not encrypted; may be the same file.</param>
    /// <param name="clock">Says when to look at the files again.</param>
    /// <param name="eventLog">
    /// Is told that a new certificate was taken, or could not be; it has no place for the cause.
    /// </param>
    /// <param name="remark">Gets the cause, for a person; from any thread.</param>
    /// <exception cref="IOException">
    /// A file cannot be read, or does not hold what it should; the message says what.
    /// </exception>
    public static ServerCertificate Load(
        string certificatePath,
        string keyPath,
        TimeProvider clock,
        IEventLog eventLog,
        Action<string> remark
    )
    {
        try
        {
            return new ServerCertificate(certificatePath, keyPath, clock, eventLog, remark);
        }
        catch (Exception cause) when (IsTrouble(cause))
        {
            throw new IOException($"{certificatePath} with {keyPath} cannot be used: {cause.Message}", cause);
        }
    }

    /// <summary>Reads the files again now, changed or not.</summary>
    public void Reload() => Look(force: true);

    public void Dispose() => timer.Dispose();

    private void Look(bool force)
    {
        lock (gate)
        {
            try
            {
                var now = Written();
                if (force || now != written)
                {
                    current = Read();
                    written = now;
                    eventLog.Write(EventLevel.Info, "certificate.reloaded");
                }
                trouble = null;
            }
            catch (Exception cause) when (IsTrouble(cause))
            {
                if (force || cause.Message != trouble)
                {
                    trouble = cause.Message;
                    eventLog.Write(EventLevel.Error, "certificate.kept");
                    remark($"the certificate stays as it was: {cause.Message}");
                }
            }
        }
    }

    private (DateTime, DateTime) Written() =>
        (File.GetLastWriteTimeUtc(certificatePath), File.GetLastWriteTimeUtc(keyPath));

    private SslStreamCertificateContext Read()
    {
        var own = X509Certificate2.CreateFromPemFile(certificatePath, keyPath);
        if (OperatingSystem.IsWindows())
        {
            // There TLS takes only keys that lie in a store, which importing puts them into.
            using var loose = own;
            own = X509CertificateLoader.LoadPkcs12(loose.Export(X509ContentType.Pkcs12), password: null);
        }
        var chain = new X509Certificate2Collection();
        chain.ImportFromPemFile(certificatePath);
        // Offline: to fetch certificates that the file lacks would make a start depend on others.
        return SslStreamCertificateContext.Create(own, chain, offline: true);
    }

    private static bool IsTrouble(Exception cause) =>
        cause is IOException or UnauthorizedAccessException or CryptographicException;
}
