using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Anatomic.World;

namespace Anatomic.Machine.Tls;

/// <summary>
/// A TLS certificate with its chain and key, from PEM files (RFC 7468). The files are checked every two seconds, and
/// handshakes use a new certificate as soon as its files are valid. While they are not, the old certificate stays in
/// use; the fault is reported once, and the files are tried again at each check.
/// </summary>
public sealed class ServerCertificate : IDisposable
{
    /// <summary>Certificates change rarely, but an operator who changes one expects to see the effect.</summary>
    private static readonly TimeSpan CheckInterval = TimeSpan.FromSeconds(2);

    private readonly string certificatePath;
    private readonly string keyPath;
    private readonly IEventLog eventLog;
    private readonly Action<string> report;
    private readonly ITimer timer;
    private readonly Lock gate = new();
    private volatile SslStreamCertificateContext current;
    private (DateTime, DateTime) written;

    /// <summary>The last fault that was reported; null while the files are valid.</summary>
    private string? reportedFault;

    private ServerCertificate(
        string certificatePath,
        string keyPath,
        TimeProvider clock,
        IEventLog eventLog,
        Action<string> report
    )
    {
        this.certificatePath = certificatePath;
        this.keyPath = keyPath;
        this.eventLog = eventLog;
        this.report = report;
        written = ReadWriteTimes();
        current = Read();
        timer = clock.CreateTimer(_ => Check(force: false), state: null, CheckInterval, CheckInterval);
    }

    internal SslStreamCertificateContext Current => current;

    /// <summary>Reads the files, and begins to check them for changes.</summary>
    /// <param name="certificatePath">The certificate, followed by those that lead from it to a root.</param>
    /// <param name="keyPath">The private key, not encrypted; may be the same file.</param>
    /// <param name="clock">Runs the checks.</param>
    /// <param name="eventLog">
    /// Gets an event when a new certificate was loaded or is not valid, without the cause.
    /// </param>
    /// <param name="report">Gets the cause as a message for the operator; called from any thread.</param>
    /// <exception cref="IOException">A file cannot be read or is not valid; the message says why.</exception>
    public static ServerCertificate Load(
        string certificatePath,
        string keyPath,
        TimeProvider clock,
        IEventLog eventLog,
        Action<string> report
    )
    {
        try
        {
            return new ServerCertificate(certificatePath, keyPath, clock, eventLog, report);
        }
        catch (Exception cause) when (IsFileFault(cause))
        {
            throw new IOException(
                $"The certificate {certificatePath} with the key {keyPath} cannot be used: {cause.Message}",
                cause
            );
        }
    }

    /// <summary>Reads the files again now, whether they have changed or not.</summary>
    public void Reload() => Check(force: true);

    public void Dispose() => timer.Dispose();

    private void Check(bool force)
    {
        lock (gate)
        {
            try
            {
                var now = ReadWriteTimes();
                if (force || now != written)
                {
                    current = Read();
                    written = now;
                    eventLog.Write(EventLevel.Info, "certificate.reloaded");
                }
                reportedFault = null;
            }
            catch (Exception cause) when (IsFileFault(cause))
            {
                if (force || cause.Message != reportedFault)
                {
                    reportedFault = cause.Message;
                    eventLog.Write(EventLevel.Error, "certificate.rejected");
                    report($"the old certificate stays in use: {cause.Message}");
                }
            }
        }
    }

    private (DateTime, DateTime) ReadWriteTimes() =>
        (File.GetLastWriteTimeUtc(certificatePath), File.GetLastWriteTimeUtc(keyPath));

    private SslStreamCertificateContext Read()
    {
        var own = X509Certificate2.CreateFromPemFile(certificatePath, keyPath);
        if (OperatingSystem.IsWindows())
        {
            // TLS on Windows accepts only keys from a store; importing puts them into one.
            using var ephemeral = own;
            own = X509CertificateLoader.LoadPkcs12(ephemeral.Export(X509ContentType.Pkcs12), password: null);
        }
        var chain = new X509Certificate2Collection();
        chain.ImportFromPemFile(certificatePath);
        // Offline: downloading missing certificates would make the start depend on other servers.
        return SslStreamCertificateContext.Create(own, chain, offline: true);
    }

    private static bool IsFileFault(Exception cause) =>
        cause is IOException or UnauthorizedAccessException or CryptographicException;
}
