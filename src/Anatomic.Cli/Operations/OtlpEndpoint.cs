using Anatomic.Cli.Runtime;

namespace Anatomic.Cli.Operations;

/// <summary>Finds the OTLP collector: from the flag, or from OpenTelemetry's standard environment variables.</summary>
internal static class OtlpEndpoint
{
    private const string Protocol = "http/protobuf";

    /// <summary>The path that OpenTelemetry appends to a collector's base URL for metrics.</summary>
    private const string MetricsPath = "v1/metrics";

    /// <summary>The URL to send metrics to; null if no collector is configured.</summary>
    /// <exception cref="CliException">The URL is invalid, or another protocol is requested.</exception>
    public static Uri? Resolve(string? flag, Func<string, string?> getVariable)
    {
        var (name, url) = flag is { Length: > 0 }
            ? ("--otlp", flag)
            : ("OTEL_EXPORTER_OTLP_ENDPOINT", getVariable("OTEL_EXPORTER_OTLP_ENDPOINT"));
        if (url is not { Length: > 0 })
        {
            return null;
        }
        if (getVariable("OTEL_EXPORTER_OTLP_PROTOCOL") is { Length: > 0 } protocol && protocol != Protocol)
        {
            throw CliException.UsageError(
                $"OTEL_EXPORTER_OTLP_PROTOCOL is {protocol}, but only {Protocol} is supported"
            );
        }
        if (!Uri.TryCreate(url, UriKind.Absolute, out var target) || target.Scheme is not ("http" or "https"))
        {
            throw CliException.UsageError($"{name} {url} is not a URL: use for example http://127.0.0.1:4318");
        }
        return new Uri($"{target.GetLeftPart(UriPartial.Path).TrimEnd('/')}/{MetricsPath}{target.Query}");
    }
}
