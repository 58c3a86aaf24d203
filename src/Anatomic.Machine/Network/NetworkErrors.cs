using System.Net.Sockets;
using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Machine.Network;

/// <summary>Messages for socket errors that tell the user what is wrong and what to do.</summary>
internal static class NetworkErrors
{
    public static NetworkException Dial(Endpoint to, SocketException cause) =>
        new(
            cause.SocketErrorCode switch
            {
                SocketError.ConnectionRefused => $"{to} refused the connection: no program is listening there",
                SocketError.TimedOut => $"{to} did not answer",
                SocketError.HostUnreachable or SocketError.NetworkUnreachable or SocketError.HostDown =>
                    $"{to} cannot be reached: there is no route to it",
                SocketError.NetworkDown => $"{to} cannot be reached: this machine's network is down",
                SocketError.ConnectionReset or SocketError.ConnectionAborted => $"{to} closed the connection",
                SocketError.AddressNotAvailable or SocketError.InvalidArgument =>
                    $"Cannot connect to {to}: the address is not valid",
                SocketError.AddressFamilyNotSupported => $"{to} cannot be reached: this machine has no {Family(to)}",
                SocketError.AccessDenied => $"{to} cannot be reached: this machine's firewall blocks it",
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
                    $"Port {at.Port} is reserved: choose a port from 1024, or give the program permission"
                        + " (Linux: setcap cap_net_bind_service=+ep)",
                SocketError.AccessDenied => $"The system does not allow this program to use {at}; choose another port",
                SocketError.AddressNotAvailable =>
                    $"This machine has no address {at.ToAddress()}; choose one of its own,"
                        + $" or {(at.IsV4 ? "0.0.0.0" : "[::]")} for all",
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
                SocketError.HostNotFound or SocketError.NoData => $"The host name {host} has no address",
                SocketError.TryAgain => $"The host name {host} could not be resolved: no name server answered",
                _ => $"The host name {host} could not be resolved: {cause.Message}",
            },
            cause
        );

    public static NetworkException Broken(Endpoint with, Exception cause) =>
        new(
            cause is SocketException { SocketErrorCode: SocketError.ConnectionReset or SocketError.Shutdown }
                ? $"{with} closed the connection"
                : $"The connection to {with} broke: {cause.Message}",
            cause
        );

    public static NetworkException Send(Endpoint to, SocketException cause) =>
        new(
            cause.SocketErrorCode == SocketError.MessageSize
                ? $"The datagram to {to} is longer than the network allows"
                : $"A datagram to {to} could not be sent: {cause.Message}",
            cause
        );

    private static string Family(in Endpoint endpoint) => endpoint.IsV4 ? "IPv4" : "IPv6";
}
