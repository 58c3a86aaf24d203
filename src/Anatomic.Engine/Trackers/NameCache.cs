using System.Net;
using Anatomic.World;

namespace Anatomic.Engine.Trackers;

/// <summary>
/// Resolves the names of trackers: once at a time for each, and again only after a while. Used on one loop.
/// </summary>
internal sealed class NameCache(INetwork network, AnnounceIdentity identity, CancellationToken stop)
{
    private readonly Dictionary<string, Entry> entries = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Names that are remembered.</summary>
    public int Count => entries.Count;

    /// <exception cref="NetworkException">The name cannot be resolved; it is not tried again for some time.</exception>
    public async Task<IReadOnlyList<IPAddress>> ResolveAsync(string host, CancellationToken caller)
    {
        if (IPAddress.TryParse(host, out var written))
        {
            return [written];
        }
        if (!entries.TryGetValue(host, out var entry) || (entry.Resolving.IsCompleted && entry.Expires <= Now))
        {
            MakeRoom();
            entry = new Entry();
            entries[host] = entry;
            entry.Resolving = ResolveAsync(host, entry);
        }
        await entry.Resolving.WaitAsync(caller);
        return entry.Addresses ?? throw new NetworkException(entry.Failure);
    }

    /// <summary>Prefers the name's other addresses of the same family from now on, as this one failed.</summary>
    public void AddressFailed(string host, IPAddress address)
    {
        if (entries.TryGetValue(host, out var entry) && entry.Addresses?.Contains(address) == true)
        {
            entry.Addresses = [.. entry.Addresses.Where(other => !other.Equals(address)), address];
        }
    }

    private DateTimeOffset Now => identity.Now;

    private async Task ResolveAsync(string host, Entry entry)
    {
        try
        {
            entry.Addresses = await network.ResolveAsync(host, stop);
            entry.Expires = Now + EngineLimits.NameLifetime;
        }
        catch (Exception failure) when (failure is NetworkException or OperationCanceledException)
        {
            entry.Failure = failure.Message;
            entry.Expires = Now + EngineLimits.FailedNameLifetime;
        }
    }

    private void MakeRoom()
    {
        if (entries.Count < EngineLimits.MaxTrackerHosts)
        {
            return;
        }
        foreach (var (host, entry) in entries)
        {
            if (entry.Resolving.IsCompleted)
            {
                entries.Remove(host);
            }
        }
    }

    private sealed class Entry
    {
        public Task Resolving { get; set; } = Task.CompletedTask;
        public IReadOnlyList<IPAddress>? Addresses { get; set; }
        public string Failure { get; set; } = "";
        public DateTimeOffset Expires { get; set; }
    }
}
