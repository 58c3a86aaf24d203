using Anatomic.Tracker.Requests;
using Anatomic.Tracker.Statistics;
using Anatomic.Wire.Trackers;

namespace Anatomic.Tracker.Tests.Requests;

public class FailureReasonTests
{
    [Fact]
    public void A_reason_fits_into_a_UDP_error_that_is_not_longer_than_an_announce()
    {
        foreach (var outcome in Enum.GetValues<RequestOutcome>())
        {
            var errorBytes = UdpServerCodec.ErrorHeaderBytes + FailureReasons.For(outcome).Length;
            errorBytes.ShouldBeLessThanOrEqualTo(UdpClientCodec.AnnounceBytes);
        }
    }
}
