using Anatomic.Federation.Pages;
using Anatomic.Wire;
using Anatomic.Wire.Identity;
using Anatomic.Wire.Network;
using Anatomic.World;

namespace Anatomic.Federation.Supernodes;

/// <summary>Takes and gives records: <c>POST /record</c>, <c>GET /records</c>, and the form on the page for people.</summary>
internal sealed class RecordHandler(SupernodeCore core, MemberProber prober)
{
    private const int TypicalRecordBytes = 400;

    private readonly FixedWindowLimiter<Endpoint> sources = new(
        FederationLimits.SubmissionsPerPrefixPerMinute,
        TimeSpan.FromMinutes(1),
        FederationLimits.MaxLimiterKeys
    );
    private readonly FixedWindowLimiter<Endpoint> targets = new(
        FederationLimits.SubmissionsPerTargetPerMinute,
        TimeSpan.FromMinutes(1),
        FederationLimits.MaxLimiterKeys
    );

    public async Task<HttpResponse> PostAsync(InboundRequest call, CancellationToken stop)
    {
        string? failure;
        var status = 422;
        if (!TryAcquireSource(call.From))
        {
            (status, failure) = (429, "too many records from your network; try again in a minute");
        }
        else if (!core.Reader.TryRead<NodeRecord>(call.Body, core.Now, out var record, out var fault))
        {
            failure = fault.ToString();
        }
        else
        {
            failure = await AcceptAsync(record, stop);
        }
        core.Counters.RecordsRejected += failure is null ? 0 : 1;
        return HttpResponses.Bencoded(failure is null ? 200 : status, new RecordResponse(call.From, failure).Write());
    }

    /// <summary>Takes the record that a url shows; gives it, or says why not, for a person.</summary>
    public async Task<(Signed<NodeRecord>? Record, string? Failure)> SubmitAsync(
        Endpoint from,
        string url,
        CancellationToken stop
    )
    {
        if (!TryAcquireSource(from))
        {
            return (null, "Too many submissions from your network; try again in a minute.");
        }
        if (!BaseUrl.TryParse(url.Trim(), out var address, out var fault))
        {
            return (null, fault.What);
        }
        try
        {
            var received = await core.Http.SendAsync(new OutboundRequest { Url = new Uri(address, "record") }, stop);
            if (received.Response.Status != 200)
            {
                return (null, $"{address} answers {received.Response.Status} where a record should be");
            }
            if (!core.Reader.TryRead<NodeRecord>(received.Response.Body, core.Now, out var record, out fault))
            {
                return (null, $"{address} shows no record of this network: {fault}");
            }
            return (record, await AcceptAsync(record, stop));
        }
        catch (NetworkException e)
        {
            return (null, e.Message);
        }
    }

    /// <summary>Proves a record at its own address and takes it; the failure, or null.</summary>
    public async Task<string?> AcceptAsync(Signed<NodeRecord> record, CancellationToken stop)
    {
        if (record.Signer == core.Id)
        {
            return "this is the record of this very supernode";
        }
        var known = core.Directory.Find(record.Signer);
        if (
            known is not null
            && known.Record.Item.Seq >= record.Item.Seq
            && core.Directory.LivenessOf(known, core.Now) == Liveness.Alive
        )
        {
            return null;
        }
        if (core.Network.LimitsSources && !targets.TryAcquire(PrimaryAddress.Of(record.Item), core.Now))
        {
            return "this address was polled within the last minute; try again in a minute";
        }
        try
        {
            await prober.ProveNewAsync(record, core.Network.AllowsPrivate, stop);
        }
        catch (NetworkException e)
        {
            return $"a poll of {record.Item.Urls[0]} at {PrimaryAddress.Of(record.Item)} failed: {e.Message}";
        }
        var outcome = core.Directory.Admit(record, core.Now);
        if (outcome is AdmissionOutcome.PrefixFull or AdmissionOutcome.Full)
        {
            return outcome == AdmissionOutcome.Full
                ? "the directory is full"
                : $"this network (/24 or /48) already has {FederationLimits.MaxNodesPerPrefix} nodes, the most that count";
        }
        if (core.Directory.Find(record.Signer) is { } member)
        {
            if (known is null)
            {
                core.Events.MemberAdded(member.Id, member.Role);
            }
            core.Directory.RecordAnswer(member, core.Now, core.Entropy);
            // What it holds is asked for at once.
            member.NextPoll = core.Now;
            await core.Store.CommitAsync(SupernodeStore.PutMember(new StoreBatch(), member), stop);
        }
        return null;
    }

    /// <summary><c>?role=&amp;after=</c> pages through the live ones by id; <c>?ids=a,b,…</c> gives the live ones of these.</summary>
    public HttpResponse List(Query query)
    {
        if (query.Text("ids") is { } ids)
        {
            return Some(ids);
        }
        var asked = query.Text("role");
        NodeRole? role = asked switch
        {
            "node" => NodeRole.Node,
            "supernode" => NodeRole.Supernode,
            _ => null,
        };
        if (role is null && asked is { Length: > 0 })
        {
            return HttpResponses.Text(400, "role is neither node nor supernode");
        }
        var after = default(NodeId);
        if (query.Text("after") is { Length: > 0 } text && !NodeId.TryParse(text, out after))
        {
            return HttpResponses.Text(400, "after is no id");
        }
        var now = core.Now;
        var records = new List<SignedItem>();
        var bytes = 0;
        NodeId? next = null;
        foreach (var member in core.Directory.All)
        {
            if (
                member.Id <= after && after != default
                || (role is not null && member.Role != role)
                || core.Directory.LivenessOf(member, now) == Liveness.Dead
            )
            {
                continue;
            }
            if (
                bytes + member.Record.Raw.Length + TypicalRecordBytes > FederationLimits.MaxRecordsPageBytes
                || records.Count >= NetworkLimits.MaxRecordsPerPage
            )
            {
                next = after;
                break;
            }
            records.Add(member.Record.Envelope);
            bytes += member.Record.Raw.Length;
            after = member.Id;
        }
        return HttpResponses.Bencoded(200, new RecordList(records, next).Write());
    }

    private HttpResponse Some(string ids)
    {
        var now = core.Now;
        var records = new List<SignedItem>();
        foreach (var text in ids.Split(',').Take(NetworkLimits.MaxCandidates))
        {
            if (!NodeId.TryParse(text, out var id))
            {
                return HttpResponses.Text(400, "ids is no list of ids");
            }
            if (core.Directory.Find(id) is { } member && core.Directory.LivenessOf(member, now) != Liveness.Dead)
            {
                records.Add(member.Record.Envelope);
            }
        }
        return HttpResponses.Bencoded(200, new RecordList(records).Write());
    }

    private bool TryAcquireSource(Endpoint from) =>
        !core.Network.LimitsSources || sources.TryAcquire(AddressRules.PrefixOf(from), core.Now);
}
