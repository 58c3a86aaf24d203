using System.Xml.Linq;

namespace Anatomic.Architecture.Tests;

/// <summary>The files of a checkout that the rules look at.</summary>
public sealed class Repository(string root)
{
    public string Root { get; } = root;

    /// <summary>
    /// The checkout that these tests were built from: the nearest folder above with the solution in it.
    /// </summary>
    public static Repository Own()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Anatomic.slnx")))
        {
            folder = folder.Parent;
        }
        return new Repository(folder?.FullName ?? throw new InvalidOperationException("no Anatomic.slnx above"));
    }

    public string Read(string relative) => File.ReadAllText(Path.Combine(Root, relative));

    public bool Has(string relative) => File.Exists(Path.Combine(Root, relative));

    /// <summary>Source files below the folders, as relative paths with forward slashes, in ordinal order.</summary>
    public IReadOnlyList<string> Sources(params string[] folders) => Files("*.cs", folders);

    public IReadOnlyList<string> Projects(params string[] folders) => Files("*.csproj", folders);

    /// <summary>Documents: Markdown files in the root and below the documented folders.</summary>
    public IReadOnlyList<string> Documents() =>
        [
            .. Directory
                .EnumerateFiles(Root, "*.md")
                .Select(file => Path.GetFileName(file))
                .Order(StringComparer.Ordinal),
            .. Files("*.md", ["docs", "bench", "tests", "packaging"]),
        ];

    /// <summary>The compiled assembly of a room; the program's is named as people type it.</summary>
    public static string AssemblyOf(string room) =>
        Path.Combine(AppContext.BaseDirectory, room == "Cli" ? "anatomic.dll" : $"Anatomic.{room}.dll");

    /// <summary>The compiled assemblies of the rooms, which the build copies beside these tests.</summary>
    public static IReadOnlyList<string> Assemblies() => [.. AllowedReferences.Rooms.Select(AssemblyOf)];

    public static string RoomOf(string project) => Path.GetFileNameWithoutExtension(project)["Anatomic.".Length..];

    /// <summary>
    /// What the items of one kind in a project file include: the file names of projects, the names of packages.
    /// </summary>
    public IReadOnlyList<string> Includes(string project, string item) =>
        [
            .. XDocument
                .Parse(Read(project))
                .Descendants(item)
                .Select(element => (string?)element.Attribute("Include") ?? "")
                .Select(include => item == "ProjectReference" ? RoomOf(include.Replace('\\', '/')) : include),
        ];

    private string[] Files(string pattern, string[] folders) =>
        [
            .. folders
                .Select(folder => Path.Combine(Root, folder))
                .Where(Directory.Exists)
                .SelectMany(folder => Directory.EnumerateFiles(folder, pattern, SearchOption.AllDirectories))
                .Select(file => Path.GetRelativePath(Root, file).Replace('\\', '/'))
                .Where(file => !file.Contains("/obj/") && !file.Contains("/bin/"))
                .Order(StringComparer.Ordinal),
        ];
}
