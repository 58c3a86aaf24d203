using Anatomic.Cli.Runtime;

namespace Anatomic.Cli.Operations;

/// <summary>Where metrics are sent, as the flag or OpenTelemetry's usual environment variables say.</summary>
internal static class OtlpEndpoint
{
    private const string Protocol = "http/protobuf";

    /// <summary>What OpenTelemetry puts behind a collector's base URL for metrics.</summary>
    private const string MetricsPath = "v1/metrics";

    /// <summary>Null when no collector is named.</summary>
    /// <exception cref="CliException">The URL is none, or another protocol is asked for.</exception>
    public static Uri? Of(string? flag, Func<string, string?> variable)
    {
        var (name, url) = flag is { Length: > 0 }
            ? ("--otlp", flag)
            : ("OTEL_EXPORTER_OTLP_ENDPOINT", variable("OTEL_EXPORTER_OTLP_ENDPOINT"));
        if (url is not { Length: > 0 })
        {
            return null;
        }
        if (variable("OTEL_EXPORTER_OTLP_PROTOCOL") is { Length: > 0 } protocol && protocol != Protocol)
        {
            throw CliException.Arguments($"OTEL_EXPORTER_OTLP_PROTOCOL is {protocol}: only {Protocol} is spoken here");
        }
        if (!Uri.TryCreate(url, UriKind.Absolute, out var target) || target.Scheme is not ("http" or "https"))
        {
            throw CliException.Arguments($"{name} {url} is no URL: write it as in http://127.0.0.1:4318");
        }
        return new Uri($"{target.GetLeftPart(UriPartial.Path).TrimEnd('/')}/{MetricsPath}{target.Query}");
    }
}
