using System.CommandLine;
using Anatomic.Cli.Invocation;
using Anatomic.Cli.Runtime;
using Anatomic.Machine.Tls;
using Anatomic.World;

namespace Anatomic.Cli.Flags;

/// <summary>The certificate of a server, which then answers HTTPS and HTTP on the same ports.</summary>
internal sealed class TlsFlags
{
    private readonly Option<string> certificate = new("--tls-cert")
    {
        HelpName = "FILE",
        Description = "PEM certificate with its chain; enables HTTPS on the same ports; reloaded when it changes",
    };

    private readonly Option<string> key = new("--tls-key")
    {
        HelpName = "FILE",
        Description = "PEM private key [default: the file of --tls-cert]",
    };

    public IEnumerable<Option> All => [certificate, key];

    /// <summary>Loads the certificate and watches its files; null if the flags name none.</summary>
    /// <exception cref="CliException">The pair cannot be read or is invalid.</exception>
    public ServerCertificate? Certificate(VerbContext context, IEventLog eventLog, Action<string> warn)
    {
        if (context.Get(certificate) is not { Length: > 0 } file)
        {
            return context.Get(key) is { Length: > 0 } orphan
                ? throw CliException.UsageError($"--tls-key {orphan} needs a certificate: add --tls-cert")
                : null;
        }
        var keyFile = context.Get(key) is { Length: > 0 } separate ? separate : file;
        try
        {
            var (path, keyPath) = (context.FullPath(file), context.FullPath(keyFile));
            return ServerCertificate.Load(path, keyPath, context.Environment.Clock, eventLog, warn);
        }
        catch (IOException fault)
        {
            throw CliException.UsageError($"--tls-cert: {fault.Message}");
        }
    }
}
