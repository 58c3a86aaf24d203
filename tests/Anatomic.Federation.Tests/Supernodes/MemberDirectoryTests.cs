using System.Security.Cryptography;
using Anatomic.Federation.Supernodes;
using Anatomic.Wire;
using Anatomic.Wire.Network;
using Anatomic.World;

namespace Anatomic.Federation.Tests.Supernodes;

public class MemberDirectoryTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly Entropy Even = new EvenEntropy();

    private static MemberDirectory Directory(bool isPrivate = true, TimeSpan probation = default, bool fresh = false) =>
        new(new DirectoryRules(isPrivate, probation, Start, fresh));

    private static Signed<NodeRecord> Record(int number, uint address, long seq = 1, NodeRole role = NodeRole.Node)
    {
        var item = new NodeRecord
        {
            Role = role,
            Urls = [new Uri($"http://n{number}.example/")],
            Addresses = [Endpoint.FromV4(address, 80)],
            Seq = seq,
            Work = 0,
        };
        var key = SHA512.HashData(BitConverter.GetBytes(number));
        var envelope = SignedItem.Assemble(key, new byte[64], item.Write());
        Signed.TryReadUnverified<NodeRecord>(envelope, NetworkName.Main, out var signed, out _).ShouldBeTrue();
        return signed!;
    }

    private static Member Add(MemberDirectory directory, int number, DateTimeOffset now, uint? address = null)
    {
        var record = Record(number, address ?? 0x0100_0000u + ((uint)number << 8));
        directory.Admit(record, now).ShouldBe(AdmissionOutcome.Admitted);
        var member = directory.Find(record.Signer)!;
        directory.RecordAnswer(member, now, Even);
        return member;
    }

    private static void Miss(MemberDirectory directory, Member member, int times, DateTimeOffset now)
    {
        for (var i = 0; i < times; i++)
        {
            directory.RecordMiss(member, now, Even);
        }
    }

    [Fact]
    public void A_member_is_polled_once_a_minute_and_after_a_miss_again_at_15_and_30_seconds()
    {
        var directory = Directory();
        var member = Add(directory, 1, Start);
        (member.NextPoll - Start).ShouldBe(TimeSpan.FromMinutes(1), TimeSpan.FromSeconds(1));
        directory.StartDuePolls(Start, 10).ShouldBeEmpty();
        directory.StartDuePolls(Start.AddMinutes(1.1), 10).ShouldBe([member]);
        directory.StartDuePolls(Start.AddMinutes(1.1), 10).ShouldBeEmpty();
        directory.RecordMiss(member, Start, Even);
        member.NextPoll.ShouldBe(Start.AddSeconds(15));
        directory.RecordMiss(member, Start, Even);
        member.NextPoll.ShouldBe(Start.AddSeconds(30));
    }

    [Fact]
    public void Three_misses_make_a_member_dead_and_one_answer_brings_it_back()
    {
        var directory = Directory();
        var member = Add(directory, 1, Start);
        Add(directory, 2, Start);
        Add(directory, 3, Start);
        Miss(directory, member, 2, Start);
        directory.LivenessOf(member, Start).ShouldBe(Liveness.Alive);
        Miss(directory, member, 1, Start);
        directory.LivenessOf(member, Start).ShouldBe(Liveness.Dead);
        directory.RecordAnswer(member, Start.AddMinutes(5), Even);
        directory.LivenessOf(member, Start.AddMinutes(5)).ShouldBe(Liveness.Alive);
    }

    [Fact]
    public void When_more_than_half_of_the_nodes_vanish_at_once_they_are_doubtful()
    {
        var directory = Directory();
        var members = Enumerable.Range(1, 10).Select(i => Add(directory, i, Start)).ToArray();
        foreach (var member in members)
        {
            Miss(directory, member, 3, Start.AddMinutes(2));
        }
        directory.IsIsolated.ShouldBeTrue();
        members.Count(member => directory.LivenessOf(member, Start.AddMinutes(2)) == Liveness.Doubtful).ShouldBe(10);
        directory.LivenessOf(members[0], Start.AddDays(1)).ShouldBe(Liveness.Doubtful);

        foreach (var member in members.Take(5))
        {
            directory.RecordAnswer(member, Start.AddHours(1), Even);
        }
        directory.IsIsolated.ShouldBeFalse();
        directory.LivenessOf(members[9], Start.AddHours(1)).ShouldBe(Liveness.Dead);
    }

    [Fact]
    public void Isolation_ends_after_ten_minutes_in_which_a_node_answers()
    {
        var directory = Directory();
        var members = Enumerable.Range(1, 5).Select(i => Add(directory, i, Start)).ToArray();
        foreach (var member in members.Take(4))
        {
            Miss(directory, member, 3, Start.AddMinutes(2));
        }
        directory.LivenessOf(members[0], Start.AddMinutes(3)).ShouldBe(Liveness.Doubtful);
        directory.RecordAnswer(members[4], Start.AddMinutes(11), Even);
        directory.IsIsolated.ShouldBeTrue();
        directory.RecordAnswer(members[4], Start.AddMinutes(13), Even);
        directory.IsIsolated.ShouldBeFalse();
        directory.LivenessOf(members[0], Start.AddMinutes(13)).ShouldBe(Liveness.Dead);
    }

    [Fact]
    public void A_public_network_has_at_most_four_nodes_per_prefix()
    {
        var directory = Directory(isPrivate: false);
        for (var i = 0; i < 4; i++)
        {
            Add(directory, i, Start, 0x0101_0100u + (uint)i);
        }
        directory.Admit(Record(9, 0x0101_01FF), Start).ShouldBe(AdmissionOutcome.PrefixFull);
        directory.Admit(Record(9, 0x0101_02FF), Start).ShouldBe(AdmissionOutcome.Admitted);
    }

    [Fact]
    public void Only_a_newer_record_replaces_an_older_one()
    {
        var directory = Directory();
        directory.Admit(Record(1, 0x01010101, seq: 5), Start).ShouldBe(AdmissionOutcome.Admitted);
        directory.Admit(Record(1, 0x01010102, seq: 5), Start).ShouldBe(AdmissionOutcome.NotNewer);
        directory.Admit(Record(1, 0x01010102, seq: 4), Start).ShouldBe(AdmissionOutcome.NotNewer);
        directory.Admit(Record(1, 0x01010103, seq: 6), Start).ShouldBe(AdmissionOutcome.Admitted);
        directory.All.Single().Address.V4.ShouldBe(0x01010103u);
    }

    [Fact]
    public void A_new_node_is_on_probation_except_at_a_supernode_without_state()
    {
        var day = TimeSpan.FromDays(1);
        var settled = Directory(isPrivate: false, day);
        var member = Add(settled, 1, Start.AddHours(2));
        settled.PlacementCandidates(Start.AddHours(3)).ShouldBeEmpty();
        settled.IsOnProbation(member, Start.AddHours(27)).ShouldBeFalse();

        var fresh = Directory(isPrivate: false, day, fresh: true);
        Add(fresh, 1, Start.AddMinutes(10));
        Add(fresh, 2, Start.AddHours(2));
        fresh.PlacementCandidates(Start.AddHours(3)).Count.ShouldBe(1);
    }

    [Fact]
    public void A_node_earns_a_thousand_entries_per_hour_seen_alive()
    {
        var directory = Directory();
        var member = Add(directory, 1, Start);
        directory.QuotaOf(member.Id).ShouldBe(1_000);
        for (var minute = 1; minute <= 180; minute++)
        {
            directory.RecordAnswer(member, Start.AddMinutes(minute), Even);
        }
        directory.QuotaOf(member.Id).ShouldBe(3_000);
    }

    /// <summary>Always draws the middle, so that there is no jitter.</summary>
    private sealed class EvenEntropy : Entropy
    {
        public override Entropy Fork(string purpose) => this;

        public override void Fill(Span<byte> into)
        {
            into.Clear();
            into[^1] = 0x80;
        }
    }
}
