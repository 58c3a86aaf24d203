using System.IO.Pipelines;
using System.Net.Security;
using System.Security.Authentication;
using Anatomic.Machine.Http.Requests;
using Anatomic.Machine.Http.Streams;
using Anatomic.Machine.Tls;
using Microsoft.AspNetCore.Connections;

namespace Anatomic.Machine.Http;

/// <summary>
/// Serves TLS and plain HTTP at the same port, told apart by the first byte, as announce URLs of both kinds lead to it.
/// A client with an https URL never gets plain HTTP.
/// </summary>
internal static class TlsMiddleware
{
    public static async Task RunAsync(
        ConnectionContext connection,
        ServerCertificate certificate,
        ConnectionDelegate next
    )
    {
        var deadline = new ConnectionDeadline(connection);
        var input = connection.Transport.Input;
        try
        {
            var read = await input.ReadAsync().ConfigureAwait(false);
            var isTls = !read.Buffer.IsEmpty && HttpConnectionProtocol.IsTls(read.Buffer.FirstSpan);
            // Nothing counts as examined, so that the next reader gets it at once.
            input.AdvanceTo(read.Buffer.Start);
            if (isTls)
            {
                await SecureAsync(connection, certificate, deadline, next).ConfigureAwait(false);
                return;
            }
        }
        catch (Exception ended)
            when (ended
                    is IOException
                        or OperationCanceledException
                        or InvalidOperationException
                        or AuthenticationException
            )
        {
            // The client disconnected, the deadline passed, or the handshake failed.
            return;
        }
        deadline.Lift();
        await next(connection).ConfigureAwait(false);
    }

    private static async Task SecureAsync(
        ConnectionContext connection,
        ServerCertificate certificate,
        ConnectionDeadline deadline,
        ConnectionDelegate next
    )
    {
        var below = connection.Transport;
        await using var tls = new SslStream(new TransportStream(below));
        var options = new SslServerAuthenticationOptions
        {
            ServerCertificateContext = certificate.Current,
            ApplicationProtocols = [SslApplicationProtocol.Http11],
        };
        await tls.AuthenticateAsServerAsync(options, connection.ConnectionClosed).ConfigureAwait(false);
        deadline.Lift();
        connection.Transport = new TlsPipe(tls);
        try
        {
            await next(connection).ConfigureAwait(false);
            await connection.Transport.Output.CompleteAsync().ConfigureAwait(false);
            await tls.ShutdownAsync().ConfigureAwait(false);
        }
        finally
        {
            connection.Transport = below;
        }
    }

    /// <summary>The encrypted bytes below TLS.</summary>
    private sealed class TransportStream(IDuplexPipe transport) : ForwardOnlyStream
    {
        private readonly Stream input = transport.Input.AsStream(leaveOpen: true);
        private readonly Stream output = transport.Output.AsStream(leaveOpen: true);

        public override bool CanWrite => true;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            input.ReadAsync(buffer, cancellationToken);

        public override ValueTask WriteAsync(
            ReadOnlyMemory<byte> buffer,
            CancellationToken cancellationToken = default
        ) => output.WriteAsync(buffer, cancellationToken);
    }

    private sealed class TlsPipe(SslStream tls) : IDuplexPipe
    {
        public PipeReader Input { get; } = PipeReader.Create(tls, new StreamPipeReaderOptions(leaveOpen: true));

        public PipeWriter Output { get; } = PipeWriter.Create(tls, new StreamPipeWriterOptions(leaveOpen: true));
    }
}
