namespace Anatomic.World;

/// <summary>
/// A path that a disk resolves below a trusted folder. No link below that folder is followed out of it, so a stranger's
/// names cannot reach other data. A plain string converts to a path that is trusted as a whole.
/// </summary>
/// <param name="Root">The trusted absolute path, whose links are followed.</param>
/// <param name="Below">
/// The rest, in parts separated by <c>/</c>, without <c>.</c> and <c>..</c>; empty for the root itself.
/// </param>
public readonly record struct DiskPath(string Root, string Below)
{
    /// <summary>The absolute path in the system's own form.</summary>
    public string Full => Below.Length == 0 ? Root : Path.Join(Root, Below);

    /// <summary>The folder that contains it; null for the root.</summary>
    public DiskPath? Folder =>
        Below.Length == 0 ? null : (DiskPath?)new DiskPath(Root, Below[..Math.Max(0, Below.LastIndexOf('/'))]);

    public static implicit operator DiskPath(string trusted) => new(trusted, "");

    /// <summary>A path in this folder.</summary>
    public DiskPath Child(string name) => new(Root, Below.Length == 0 ? name : $"{Below}/{name}");

    public override string ToString() => Full;
}
