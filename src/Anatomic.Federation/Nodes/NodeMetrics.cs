using Anatomic.Federation.Monitoring;

namespace Anatomic.Federation.Nodes;

/// <summary>A node's metrics.</summary>
internal static class NodeMetrics
{
    public static IReadOnlyList<Metric> Of(NodeCore core)
    {
        var counters = core.Counters;
        return
        [
            Metric.Gauge(
                "anatomic_uptime_seconds",
                "Time since the start.",
                (core.Now - counters.StartedAt).TotalSeconds
            ),
            Metric.Gauge("anatomic_node_plants", "Orders held.", core.Ledger.Count),
            Metric.Counter("anatomic_node_orders_taken_total", "Orders accepted.", counters.OrdersAccepted),
            Metric.Counter(
                "anatomic_node_orders_refused_total",
                "Orders rejected, by reason.",
                [
                    .. Enum.GetValues<OrderRejection>()
                        .Where(reason => reason != OrderRejection.None)
                        .Select(reason => new MetricSample(
                            counters.OrdersRejected[(int)reason],
                            MetricLabel.Enum("reason", reason)
                        )),
                ]
            ),
            Metric.Gauge(
                "anatomic_node_partners",
                "Other nodes that hold an order with this one.",
                core.Sharing.Partners.Count(partner => partner.IsHolder)
            ),
            Metric.Counter("anatomic_node_partners_lost_total", "Partners found dead.", counters.PartnersLost),
            Metric.Counter("anatomic_node_carries_total", "Carries sent to fill a gap.", counters.Carries),
            Metric.Counter("anatomic_node_batches_sent_total", "Batches that partners accepted.", counters.BatchesSent),
            Metric.Counter("anatomic_node_batches_failed_total", "Batches that failed.", counters.BatchesFailed),
            Metric.Counter(
                "anatomic_node_batches_taken_total",
                "Batches accepted from partners.",
                counters.BatchesAccepted
            ),
            Metric.Counter("anatomic_node_batches_refused_total", "Batches rejected.", counters.BatchesRejected),
            Metric.Counter("anatomic_node_manifest_polls_total", "Manifest polls answered.", counters.ManifestPolls),
            Metric.Gauge(
                "anatomic_node_supernodes_configured",
                "Supernodes configured.",
                core.Options.Supernodes.Count
            ),
            Metric.Gauge(
                "anatomic_node_supernodes",
                "Supernodes that accepted the record.",
                core.Registration.AcceptedBy
            ),
            .. core.Options.MoreMetrics(),
        ];
    }
}
