using System.Net;
using System.Net.Sockets;
using Anatomic.Federation.Placement;
using Anatomic.Wire;
using Anatomic.Wire.Network;
using Anatomic.World;

namespace Anatomic.Federation.Supernodes;

/// <summary>Redirects plain clients to a live holder: <c>/announce</c>, <c>/scrape</c>.</summary>
internal sealed class RedirectHandler(SupernodeCore core, LookupHandler lookups)
{
    /// <summary>Redirects a request with its whole query.</summary>
    /// <param name="path"><c>announce</c> or <c>scrape</c>, also the path at the holder.</param>
    public async Task<HttpResponse> RedirectAsync(InboundRequest request, string path)
    {
        var query = new Query(request.Query);
        if (query.Hash("info_hash") is not { } hash)
        {
            return TrackerResponses.Failure("info_hash is missing or does not have 20 bytes");
        }
        if (path == "scrape" && query.Count("info_hash") > 1)
        {
            return TrackerResponses.EmptyScrape();
        }
        var holders = await lookups.HoldersAsync(hash);
        if (holders.Count == 0)
        {
            core.Counters.Unknown++;
            return TrackerResponses.Failure(
                "this torrent is not planted in this network, or none of its holders is alive"
            );
        }
        core.Counters.Redirects++;
        var target = Choose(holders, hash, query.Hash("peer_id") ?? PeerIdOf(request.From), request.From.IsV4);
        return TrackerResponses.Redirect($"{UrlOf(target.Item, path, request.From.IsV4)}?{HeaderSafe(request.Query)}");
    }

    /// <summary>A peer's fixed holder, among those with an address of the client's family if there are any.</summary>
    public static Signed<NodeRecord> Choose(
        IReadOnlyList<Signed<NodeRecord>> holders,
        Hash20 hash,
        Hash20 peerId,
        bool v4
    )
    {
        var best = holders[0];
        (bool Family, ulong Score) bestRank = (false, 0);
        foreach (var holder in holders)
        {
            var rank = (
                holder.Item.Addresses.Any(address => address.IsV4 == v4),
                Rendezvous.Score(holder.Signer, hash, peerId)
            );
            if (rank.CompareTo(bestRank) >= 0)
            {
                (best, bestRank) = (holder, rank);
            }
        }
        return best;
    }

    /// <summary>
    /// The first URL of the record that a client of this family can use, else one made of its address.
    /// </summary>
    public static string UrlOf(NodeRecord record, string path, bool v4)
    {
        foreach (var url in record.Urls)
        {
            if (
                !IPAddress.TryParse(url.IdnHost.Trim('[', ']'), out var literal)
                || (literal.AddressFamily == AddressFamily.InterNetwork) == v4
            )
            {
                return new Uri(url, path).AbsoluteUri;
            }
        }
        foreach (var address in record.Addresses)
        {
            if (address.IsV4 == v4)
            {
                return new Uri(new Uri($"{record.Urls[0].Scheme}://{address}/"), path).AbsoluteUri;
            }
        }
        return new Uri(record.Urls[0], path).AbsoluteUri;
    }

    /// <summary>The query unchanged, except that characters a header must not contain are escaped.</summary>
    private static string HeaderSafe(string query) =>
        query.All(letter => letter is > ' ' and <= '~')
            ? query
            : string.Concat(
                query.Select(letter => letter is > ' ' and <= '~' ? $"{letter}" : Uri.EscapeDataString($"{letter}"))
            );

    /// <summary>
    /// A scrape names no peer, so the client's address replaces the peer id and the client keeps its holder.
    /// </summary>
    private static Hash20 PeerIdOf(Endpoint from) => new(from.High, from.Low, 0);
}
