using System.CommandLine;
using Anatomic.Cli.Operating;
using Anatomic.World;

namespace Anatomic.Cli.Verbs;

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
    public Uri? Collector(Call call) => OtlpTarget.Of(call.Get(otlp), call.Surroundings.Variable);

    public TimeSpan Drain(Call call) =>
        call.Get(drain) is { Length: > 0 } time ? Words.Time("--drain", time) : TimeSpan.Zero;

    /// <summary>
    /// Where sentences for a person go: to standard error. Not with <c>--log json</c>, where a line that is no JSON would break
    /// whoever reads it, and an event has said that something happened.
    /// </summary>
    public Action<string> Remark(Call call) => call.Get(log) == "json" ? static _ => { } : call.Reporter.Remark;

    public IJournal Journal(Call call)
    {
        var form = call.Get(log) switch
        {
            null or "" or "text" => JournalForm.Text,
            "json" => JournalForm.Json,
            "off" => JournalForm.Off,
            var other => throw CliException.Arguments($"--log {other} is not known: say text, json or off"),
        };
        var level = call.Get(logLevel) switch
        {
            "debug" => JournalLevel.Debug,
            null or "" or "info" => JournalLevel.Info,
            "warning" => JournalLevel.Warning,
            "error" => JournalLevel.Error,
            var other => throw CliException.Arguments(
                $"--log-level {other} is not known: say debug, info, warning or error"
            ),
        };
        return new ConsoleJournal(call.Surroundings.Error, form, level, TimeProvider.System);
    }
}
