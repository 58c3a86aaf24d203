using System.Diagnostics.Metrics;
using Anatomic.Federation.Monitoring;
using Anatomic.Wire.Identity;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using Metric = Anatomic.Federation.Monitoring.Metric;

namespace Anatomic.Cli.Operations;

/// <summary>
/// Exposes a host's metrics as instruments of <see cref="System.Diagnostics.Metrics"/>. OpenTelemetry exports them once
/// a minute or as <c>OTEL_METRIC_EXPORT_INTERVAL</c> says. A histogram becomes one counter per bucket, with the upper
/// bound as <c>le</c>, besides its sum and count.
/// </summary>
internal sealed class OtlpExport : IAsyncDisposable
{
    /// <summary>Fresh enough for export intervals of seconds, and negligible work for a host.</summary>
    private static readonly TimeSpan ReadPeriod = TimeSpan.FromSeconds(5);

    /// <summary>An unreachable collector must not delay the shutdown for longer.</summary>
    private const int ShutdownTimeoutMs = 5_000;

    private readonly Func<Task<IReadOnlyList<Metric>>> read;
    private readonly Meter meter = new("Anatomic", typeof(OtlpExport).Assembly.GetName().Version?.ToString());
    private readonly CancellationTokenSource ending = new();
    private readonly MeterProvider provider;
    private readonly Task reading;
    private volatile IReadOnlyDictionary<string, Metric> latest;

    private OtlpExport(
        Uri target,
        string service,
        NodeId id,
        Func<Task<IReadOnlyList<Metric>>> read,
        IReadOnlyList<Metric> first
    )
    {
        this.read = read;
        latest = ByName(first);
        foreach (var metric in first)
        {
            CreateInstrument(metric);
        }
        provider = Sdk.CreateMeterProviderBuilder()
            .ConfigureResource(resource => resource.AddService(service, serviceInstanceId: id.ToString()))
            .AddMeter(meter.Name)
            .AddOtlpExporter(exporter =>
            {
                exporter.Protocol = OtlpExportProtocol.HttpProtobuf;
                exporter.Endpoint = target;
            })
            .Build();
        reading = ReadAsync(ending.Token);
    }

    /// <summary>Starts exporting; returns null if there is no collector.</summary>
    /// <param name="target">The collector's URL for metrics; null for none.</param>
    /// <param name="service">OpenTelemetry's <c>service.name</c>.</param>
    /// <param name="id">OpenTelemetry's <c>service.instance.id</c>.</param>
    /// <param name="read">Reads the host's metrics.</param>
    public static async Task<OtlpExport?> StartAsync(
        Uri? target,
        string service,
        NodeId id,
        Func<Task<IReadOnlyList<Metric>>> read
    ) => target is null ? null : new OtlpExport(target, service, id, read, await read());

    /// <summary>Sends the last values and stops; must run before the host stops.</summary>
    public async ValueTask DisposeAsync()
    {
        await ending.CancelAsync();
        await reading;
        latest = ByName(await read());
        provider.Shutdown(ShutdownTimeoutMs);
        provider.Dispose();
        meter.Dispose();
        ending.Dispose();
    }

    private async Task ReadAsync(CancellationToken stop)
    {
        try
        {
            while (true)
            {
                await Task.Delay(ReadPeriod, TimeProvider.System, stop);
                latest = ByName(await read());
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Disposed.
        }
    }

    private void CreateInstrument(Metric metric)
    {
        var (name, unit) = (metric.Name, UnitOf(metric.Name));
        switch (metric.Kind)
        {
            case MetricKind.Gauge:
                meter.CreateObservableGauge(name, () => Samples(name), unit, metric.Help);
                break;
            case MetricKind.Counter:
                meter.CreateObservableCounter(name, () => Samples(name), unit, metric.Help);
                break;
            default:
                meter.CreateObservableCounter($"{name}_bucket", () => Buckets(name), null, metric.Help);
                meter.CreateObservableCounter($"{name}_sum", () => Sums(name), unit, metric.Help);
                meter.CreateObservableCounter($"{name}_count", () => Counts(name), null, metric.Help);
                break;
        }
    }

    private IEnumerable<Measurement<double>> Samples(string name) =>
        latest[name].Samples.Select(sample => Measure(sample.Value, sample.Labels));

    private IEnumerable<Measurement<double>> Sums(string name) =>
        latest[name].Histograms.Select(spread => Measure(spread.Sum, spread.Labels));

    private IEnumerable<Measurement<double>> Counts(string name) =>
        latest[name].Histograms.Select(spread => Measure(spread.Counts.Sum(), spread.Labels));

    private IEnumerable<Measurement<double>> Buckets(string name)
    {
        foreach (var spread in latest[name].Histograms)
        {
            var below = 0L;
            for (var i = 0; i < spread.Counts.Count; i++)
            {
                below += spread.Counts[i];
                var bound = i < spread.UpperBounds.Count ? spread.UpperBounds[i] : double.PositiveInfinity;
                yield return Measure(below, [.. spread.Labels, new MetricLabel("le", PrometheusText.Number(bound))]);
            }
        }
    }

    private static Measurement<double> Measure(double value, IReadOnlyList<MetricLabel> labels) =>
        new(value, [.. labels.Select(label => new KeyValuePair<string, object?>(label.Name, label.Value))]);

    /// <summary>The UCUM unit that the metric's name implies.</summary>
    private static string? UnitOf(string name) =>
        name.Contains("_seconds", StringComparison.Ordinal) ? "s"
        : name.Contains("_bytes", StringComparison.Ordinal) ? "By"
        : null;

    private static Dictionary<string, Metric> ByName(IReadOnlyList<Metric> metrics) =>
        metrics.ToDictionary(metric => metric.Name);
}
