using Anatomic.Federation.Pages;
using Anatomic.Wire;
using Anatomic.Wire.Identity;
using Anatomic.Wire.Network;
using Anatomic.World;

namespace Anatomic.Federation.Supernodes;

/// <summary>
/// Anti-entropy of records between supernodes. What comes in is only a candidate until this supernode has polled it itself.
/// </summary>
internal sealed class ExchangeHandler(SupernodeCore core, RecordHandler records)
{
    // Sorted: what is polled first must not hang on the process.
    private readonly SortedDictionary<NodeId, Signed<NodeRecord>> candidates = [];
    private readonly Dictionary<NodeId, DateTimeOffset> triedAt = [];

    public int Candidates => candidates.Count;

    /// <summary><c>POST /exchange</c>: the live records that the asker lacks.</summary>
    public HttpResponse Answer(InboundRequest call)
    {
        if (!ExchangeRequest.TryRead(call.Body, out var ask, out var fault))
        {
            return HttpResponses.Line(422, fault.ToString());
        }
        var known = new Dictionary<NodeId, long>();
        foreach (var entry in ask.Know)
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
        foreach (var id in ask.Ages)
        {
            if (core.Directory.Find(id) is { } member)
            {
                ages.Add(new NumberedId(id, Math.Max(0, member.FirstSeen.ToUnixTimeMilliseconds())));
            }
        }
        var reply = new ExchangeResponse(
            [.. lacking.Take(SupernodeLimits.MaxExchangedRecords).Select(record => record.Envelope)],
            ages
        );
        return HttpResponses.Bencoded(200, reply.Write());
    }

    /// <summary>Asks one supernode what this one lacks.</summary>
    /// <param name="peer">Whom.</param>
    /// <param name="trusted">The operator named it: its word about ages counts.</param>
    /// <param name="stop">Ends the request.</param>
    public async Task AskAsync(ExchangePeer peer, bool trusted, CancellationToken stop)
    {
        var now = core.Now;
        var know = core
            .Directory.All.Where(member => core.Directory.LivenessOf(member, now) != Liveness.Dead)
            .Select(member => new NumberedId(member.Id, member.Record.Item.Seq))
            .Take(SupernodeMessageLimits.MaxExchangeEntries)
            .ToList();
        var ages = core
            .Directory.All.Where(member => trusted && now - member.FirstSeen < core.Directory.Rules.Probation)
            .Select(member => member.Id)
            .Take(SupernodeMessageLimits.MaxExchangeEntries)
            .ToList();
        var ask = new OutboundRequest
        {
            Method = "POST",
            Url = new Uri(peer.Url, "exchange"),
            Body = new ExchangeRequest(know, ages).Write(),
            MaxResponseBytes = NetworkLimits.MaxPageBytes,
        };
        var received = peer.Dial is { } dial
            ? await core.Http.SendToAsync(ask, dial, stop)
            : await core.Http.SendAsync(ask, stop);
        if (received.Response.Status != 200 || !ExchangeResponse.TryRead(received.Response.Body, out var reply, out _))
        {
            return;
        }
        foreach (var envelope in reply.Records.Take(SupernodeLimits.CandidatesAGiverAMinute))
        {
            AddCandidate(envelope);
        }
        if (trusted && peer.Id is { } giver)
        {
            foreach (var age in reply.Ages)
            {
                Remember(giver, age, now);
            }
        }
    }

    /// <summary>Polls some of the candidates; those that answer are members.</summary>
    public async Task TryCandidatesAsync(int most, CancellationToken stop)
    {
        var now = core.Now;
        var batch = candidates.Values.Take(most).ToArray();
        foreach (var record in batch)
        {
            candidates.Remove(record.Signer);
            triedAt[record.Signer] = now;
        }
        try
        {
            await Task.WhenAll(batch.Select(record => records.TakeAsync(record, stop)));
        }
        catch (DiskException)
        {
            // Known in memory; the hourly sweep writes all members again.
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The usual end.
        }
    }

    private void AddCandidate(SignedItem envelope)
    {
        var now = core.Now;
        if (!core.Reader.TryRead<NodeRecord>(envelope, now, out var record, out _) || record.Signer == core.Id)
        {
            return;
        }
        if (triedAt.Count > SupernodeLimits.MaxCandidates)
        {
            triedAt.Clear();
        }
        var newer =
            core.Directory.Find(record.Signer) is not { } member
            || member.Record.Item.Seq < record.Item.Seq
            || core.Directory.LivenessOf(member, now) == Liveness.Dead;
        var triedNow = triedAt.TryGetValue(record.Signer, out var tried) && now - tried < SupernodeLimits.PollEvery;
        if (newer && !triedNow && candidates.Count < SupernodeLimits.MaxCandidates)
        {
            candidates[record.Signer] = record;
        }
    }

    private void Remember(NodeId giver, NumberedId age, DateTimeOffset now)
    {
        if (core.Directory.Find(age.Id) is { } member && age.Number >= 0 && age.Number <= now.ToUnixTimeMilliseconds())
        {
            member.Words[giver] = DateTimeOffset.FromUnixTimeMilliseconds(age.Number);
        }
    }
}

/// <param name="Url">The supernode's base url.</param>
/// <param name="Id">Its id, when it has proven it; null: its word about ages does not count.</param>
/// <param name="Dial">The address of its record; null: the url's host is resolved.</param>
internal sealed record ExchangePeer(Uri Url, NodeId? Id, Endpoint? Dial);
