using Anatomic.Federation.Pages;
using Anatomic.Wire;
using Anatomic.Wire.Identity;
using Anatomic.Wire.Network;
using Anatomic.World;

namespace Anatomic.Federation.Supernodes;

/// <summary>
/// Accepts and lists records: <c>POST /record</c>, <c>GET /records</c>, and the form on the directory page.
/// </summary>
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

    public async Task<HttpResponse> PostAsync(InboundRequest request, CancellationToken stop)
    {
        string? failure;
        var status = 422;
        if (!TryAcquireSource(request.From))
        {
            (status, failure) = (429, "your network sent too many records; try again in a minute");
        }
        else if (!core.Reader.TryRead<NodeRecord>(request.Body, core.Now, out var record, out var fault))
        {
            failure = fault.ToString();
        }
        else
        {
            failure = await AcceptAsync(record, stop);
        }
        core.Counters.RecordsRejected += failure is null ? 0 : 1;
        return HttpResponses.Bencoded(
            failure is null ? 200 : status,
            new RecordResponse(request.From, failure).Write()
        );
    }

    /// <summary>
    /// Fetches the record of a submitted URL and accepts it. Returns the record, or the reason why not, for a person.
    /// </summary>
    public async Task<(Signed<NodeRecord>? Record, string? Failure)> SubmitAsync(
        Endpoint from,
        string url,
        CancellationToken stop
    )
    {
        if (!TryAcquireSource(from))
        {
            return (null, "your network sent too many submissions; try again in a minute");
        }
        if (!BaseUrl.TryParse(url.Trim(), out var address, out var fault))
        {
            return (null, fault.What);
        }
        try
        {
            var request = new OutboundRequest { Url = new Uri(address, "record") };
            var response = (await core.Http.SendAsync(request, stop)).Response;
            if (response.Status != 200)
            {
                return (null, $"{address} answers the request for its record with status {response.Status}");
            }
            if (!core.Reader.TryRead<NodeRecord>(response.Body, core.Now, out var record, out fault))
            {
                return (null, $"{address} has no valid record of this network: {fault}");
            }
            return (record, await AcceptAsync(record, stop));
        }
        catch (NetworkException e)
        {
            return (null, e.Message);
        }
    }

    /// <summary>Proves a record at its own address and admits it. Returns the reason of a rejection, or null.</summary>
    public async Task<string?> AcceptAsync(Signed<NodeRecord> record, CancellationToken stop)
    {
        if (record.Signer == core.Id)
        {
            return "this is this supernode's own record";
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
            return $"the poll of {record.Item.Urls[0]} at {PrimaryAddress.Of(record.Item)} failed: {e.Message}";
        }
        switch (core.Directory.Admit(record, core.Now))
        {
            case AdmissionOutcome.Full:
                return "the directory is full";
            case AdmissionOutcome.PrefixFull:
                return $"this network (/24 or /48) already has {FederationLimits.MaxNodesPerPrefix} nodes, the limit";
        }
        if (core.Directory.Find(record.Signer) is { } member)
        {
            if (known is null)
            {
                core.Events.MemberAdded(member.Id, member.Role);
            }
            core.Directory.RecordAnswer(member, core.Now, core.Entropy);
            // Its manifest is read at once.
            member.NextPoll = core.Now;
            await core.Store.CommitAsync(SupernodeStore.PutMember(new StoreBatch(), member), stop);
        }
        return null;
    }

    /// <summary>
    /// <c>?role=&amp;after=</c>: pages of live members by id. <c>?ids=a,b,…</c>: those of these members that are live.
    /// </summary>
    public HttpResponse List(Query query)
    {
        if (query.Text("ids") is { } ids)
        {
            return ListByIds(ids);
        }
        var roleText = query.Text("role");
        NodeRole? role = roleText switch
        {
            "node" => NodeRole.Node,
            "supernode" => NodeRole.Supernode,
            _ => null,
        };
        if (role is null && roleText is { Length: > 0 })
        {
            return HttpResponses.Text(400, "role must be node or supernode");
        }
        var after = default(NodeId);
        if (query.Text("after") is { Length: > 0 } text && !NodeId.TryParse(text, out after))
        {
            return HttpResponses.Text(400, "after must be an id");
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

    private HttpResponse ListByIds(string ids)
    {
        var now = core.Now;
        var records = new List<SignedItem>();
        foreach (var text in ids.Split(',').Take(NetworkLimits.MaxCandidates))
        {
            if (!NodeId.TryParse(text, out var id))
            {
                return HttpResponses.Text(400, "ids must be ids separated by commas");
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
