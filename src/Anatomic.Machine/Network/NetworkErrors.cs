using System.Net.Sockets;
using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Machine.Network;

/// <summary>Socket errors as sentences that tell a person what is wrong and what to do.</summary>
internal static class NetworkErrors
{
    public static NetworkException Dial(Endpoint to, SocketException cause) =>
        new(
            cause.SocketErrorCode switch
            {
                SocketError.ConnectionRefused => $"{to} refused the connection: no program listens there",
                SocketError.TimedOut => $"{to} did not answer",
                SocketError.HostUnreachable or SocketError.NetworkUnreachable or SocketError.HostDown =>
                    $"{to} cannot be reached from here: there is no route to it",
                SocketError.NetworkDown => $"{to} cannot be reached: the network of this machine is down",
                SocketError.ConnectionReset or SocketError.ConnectionAborted => $"{to} broke the connection off",
                SocketError.AddressNotAvailable or SocketError.InvalidArgument => $"{to} is no address to connect to",
                SocketError.AddressFamilyNotSupported => $"{to} cannot be reached: this machine has no {Family(to)}",
                SocketError.AccessDenied => $"{to} cannot be reached: this machine's firewall forbids it",
                SocketError.TooManyOpenSockets => "Too many open files and connections; raise the limit (ulimit -n)",
                _ => $"{to} cannot be reached: {cause.Message}",
            },
            cause
        );

    public static NetworkException Listen(Endpoint at, SocketException cause) =>
        new(
            cause.SocketErrorCode switch
            {
                SocketError.AddressAlreadyInUse =>
                    $"Port {at.Port} of {at.ToAddress()} is in use by another program; stop it or choose another port",
                SocketError.AccessDenied when at.Port is > 0 and < 1024 =>
                    $"Port {at.Port} is kept for the system: choose a port from 1024 up, or give the program the right to it"
                        + " (Linux: setcap cap_net_bind_service=+ep)",
                SocketError.AccessDenied => $"This system does not let the program use {at}; choose another port",
                SocketError.AddressNotAvailable =>
                    $"This machine has no address {at.ToAddress()}; choose one of its own, or {(at.IsV4 ? "0.0.0.0" : "[::]")} for all",
                SocketError.AddressFamilyNotSupported => $"This machine has no {Family(at)}; choose another address",
                SocketError.TooManyOpenSockets => "Too many open files and connections; raise the limit (ulimit -n)",
                _ => $"{at} cannot be used: {cause.Message}",
            },
            cause
        );

    public static NetworkException Resolve(string host, SocketException cause) =>
        new(
            cause.SocketErrorCode switch
            {
                SocketError.HostNotFound or SocketError.NoData => $"There is no address for the name {host}",
                SocketError.TryAgain => $"The name {host} could not be looked up: no name server answered",
                _ => $"The name {host} could not be looked up: {cause.Message}",
            },
            cause
        );

    public static NetworkException Broken(Endpoint with, Exception cause) =>
        new(
            cause is SocketException { SocketErrorCode: SocketError.ConnectionReset or SocketError.Shutdown }
                ? $"{with} broke the connection off"
                : $"The connection to {with} broke: {cause.Message}",
            cause
        );

    public static NetworkException Send(Endpoint to, SocketException cause) =>
        new(
            cause.SocketErrorCode == SocketError.MessageSize
                ? $"The datagram to {to} is longer than the network takes"
                : $"A datagram to {to} could not be sent: {cause.Message}",
            cause
        );

    private static string Family(in Endpoint endpoint) => endpoint.IsV4 ? "IPv4" : "IPv6";
}
