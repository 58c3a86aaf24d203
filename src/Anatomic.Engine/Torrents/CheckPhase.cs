using Anatomic.Engine.Hashing;
using Anatomic.Engine.Resume;
using Anatomic.Engine.Settings;
using Anatomic.Wire.Metainfo;

namespace Anatomic.Engine.Torrents;

/// <summary>Compares the data on disk with the hashes, as far as the resume data does not vouch for it.</summary>
internal sealed class CheckPhase(TorrentContext torrent, TorrentMetainfo metainfo) : TorrentPhase
{
    public override TorrentState State => TorrentState.Checking;
    public CheckProgress Progress { get; private set; }

    /// <summary>The running check. It never fails.</summary>
    public Task Work { get; private set; } = Task.CompletedTask;

    /// <summary>Called with the data; false when nobody takes it over, as another phase has begun.</summary>
    public required Func<CheckPhase, TorrentData, OpenedData, bool> Succeeded { get; init; }

    /// <summary>Whether no other phase has begun.</summary>
    public required Func<CheckPhase, bool> IsCurrent { get; init; }

    /// <summary>Called with the reason when the data cannot be used.</summary>
    public required Action<string> Failed { get; init; }

    /// <summary>A missing file is a failure.</summary>
    public bool IsDataExpected { get; init; }

    /// <summary>Without resume data, files of the right length are trusted.</summary>
    public bool SkipsCheck { get; init; }

    /// <summary>Starts the check.</summary>
    public void Start(TorrentSettings settings) => Work = RunAsync(settings);

    public override Task CloseAsync() => Work;

    private async Task RunAsync(TorrentSettings settings)
    {
        try
        {
            var verifier = new PieceVerifier(metainfo, torrent.World.Workers);
            var opened = await new DataOpener(torrent.Disk, torrent.Shared.Resume).OpenAsync(
                new DataRequest
                {
                    Verifier = verifier,
                    Place = settings.Place,
                    Wants = settings.Wants,
                    IsDataExpected = IsDataExpected,
                    SkipsCheck = SkipsCheck,
                    SeedOnly = settings.SeedOnly,
                    Overwrite = settings.Overwrite,
                },
                progress => Progress = progress,
                torrent.Stop
            );
            if (!Succeeded(this, new TorrentData(metainfo, opened.Storage, verifier), opened))
            {
                await opened.Storage.DisposeAsync();
            }
        }
        catch (OperationCanceledException)
        {
            // The torrent was stopped.
        }
        catch (Exception failure)
        {
            if (IsCurrent(this))
            {
                Failed(failure.Message);
            }
        }
    }
}
