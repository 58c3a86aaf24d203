using System.CommandLine;
using Anatomic.Cli.Invocation;
using Anatomic.Cli.Runtime;
using Anatomic.Machine.Tls;
using Anatomic.World;

namespace Anatomic.Cli.Flags;

/// <summary>The certificate of a server, which then speaks https beside http at the same ports.</summary>
internal sealed class TlsFlags
{
    private readonly Option<string> certificate = new("--tls-cert")
    {
        HelpName = "FILE",
        Description =
            "A certificate with its chain, in PEM form: https is spoken at the same ports; read again when it changes",
    };

    private readonly Option<string> key = new("--tls-key")
    {
        HelpName = "FILE",
        Description = "Its private key, in PEM form [default: the file of --tls-cert]",
    };

    public IEnumerable<Option> All => [certificate, key];

    /// <summary>Null when none is named; one that cannot be used keeps the server from starting.</summary>
    /// <param name="context">The call.</param>
    /// <param name="eventLog">Is told of new certificates.</param>
    /// <param name="remark">Gets what is wrong with one.</param>
    public ServerCertificate? Certificate(VerbContext context, IEventLog eventLog, Action<string> remark)
    {
        if (context.Get(certificate) is not { Length: > 0 } file)
        {
            return context.Get(key) is { Length: > 0 } lonely
                ? throw CliException.Arguments($"--tls-key {lonely} needs its certificate: name it with --tls-cert")
                : null;
        }
        var keyFile = context.Get(key) is { Length: > 0 } other ? other : file;
        try
        {
            var (path, keyPath) = (context.FullPath(file), context.FullPath(keyFile));
            return ServerCertificate.Load(path, keyPath, context.ProcessEnvironment.Clock, eventLog, remark);
        }
        catch (IOException fault)
        {
            throw CliException.Arguments($"--tls-cert: {fault.Message}");
        }
    }
}
