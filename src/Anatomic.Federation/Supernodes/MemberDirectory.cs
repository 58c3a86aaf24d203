using Anatomic.Federation.Placement;
using Anatomic.Wire.Identity;
using Anatomic.Wire.Network;
using Anatomic.World;

namespace Anatomic.Federation.Supernodes;

/// <summary>What became of a record that a poll has proven.</summary>
public enum AdmissionOutcome
{
    Taken,

    /// <summary>The same or a newer one is known.</summary>
    NothingNew,

    /// <summary>Its /24 or /48 already has as many nodes as one network may have.</summary>
    PrefixFull,

    /// <summary>The directory is full.</summary>
    Full,
}

/// <summary>What a directory is made with.</summary>
/// <param name="Private">A private network: no caps a prefix.</param>
/// <param name="Probation">How long a node must have been known before placement counts it.</param>
/// <param name="Started">When this supernode started.</param>
/// <param name="Fresh">It has no state: what it meets in the first hour counts as old.</param>
public sealed record DirectoryRules(bool Private, TimeSpan Probation, DateTimeOffset Started, bool Fresh);

/// <summary>
/// The nodes and supernodes that this supernode has polled itself: their records, ages and liveness. A decision object: no
/// clock, no locks; it says whom to poll and is told what came of it.
/// </summary>
public sealed class MemberDirectory(DirectoryRules rules)
{
    // Sorted, so that what is walked comes in the same order in every process.
    private readonly SortedDictionary<NodeId, Member> members = [];
    private readonly IsolationDetector suspicion = new();

    public DirectoryRules Rules => rules;

    public int Count => members.Count;

    /// <summary>All members by id.</summary>
    public IEnumerable<Member> All => members.Values;

    /// <summary>Grows with every change that placement may feel.</summary>
    public long Generation { get; private set; }

    public Member? Find(NodeId id) => members.GetValueOrDefault(id);

    /// <summary>Takes a record whose owner has just proven itself at the record's address.</summary>
    public AdmissionOutcome Adopt(Signed<NodeRecord> record, DateTimeOffset now)
    {
        if (members.TryGetValue(record.Signer, out var known))
        {
            if (known.Record.Item.Seq >= record.Item.Seq)
            {
                return AdmissionOutcome.NothingNew;
            }
            if (MovesInto(record, known) is { } full)
            {
                return full;
            }
            known.Record = record;
            Generation++;
            return AdmissionOutcome.Taken;
        }
        if (members.Count >= SupernodeLimits.MaxMembers)
        {
            return AdmissionOutcome.Full;
        }
        if (MovesInto(record, null) is { } crowded)
        {
            return crowded;
        }
        members[record.Signer] = new Member(record, FirstSeenOf(now)) { NextPoll = now };
        Generation++;
        return AdmissionOutcome.Taken;
    }

    /// <summary>Puts back what the store has kept; it counts as dead until it answers.</summary>
    public void Restore(Signed<NodeRecord> record, DateTimeOffset firstSeen, TimeSpan seenAlive, DateTimeOffset now)
    {
        members[record.Signer] = new Member(record, firstSeen)
        {
            SeenAlive = seenAlive,
            LastAnswer = now,
            NextPoll = now,
            Misses = SupernodeLimits.DeadAfterMisses,
            DiedAt = now - SupernodeLimits.SuspicionWindow,
        };
        Generation++;
    }

    public void Forget(NodeId id)
    {
        members.Remove(id);
        Generation++;
    }

    /// <summary>Marks those whose poll is due, at most <paramref name="most"/>, as being polled and gives them.</summary>
    public IReadOnlyList<Member> TakeDue(DateTimeOffset now, int most)
    {
        var due = members
            .Values.Where(member => !member.Polling && member.NextPoll <= now)
            .OrderBy(member => member.NextPoll)
            .Take(most)
            .ToArray();
        foreach (var member in due)
        {
            member.Polling = true;
        }
        return due;
    }

    /// <summary>The member's poll was answered, signed with our nonce.</summary>
    public void Answered(Member member, DateTimeOffset now, Entropy entropy)
    {
        var back = member.DiedAt is not null || member.LastAnswer == default;
        if (!back)
        {
            var since = now - member.LastAnswer;
            member.SeenAlive += since < 3 * SupernodeLimits.PollEvery ? since : SupernodeLimits.PollEvery;
        }
        member.Answers++;
        member.Misses = 0;
        member.DiedAt = null;
        member.LastAnswer = now;
        member.NextPoll = now + Jittered(SupernodeLimits.PollEvery, entropy);
        if (back)
        {
            Generation++;
        }
        Weigh(now);
    }

    /// <summary>The member's poll failed: no answer, a wrong one, or one of somebody else.</summary>
    public void Missed(Member member, DateTimeOffset now, Entropy entropy)
    {
        member.Misses++;
        if (member.Misses == SupernodeLimits.DeadAfterMisses)
        {
            member.DiedAt = now;
            Generation++;
        }
        var silent = now - (member.DiedAt ?? now);
        member.NextPoll =
            now
            + member.Misses switch
            {
                1 => SupernodeLimits.RetryAfterFirstMiss,
                2 => SupernodeLimits.RetryAfterSecondMiss,
                _ => Jittered(
                    silent < SupernodeLimits.PollDeadEvery ? SupernodeLimits.PollEvery : SupernodeLimits.PollDeadEvery,
                    entropy
                ),
            };
        Weigh(now);
    }

    /// <summary>Those dead for so long that they are forgotten.</summary>
    public IReadOnlyList<NodeId> Expired(DateTimeOffset now) =>
        [
            .. members
                .Values.Where(member => member.DiedAt is { } died && now - died > SupernodeLimits.ForgetAfter)
                .Select(member => member.Id),
        ];

    public Liveness LivenessOf(Member member, DateTimeOffset now)
    {
        if (member.LastAnswer == default)
        {
            return Liveness.Dead;
        }
        return member.DiedAt is not { } died ? Liveness.Alive
            : suspicion.Excuses(died, now) ? Liveness.Doubtful
            : Liveness.Dead;
    }

    /// <summary>This supernode believes that it is cut off itself.</summary>
    public bool SuspectsItself => suspicion.IsOn;

    /// <summary>Members of a role that are not dead, by id.</summary>
    public IEnumerable<Member> Live(NodeRole role, DateTimeOffset now) =>
        members.Values.Where(member => member.Role == role && LivenessOf(member, now) != Liveness.Dead);

    /// <summary>Whether placement counts a node yet.</summary>
    public bool IsOnProbation(Member member, DateTimeOffset now) => now - member.KnownSince < rules.Probation;

    /// <summary>The nodes that placement draws among.</summary>
    public IReadOnlyList<PlacementCandidate> PlacementCandidates(DateTimeOffset now) =>
        [
            .. Live(NodeRole.Node, now)
                .Where(member => !IsOnProbation(member, now))
                .Select(member => new PlacementCandidate(
                    member.Id,
                    member.Prefix(rules.Private),
                    member.Record.Item.Weight
                )),
        ];

    /// <summary>How many entries of the index a node may have.</summary>
    public int QuotaOf(NodeId node)
    {
        var hours = members.TryGetValue(node, out var member) ? member.SeenAlive.TotalHours : 0;
        return (int)Math.Min(SupernodeLimits.MaxIndexEntries, SupernodeLimits.EntriesANodeAnHour * Math.Max(1, hours));
    }

    private AdmissionOutcome? MovesInto(Signed<NodeRecord> record, Member? itself)
    {
        if (rules.Private || record.Item.Role != NodeRole.Node)
        {
            return null;
        }
        var prefix = PlacementPrefix.Of(record.Item.Addresses, rules.Private);
        var others = members.Values.Count(member =>
            member != itself && member.Role == NodeRole.Node && member.Prefix(rules.Private) == prefix
        );
        return others >= FederationLimits.MaxNodesPerPrefix ? AdmissionOutcome.PrefixFull : null;
    }

    private DateTimeOffset FirstSeenOf(DateTimeOffset now) =>
        rules.Fresh && now - rules.Started < SupernodeLimits.FirstMeetings ? now - rules.Probation : now;

    private void Weigh(DateTimeOffset now)
    {
        var was = suspicion.IsOn;
        suspicion.Weigh(members.Values.Where(member => member.Role == NodeRole.Node), now);
        if (was != suspicion.IsOn)
        {
            Generation++;
        }
    }

    private static TimeSpan Jittered(TimeSpan around, Entropy entropy) => around * (0.8 + 0.4 * entropy.NextDouble());
}
