using System.Buffers;
using Anatomic.Wire.Bencoding;
using BenchmarkDotNet.Attributes;

namespace Anatomic.Bench;

/// <summary>Reading and writing a dictionary like that of a torrent with many files.</summary>
[MemoryDiagnoser]
public class BencodingBenchmarks
{
    private readonly ArrayBufferWriter<byte> output = new(1 << 20);
    private byte[] torrent = [];

    [Params(1, 1_000)]
    public int Files { get; set; }

    [GlobalSetup]
    public void Prepare() => torrent = Write(new ArrayBufferWriter<byte>()).WrittenSpan.ToArray();

    [Benchmark]
    public bool Read() => BencodeValue.TryParse(torrent, BencodeMode.Strict, out _, out _);

    [Benchmark]
    public int WriteAgain()
    {
        output.ResetWrittenCount();
        return Write(output).WrittenCount;
    }

    private ArrayBufferWriter<byte> Write(ArrayBufferWriter<byte> into)
    {
        var writer = new BencodeWriter(into)
            .BeginDictionary()
            .Key("info"u8)
            .BeginDictionary()
            .Key("files"u8)
            .BeginList();
        for (var file = 0; file < Files; file++)
        {
            writer
                .BeginDictionary()
                .Key("length"u8)
                .Integer(1 << 20)
                .Key("path"u8)
                .BeginList()
                .Bytes("a file with a name"u8)
                .End()
                .End();
        }
        writer.End().End().End();
        return into;
    }
}
