using System.CommandLine;
using Anatomic.Cli.Invocation;
using Anatomic.Cli.Operations;
using Anatomic.Cli.Runtime;
using Anatomic.World;

namespace Anatomic.Cli.Flags;

/// <summary>What the operator of a <c>node</c> or <c>supernode</c> may say about how it is watched and how it ends.</summary>
internal sealed class OperatorFlags
{
    private readonly Option<string> log = new("--log")
    {
        HelpName = "text|json|off",
        Description = "How events are written to standard error [default: text]",
    };

    private readonly Option<string> logLevel = new("--log-level")
    {
        HelpName = "debug|info|warning|error",
        Description = "The least that is written [default: info]",
    };

    private readonly Option<string> drain = new("--drain")
    {
        HelpName = "TIME",
        Description = "How long it answers on after a signal, while /readyz says no [default: 0s]",
    };

    private readonly Option<string> otlp = new("--otlp")
    {
        HelpName = "URL",
        Description = "Send metrics to this OTLP collector over http/protobuf [default: $OTEL_EXPORTER_OTLP_ENDPOINT]",
    };

    public IEnumerable<Option> All => [log, logLevel, drain, otlp];

    /// <summary>Where metrics are sent; null when no collector is named.</summary>
    public Uri? Collector(VerbContext context) =>
        OtlpEndpoint.Of(context.Get(otlp), context.ProcessEnvironment.Variable);

    public TimeSpan Drain(VerbContext context) =>
        context.Get(drain) is { Length: > 0 } time ? FlagValues.Time("--drain", time) : TimeSpan.Zero;

    /// <summary>
    /// Where sentences for a person go: to standard error. Not with <c>--log json</c>, where a line that is no JSON would break
    /// whoever reads it, and an event has said that something happened.
    /// </summary>
    public Action<string> Remark(VerbContext context) =>
        context.Get(log) == "json" ? static _ => { } : context.ConsoleOutput.Remark;

    public IEventLog EventLog(VerbContext context)
    {
        var form = context.Get(log) switch
        {
            null or "" or "text" => EventLogFormat.Text,
            "json" => EventLogFormat.Json,
            "off" => EventLogFormat.Off,
            var other => throw CliException.Arguments($"--log {other} is not known: say text, json or off"),
        };
        var level = context.Get(logLevel) switch
        {
            "debug" => EventLevel.Debug,
            null or "" or "info" => EventLevel.Info,
            "warning" => EventLevel.Warning,
            "error" => EventLevel.Error,
            var other => throw CliException.Arguments(
                $"--log-level {other} is not known: say debug, info, warning or error"
            ),
        };
        return new ConsoleEventLog(context.ProcessEnvironment.Error, form, level, TimeProvider.System);
    }
}
