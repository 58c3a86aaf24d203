using Anatomic.Engine.Picking;
using Anatomic.Wire;
using Anatomic.Wire.Peers;

namespace Anatomic.Engine.Tests.Picking;

/// <summary>A source that records what it is asked for.</summary>
internal sealed class FakeSource(int number, PieceSet pieces, uint address = 0)
    : BlockSource(number, Endpoint.FromV4(address == 0 ? (uint)number : address, 6881))
{
    public PieceSet Has { get; set; } = pieces;
    public bool IsChoking { get; set; }
    public long BytesPerSecond { get; set; }
    public List<BlockRange> Asked { get; } = [];
    public List<BlockRange> Cancelled { get; } = [];
    public bool IsInteresting { get; private set; }

    public override PieceSet? Pieces => Has;
    public override bool AcceptsRequests => !IsChoking;
    public override IReadOnlyCollection<PieceIndex>? AllowedPieces => null;
    public override long Rate => BytesPerSecond;

    public override void Request(BlockRange block) => Asked.Add(block);

    public override void Cancel(BlockRange block) => Cancelled.Add(block);

    public override void ShowInterest(bool interested) => IsInteresting = interested;

    public override void Flush() { }

    public override void BlockReceived(int bytes, DateTimeOffset now) { }
}
