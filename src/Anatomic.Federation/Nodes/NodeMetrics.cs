using Anatomic.Federation.Monitoring;

namespace Anatomic.Federation.Nodes;

/// <summary>A node's figures for monitoring.</summary>
internal static class NodeMetrics
{
    public static IReadOnlyList<Metric> Of(NodeCore core)
    {
        var counters = core.Counters;
        return
        [
            Metric.Gauge("anatomic_uptime_seconds", "Since the start.", (core.Now - counters.StartedAt).TotalSeconds),
            Metric.Gauge("anatomic_node_plants", "Orders held.", core.Ledger.Count),
            Metric.Counter("anatomic_node_orders_taken_total", "Orders taken.", counters.OrdersAccepted),
            Metric.Counter(
                "anatomic_node_orders_refused_total",
                "Orders refused, by reason.",
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
                "Nodes that hold an order together with this one.",
                core.Sharing.Partners.Count(partner => partner.IsHolder)
            ),
            Metric.Counter("anatomic_node_partners_lost_total", "Partners found dead.", counters.PartnersLost),
            Metric.Counter("anatomic_node_carries_total", "Orders carried to fill a gap.", counters.Carries),
            Metric.Counter("anatomic_node_batches_sent_total", "Batches of peers that arrived.", counters.BatchesSent),
            Metric.Counter("anatomic_node_batches_failed_total", "Batches that did not.", counters.BatchesFailed),
            Metric.Counter("anatomic_node_batches_taken_total", "Batches of partners.", counters.BatchesAccepted),
            Metric.Counter("anatomic_node_batches_refused_total", "Batches refused.", counters.BatchesRejected),
            Metric.Counter("anatomic_node_manifest_polls_total", "Polls of the manifest.", counters.ManifestPolls),
            Metric.Gauge(
                "anatomic_node_supernodes_configured",
                "Supernodes that it is to register at.",
                core.Options.Supernodes.Count
            ),
            Metric.Gauge("anatomic_node_supernodes", "Supernodes that took the record.", core.Registration.AcceptedBy),
            .. core.Options.MoreMetrics(),
        ];
    }
}
