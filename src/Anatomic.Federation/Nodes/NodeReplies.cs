using System.Text;
using Anatomic.World;

namespace Anatomic.Federation.Nodes;

/// <summary>The forms of a node's replies.</summary>
internal static class NodeReplies
{
    /// <summary>One clear line for a person.</summary>
    public static HttpReply Line(int status, string line) =>
        HttpReply.Of(status, "text/plain; charset=utf-8", Encoding.UTF8.GetBytes(line + "\n"));

    /// <summary>A signed item.</summary>
    public static HttpReply Item(ReadOnlyMemory<byte> raw) => Bencoded(200, raw);

    public static HttpReply Bencoded(int status, ReadOnlyMemory<byte> body) =>
        HttpReply.Of(status, "application/x-bittorrent-anatomic", body);

    public static HttpReply Text(string type, string text) => HttpReply.Of(200, type, Encoding.UTF8.GetBytes(text));
}
