namespace Anatomic.Tracker;

/// <summary>How often what was asked; counted from any loop.</summary>
internal sealed class RequestCounters
{
    private static readonly TrackerProtocol[] Protocols = Enum.GetValues<TrackerProtocol>();
    private static readonly RequestOutcome[] Outcomes = Enum.GetValues<RequestOutcome>();

    private readonly long[] counts = new long[Protocols.Length * Outcomes.Length];

    public void Count(TrackerProtocol protocol, RequestOutcome outcome) =>
        Interlocked.Increment(ref counts[At(protocol, outcome)]);

    public IReadOnlyList<RequestCount> Read() =>
        [
            .. from protocol in Protocols
            from outcome in Outcomes
            select new RequestCount(protocol, outcome, Interlocked.Read(ref counts[At(protocol, outcome)])),
        ];

    private static int At(TrackerProtocol protocol, RequestOutcome outcome) =>
        ((int)protocol * Outcomes.Length) + (int)outcome;
}
