namespace Anatomic.Federation.Supernodes;

/// <summary>Bounds of what a supernode takes, keeps and waits for; protocol version 1.</summary>
public static class SupernodeLimits
{
    /// <summary>Nodes and supernodes in the directory: a slot of the index has 16 bits.</summary>
    public const int MaxMembers = 60_000;

    /// <summary>Records heard of from other supernodes and not polled yet.</summary>
    public const int MaxCandidates = 10_000;

    /// <summary>Records that one giver may make candidates in a minute.</summary>
    public const int CandidatesAGiverAMinute = 200;

    /// <summary>POST /record of one source prefix in a minute; each makes us send a request.</summary>
    public const int SubmissionsASourceAMinute = 10;

    /// <summary>Polls of one target in a minute that strangers can cause.</summary>
    public const int SubmissionsATargetAMinute = 1;

    /// <summary>Entries of the whole index: about 100 MiB.</summary>
    public const int MaxIndexEntries = 2_000_000;

    /// <summary>Entries of a node for every hour that it was seen alive.</summary>
    public const int EntriesANodeAnHour = 1_000;

    /// <summary>Nodes that /place gives at most.</summary>
    public const int MaxPlaced = 24;

    /// <summary>Body of a /records page.</summary>
    public const int MaxRecordsPageBytes = 256 * 1024;

    /// <summary>Records that an /exchange answer gives at most; the next round brings the rest.</summary>
    public const int MaxExchangedRecords = 200;

    /// <summary>Lookups passed on to other supernodes in a second.</summary>
    public const int HopsASecond = 50;

    /// <summary>Answers of other supernodes remembered at a time.</summary>
    public const int MaxRemembered = 20_000;

    /// <summary>Polls under way at a time.</summary>
    public const int PollsAtOnce = 32;

    /// <summary>
    /// Orders of a node remembered as refused, 32 bytes each; a node with more is a liar, or so large that its quota will take days to
    /// hold them.
    /// </summary>
    public const int MaxRefusedANode = 20_000;

    /// <summary>
    /// Time for one poll of a manifest; the next one goes on where it ended. Longer, and slow nodes would take all places of
    /// <see cref="PollsAtOnce"/>.
    /// </summary>
    public static readonly TimeSpan FollowFor = TimeSpan.FromSeconds(20);

    /// <summary>A whole list that differed from its own head is not taken again before this time.</summary>
    public static readonly TimeSpan MismatchAskedAgain = TimeSpan.FromMinutes(10);

    /// <summary>Usual time between two polls of a member, spread by a fifth either way.</summary>
    public static readonly TimeSpan PollEvery = TimeSpan.FromMinutes(1);

    /// <summary>After a first and second miss it is asked again this soon, so that a dead node is out within two minutes.</summary>
    public static readonly TimeSpan RetryAfterFirstMiss = TimeSpan.FromSeconds(15);

    /// <summary>See <see cref="RetryAfterFirstMiss"/>; counted from the second miss, so that the third try is 30 s after it.</summary>
    public static readonly TimeSpan RetryAfterSecondMiss = TimeSpan.FromSeconds(30);

    /// <summary>Misses that make a member dead.</summary>
    public const int DeadAfterMisses = 3;

    /// <summary>A dead member is asked less and less often, at least this often.</summary>
    public static readonly TimeSpan PollDeadEvery = TimeSpan.FromMinutes(10);

    /// <summary>A dead member is forgotten after this time.</summary>
    public static readonly TimeSpan ForgetAfter = TimeSpan.FromDays(7);

    /// <summary>More than half of the nodes gone within this time: it is rather this supernode that is cut off.</summary>
    public static readonly TimeSpan SuspicionWindow = TimeSpan.FromMinutes(3);

    /// <summary>
    /// Suspicion of oneself ends after this time when somebody answers: then those who do not are gone indeed. As long as a
    /// partner waits before it calls a holder lost.
    /// </summary>
    public static readonly TimeSpan SuspicionEnds = TimeSpan.FromMinutes(10);

    /// <summary>A supernode without state counts what it meets in this time as old.</summary>
    public static readonly TimeSpan FirstMeetings = TimeSpan.FromHours(1);

    /// <summary>How often a whole list is taken for the sake of entries that were refused, since quotas grow.</summary>
    public static readonly TimeSpan RefusedAskedAgain = TimeSpan.FromHours(1);

    /// <summary>How often orders that nobody holds any more are swept out of the store.</summary>
    public static readonly TimeSpan SweepEvery = TimeSpan.FromHours(1);

    /// <summary>How often its own record is offered to the supernodes that it exchanges with.</summary>
    public static readonly TimeSpan OfferEvery = TimeSpan.FromMinutes(10);

    /// <summary>How long a receipt counts before a manifest must have confirmed it.</summary>
    public static readonly TimeSpan ReceiptCounts = TimeSpan.FromMinutes(3);

    /// <summary>How long the answer of another supernode, a miss too, is remembered.</summary>
    public static readonly TimeSpan HopRemembered = TimeSpan.FromSeconds(30);

    /// <summary>Time between two exchanges of records with a supernode.</summary>
    public static readonly TimeSpan ExchangeEvery = TimeSpan.FromMinutes(1);

    /// <summary>What a client of an unknown torrent is told to wait (BEP 31 counts in minutes).</summary>
    public const int RetryInMinutes = 2;
}
