using Anatomic.Wire;
using Anatomic.Wire.Http;

namespace Anatomic.Machine.Http.Requests;

/// <summary>What an <see cref="HttpConnectionProtocol"/> remembers of one connection between two reads.</summary>
internal struct HttpConnectionState
{
    /// <summary>The remote address, or the one that a trusted proxy names; default for a unix socket.</summary>
    public Endpoint ClientAddress;

    /// <summary>The connection begins with a PROXY header that has not been read yet.</summary>
    public bool ExpectsProxyHeader;

    /// <summary>The first byte, which tells TLS from HTTP, has been seen.</summary>
    public bool HasBegun;

    /// <summary>What was found in the head that has arrived in part; default: none has.</summary>
    public RequestHeadLayout PartialHead;
}
