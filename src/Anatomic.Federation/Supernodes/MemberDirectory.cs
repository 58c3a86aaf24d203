using Anatomic.Federation.Placement;
using Anatomic.Wire.Identity;
using Anatomic.Wire.Network;
using Anatomic.World;

namespace Anatomic.Federation.Supernodes;

/// <summary>The result of admitting a proven record to the directory.</summary>
public enum AdmissionOutcome
{
    /// <summary>The record is in the directory.</summary>
    Admitted,

    /// <summary>The directory already has this record or a newer one.</summary>
    NotNewer,

    /// <summary>Its /24 or /48 already has the maximum number of nodes.</summary>
    PrefixFull,

    /// <summary>The directory has the maximum number of members.</summary>
    Full,
}

/// <summary>The rules of a directory.</summary>
/// <param name="IsPrivate">Whether the network is private: no limit per prefix.</param>
/// <param name="Probation">How long a node must be known before placement counts it.</param>
/// <param name="StartedAt">When this supernode started.</param>
/// <param name="HasNoState">Whether it started without stored members: those it meets in the first hour count as
/// old.</param>
public sealed record DirectoryRules(bool IsPrivate, TimeSpan Probation, DateTimeOffset StartedAt, bool HasNoState);

/// <summary>
/// The nodes and supernodes that this supernode has polled itself, with their records, ages and liveness. A decision
/// object: it names the members to poll, and the caller reports the results.
/// </summary>
public sealed class MemberDirectory(DirectoryRules rules)
{
    // Sorted, so that every process visits the members in the same order.
    private readonly SortedDictionary<NodeId, Member> members = [];
    private readonly IsolationDetector isolation = new();

    public DirectoryRules Rules => rules;

    public int Count => members.Count;

    /// <summary>All members by id.</summary>
    public IEnumerable<Member> All => members.Values;

    /// <summary>Increases with every change that may affect placement.</summary>
    public long Generation { get; private set; }

    /// <summary>Whether this supernode assumes that it is cut off itself.</summary>
    public bool IsIsolated => isolation.IsIsolated;

    public Member? Find(NodeId id) => members.GetValueOrDefault(id);

    /// <summary>Admits a record whose owner has just proven itself at the record's address.</summary>
    public AdmissionOutcome Admit(Signed<NodeRecord> record, DateTimeOffset now)
    {
        if (members.TryGetValue(record.Signer, out var known))
        {
            if (known.Record.Item.Seq >= record.Item.Seq)
            {
                return AdmissionOutcome.NotNewer;
            }
            if (IsPrefixFull(record, known))
            {
                return AdmissionOutcome.PrefixFull;
            }
            known.Record = record;
            Generation++;
            return AdmissionOutcome.Admitted;
        }
        if (members.Count >= FederationLimits.MaxMembers)
        {
            return AdmissionOutcome.Full;
        }
        if (IsPrefixFull(record, null))
        {
            return AdmissionOutcome.PrefixFull;
        }
        members[record.Signer] = new Member(record, FirstSeenOf(now)) { NextPoll = now };
        Generation++;
        return AdmissionOutcome.Admitted;
    }

    /// <summary>Restores a stored member. It counts as dead until it answers.</summary>
    public void Restore(Signed<NodeRecord> record, DateTimeOffset firstSeen, TimeSpan seenAlive, DateTimeOffset now)
    {
        members[record.Signer] = new Member(record, firstSeen)
        {
            SeenAlive = seenAlive,
            LastAnswer = now,
            NextPoll = now,
            Misses = FederationLimits.DeadAfterMisses,
            DiedAt = now - FederationLimits.IsolationWindow,
        };
        Generation++;
    }

    public void Forget(NodeId id)
    {
        members.Remove(id);
        Generation++;
    }

    /// <summary>The members whose poll is due, longest due first. They count as being polled from now on.</summary>
    /// <param name="max">The maximum number of members.</param>
    public IReadOnlyList<Member> StartDuePolls(DateTimeOffset now, int max)
    {
        var due = members
            .Values.Where(member => !member.IsPolling && member.NextPoll <= now)
            .OrderBy(member => member.NextPoll)
            .Take(max)
            .ToArray();
        foreach (var member in due)
        {
            member.IsPolling = true;
        }
        return due;
    }

    /// <summary>The member answered a poll with our nonce, signed.</summary>
    public void RecordAnswer(Member member, DateTimeOffset now, Entropy entropy)
    {
        var isBack = member.DiedAt is not null || member.LastAnswer == default;
        if (!isBack)
        {
            var since = now - member.LastAnswer;
            member.SeenAlive += since < 3 * FederationLimits.PollInterval ? since : FederationLimits.PollInterval;
        }
        member.Answers++;
        member.Misses = 0;
        member.DiedAt = null;
        member.LastAnswer = now;
        member.NextPoll = now + WithJitter(FederationLimits.PollInterval, entropy);
        if (isBack)
        {
            Generation++;
        }
        UpdateIsolation(now);
    }

    /// <summary>The member's poll failed: without an answer, with an invalid one, or with one of another id.</summary>
    public void RecordMiss(Member member, DateTimeOffset now, Entropy entropy)
    {
        member.Misses++;
        if (member.Misses == FederationLimits.DeadAfterMisses)
        {
            member.DiedAt = now;
            Generation++;
        }
        var deadFor = now - (member.DiedAt ?? now);
        var interval =
            deadFor < FederationLimits.DeadPollInterval
                ? FederationLimits.PollInterval
                : FederationLimits.DeadPollInterval;
        member.NextPoll =
            now
            + member.Misses switch
            {
                1 => FederationLimits.RetryAfterFirstMiss,
                2 => FederationLimits.RetryAfterSecondMiss,
                _ => WithJitter(interval, entropy),
            };
        UpdateIsolation(now);
    }

    /// <summary>Members dead for so long that they must be forgotten.</summary>
    public IReadOnlyList<NodeId> Expired(DateTimeOffset now) =>
        [
            .. members
                .Values.Where(member => member.DiedAt is { } died && now - died > FederationLimits.ForgetDeadAfter)
                .Select(member => member.Id),
        ];

    public Liveness LivenessOf(Member member, DateTimeOffset now)
    {
        if (member.LastAnswer == default)
        {
            return Liveness.Dead;
        }
        return member.DiedAt is not { } died ? Liveness.Alive
            : isolation.Covers(died, now) ? Liveness.Doubtful
            : Liveness.Dead;
    }

    /// <summary>Members of a role that are not dead, by id.</summary>
    public IEnumerable<Member> Live(NodeRole role, DateTimeOffset now) =>
        members.Values.Where(member => member.Role == role && LivenessOf(member, now) != Liveness.Dead);

    /// <summary>Whether placement does not count a node yet.</summary>
    public bool IsOnProbation(Member member, DateTimeOffset now) => now - member.KnownSince < rules.Probation;

    /// <summary>The nodes that placement ranks.</summary>
    public IReadOnlyList<PlacementCandidate> PlacementCandidates(DateTimeOffset now) =>
        [
            .. Live(NodeRole.Node, now)
                .Where(member => !IsOnProbation(member, now))
                .Select(member => new PlacementCandidate(
                    member.Id,
                    member.Prefix(rules.IsPrivate),
                    member.Record.Item.Weight
                )),
        ];

    /// <summary>The number of index entries that a node may have.</summary>
    public int QuotaOf(NodeId node)
    {
        var hours = members.TryGetValue(node, out var member) ? member.SeenAlive.TotalHours : 0;
        return (int)
            Math.Min(FederationLimits.MaxIndexEntries, FederationLimits.IndexEntriesPerHour * Math.Max(1, hours));
    }

    /// <summary>Whether a record's prefix has the maximum number of nodes besides this member.</summary>
    private bool IsPrefixFull(Signed<NodeRecord> record, Member? itself)
    {
        if (rules.IsPrivate || record.Item.Role != NodeRole.Node)
        {
            return false;
        }
        var prefix = PlacementPrefix.Of(record.Item.Addresses, rules.IsPrivate);
        var others = members.Values.Count(member =>
            member != itself && member.Role == NodeRole.Node && member.Prefix(rules.IsPrivate) == prefix
        );
        return others >= FederationLimits.MaxNodesPerPrefix;
    }

    private DateTimeOffset FirstSeenOf(DateTimeOffset now) =>
        rules.HasNoState && now - rules.StartedAt < FederationLimits.BootstrapPeriod ? now - rules.Probation : now;

    private void UpdateIsolation(DateTimeOffset now)
    {
        var wasIsolated = isolation.IsIsolated;
        isolation.Update(members.Values.Where(member => member.Role == NodeRole.Node), now);
        if (wasIsolated != isolation.IsIsolated)
        {
            Generation++;
        }
    }

    private static TimeSpan WithJitter(TimeSpan around, Entropy entropy) => around * (0.8 + 0.4 * entropy.NextDouble());
}
