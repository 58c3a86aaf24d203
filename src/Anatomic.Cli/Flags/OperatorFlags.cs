using System.CommandLine;
using Anatomic.Cli.Invocation;
using Anatomic.Cli.Operations;
using Anatomic.Cli.Runtime;
using Anatomic.World;

namespace Anatomic.Cli.Flags;

/// <summary>How the operator watches and stops a <c>node</c> or <c>supernode</c>.</summary>
internal sealed class OperatorFlags
{
    private readonly Option<string> log = new("--log")
    {
        HelpName = "text|json|off",
        Description = "Format of the event log on standard error [default: text]",
    };

    private readonly Option<string> logLevel = new("--log-level")
    {
        HelpName = "debug|info|warning|error",
        Description = "Minimum level to log [default: info]",
    };

    private readonly Option<string> drain = new("--drain")
    {
        HelpName = "TIME",
        Description = "Keep answering this long after a signal, while /readyz reports 503 [default: 0s]",
    };

    private readonly Option<string> otlp = new("--otlp")
    {
        HelpName = "URL",
        Description = "Send metrics to this OTLP collector over http/protobuf [default: $OTEL_EXPORTER_OTLP_ENDPOINT]",
    };

    public IEnumerable<Option> All => [log, logLevel, drain, otlp];

    /// <summary>Where to send metrics; null for nowhere.</summary>
    public Uri? Collector(VerbContext context) =>
        OtlpEndpoint.Resolve(context.Get(otlp), context.Environment.GetVariable);

    public TimeSpan Drain(VerbContext context) =>
        context.Get(drain) is { Length: > 0 } time ? FlagValues.Duration("--drain", time) : TimeSpan.Zero;

    /// <summary>
    /// Writes warnings for people to standard error. With <c>--log json</c> it drops them: a line that is not JSON
    /// would break the reader, and an event already reports the problem.
    /// </summary>
    public Action<string> Warnings(VerbContext context) =>
        context.Get(log) == "json" ? static _ => { } : context.Output.WriteWarning;

    public IEventLog EventLog(VerbContext context)
    {
        var format = context.Get(log) switch
        {
            null or "" or "text" => EventLogFormat.Text,
            "json" => EventLogFormat.Json,
            "off" => EventLogFormat.Off,
            var other => throw CliException.UsageError($"--log {other} is unknown: use text, json or off"),
        };
        var level = context.Get(logLevel) switch
        {
            "debug" => EventLevel.Debug,
            null or "" or "info" => EventLevel.Info,
            "warning" => EventLevel.Warning,
            "error" => EventLevel.Error,
            var other => throw CliException.UsageError(
                $"--log-level {other} is unknown: use debug, info, warning or error"
            ),
        };
        return new ConsoleEventLog(context.Environment.Error, format, level, TimeProvider.System);
    }
}
