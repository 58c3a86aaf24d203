using Anatomic.Federation.Pages;
using Anatomic.Wire;
using Anatomic.Wire.Identity;
using Anatomic.Wire.Network;
using Anatomic.World;

namespace Anatomic.Federation.Supernodes;

/// <summary>
/// Exchanges records with other supernodes (anti-entropy). A received record is only a candidate until this supernode
/// has polled the member itself.
/// </summary>
internal sealed class ExchangeHandler(SupernodeCore core, RecordHandler records)
{
    // Sorted, so that every process polls in the same order.
    private readonly SortedDictionary<NodeId, Signed<NodeRecord>> candidates = [];
    private readonly Dictionary<NodeId, DateTimeOffset> polledAt = [];

    public int CandidateCount => candidates.Count;

    /// <summary><c>POST /exchange</c>: returns the live records that the sender lacks.</summary>
    public HttpResponse Handle(InboundRequest request)
    {
        if (!ExchangeRequest.TryRead(request.Body, out var exchange, out var fault))
        {
            return HttpResponses.Text(422, fault.ToString());
        }
        var known = new Dictionary<NodeId, long>();
        foreach (var entry in exchange.Know)
        {
            known[entry.Id] = entry.Number;
        }
        var now = core.Now;
        var lacking = core
            .Directory.All.Where(member => core.Directory.LivenessOf(member, now) == Liveness.Alive)
            .Select(member => member.Record)
            .Where(record => known.GetValueOrDefault(record.Signer, -1) < record.Item.Seq)
            .ToList();
        if (core.OwnRecord is { } own && known.GetValueOrDefault(own.Signer, -1) < own.Item.Seq)
        {
            lacking.Insert(0, own);
        }
        var ages = new List<NumberedId>();
        foreach (var id in exchange.Ages)
        {
            if (core.Directory.Find(id) is { } member)
            {
                ages.Add(new NumberedId(id, Math.Max(0, member.FirstSeen.ToUnixTimeMilliseconds())));
            }
        }
        var response = new ExchangeResponse(
            [.. lacking.Take(FederationLimits.MaxExchangedRecords).Select(record => record.Envelope)],
            ages
        );
        return HttpResponses.Bencoded(200, response.Write());
    }

    /// <summary>Requests the records that this supernode lacks from another one.</summary>
    /// <param name="isTrusted">The operator named the peer, so its report of ages counts.</param>
    public async Task RequestAsync(ExchangePeer peer, bool isTrusted, CancellationToken stop)
    {
        var now = core.Now;
        var know = core
            .Directory.All.Where(member => core.Directory.LivenessOf(member, now) != Liveness.Dead)
            .Select(member => new NumberedId(member.Id, member.Record.Item.Seq))
            .Take(NetworkLimits.MaxExchangeEntries)
            .ToList();
        var ages = core
            .Directory.All.Where(member => isTrusted && now - member.FirstSeen < core.Directory.Rules.Probation)
            .Select(member => member.Id)
            .Take(NetworkLimits.MaxExchangeEntries)
            .ToList();
        var request = new OutboundRequest
        {
            Method = "POST",
            Url = new Uri(peer.Url, "exchange"),
            Body = new ExchangeRequest(know, ages).Write(),
            MaxResponseBytes = NetworkLimits.MaxPageBytes,
        };
        var received = peer.Address is { } address
            ? await core.Http.SendToAsync(request, address, stop)
            : await core.Http.SendAsync(request, stop);
        if (
            received.Response.Status != 200
            || !ExchangeResponse.TryRead(received.Response.Body, out var response, out _)
        )
        {
            return;
        }
        foreach (var envelope in response.Records.Take(FederationLimits.CandidatesPerExchange))
        {
            AddCandidate(envelope);
        }
        if (isTrusted && peer.Id is { } reporter)
        {
            foreach (var age in response.Ages)
            {
                AddReport(reporter, age, now);
            }
        }
    }

    /// <summary>Polls some of the candidates. Those that answer become members.</summary>
    public async Task PollCandidatesAsync(int max, CancellationToken stop)
    {
        var now = core.Now;
        var batch = candidates.Values.Take(max).ToArray();
        foreach (var record in batch)
        {
            candidates.Remove(record.Signer);
            polledAt[record.Signer] = now;
        }
        try
        {
            await Task.WhenAll(batch.Select(record => records.AcceptAsync(record, stop)));
        }
        catch (DiskException)
        {
            // They are in memory, and the hourly sweep stores all members again.
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The supernode stops.
        }
    }

    private void AddCandidate(SignedItem envelope)
    {
        var now = core.Now;
        if (!core.Reader.TryRead<NodeRecord>(envelope, now, out var record, out _) || record.Signer == core.Id)
        {
            return;
        }
        if (polledAt.Count > FederationLimits.MaxCandidates)
        {
            polledAt.Clear();
        }
        var isNew =
            core.Directory.Find(record.Signer) is not { } member
            || member.Record.Item.Seq < record.Item.Seq
            || core.Directory.LivenessOf(member, now) == Liveness.Dead;
        var isRecent = polledAt.TryGetValue(record.Signer, out var last) && now - last < FederationLimits.PollInterval;
        if (isNew && !isRecent && candidates.Count < FederationLimits.MaxCandidates)
        {
            candidates[record.Signer] = record;
        }
    }

    private void AddReport(NodeId reporter, NumberedId age, DateTimeOffset now)
    {
        if (core.Directory.Find(age.Id) is { } member && age.Number >= 0 && age.Number <= now.ToUnixTimeMilliseconds())
        {
            member.ReportedFirstSeen[reporter] = DateTimeOffset.FromUnixTimeMilliseconds(age.Number);
        }
    }
}

/// <summary>A supernode to exchange records with.</summary>
/// <param name="Url">Its base URL.</param>
/// <param name="Id">Its id, if it has proven it; null: its report of ages does not count.</param>
/// <param name="Address">The address of its record; null: the URL's host is resolved.</param>
internal sealed record ExchangePeer(Uri Url, NodeId? Id, Endpoint? Address);
