using Mono.Cecil;

namespace Anatomic.Architecture.Tests;

/// <summary>A type of one folder that uses a type of another folder of the same room.</summary>
public sealed record FolderUse(string FromFolder, string ToFolder, string FromType, string ToType);

/// <summary>Reads from compiled assemblies which folders of a room use which; a folder is a namespace.</summary>
/// <remarks>Constants and <c>nameof</c> leave no trace in an assembly, so they do not count.</remarks>
public static class FolderDependencies
{
    /// <summary>The uses inside one assembly, each pair of types once.</summary>
    public static IReadOnlyList<FolderUse> Read(string assemblyPath)
    {
        using var assembly = AssemblyDefinition.ReadAssembly(assemblyPath);
        return
        [
            .. assembly
                .MainModule.Types.SelectMany(type => UsesOf(type).Select(used => Use(type, used)))
                .Where(use => use.FromFolder != use.ToFolder && use.FromFolder.Length > 0 && use.ToFolder.Length > 0)
                .Distinct(),
        ];
    }

    /// <summary>The rooms that a room's compiled assembly really uses.</summary>
    public static IReadOnlyList<string> RoomsUsedBy(string room)
    {
        using var assembly = AssemblyDefinition.ReadAssembly(Repository.AssemblyOf(room));
        return
        [
            .. assembly
                .MainModule.AssemblyReferences.Select(reference => reference.Name)
                .Where(name => name.StartsWith("Anatomic.", StringComparison.Ordinal))
                .Select(name => name["Anatomic.".Length..]),
        ];
    }

    private static FolderUse Use(TypeDefinition from, TypeDefinition to) =>
        new(from.Namespace, to.Namespace, from.Name, to.Name);

    private static IEnumerable<TypeDefinition> UsesOf(TypeDefinition type) =>
        ReferencesOf(type)
            .SelectMany(Parts)
            .OfType<TypeDefinition>()
            .Select(Outermost)
            .Concat(type.NestedTypes.SelectMany(UsesOf));

    private static IEnumerable<TypeReference?> ReferencesOf(TypeDefinition type) =>
        [
            type.BaseType,
            .. type.Interfaces.Select(implemented => implemented.InterfaceType),
            .. type.GenericParameters.SelectMany(ConstraintsOf),
            .. type.Fields.Select(field => field.FieldType),
            .. type.CustomAttributes.Select(attribute => attribute.AttributeType),
            .. type.Methods.SelectMany(ReferencesOf),
        ];

    private static IEnumerable<TypeReference?> ReferencesOf(MethodDefinition method) =>
        [
            .. SignatureOf(method),
            .. method.GenericParameters.SelectMany(ConstraintsOf),
            .. method.HasBody ? method.Body.Variables.Select(variable => variable.VariableType) : [],
            .. method.HasBody ? method.Body.ExceptionHandlers.Select(handler => handler.CatchType) : [],
            .. method.HasBody ? method.Body.Instructions.SelectMany(step => OperandOf(step.Operand)) : [],
        ];

    private static IEnumerable<TypeReference?> OperandOf(object? operand) =>
        operand switch
        {
            TypeReference type => [type],
            FieldReference field => [field.DeclaringType, field.FieldType],
            GenericInstanceMethod method => [method.DeclaringType, .. method.GenericArguments, .. SignatureOf(method)],
            MethodReference method => [method.DeclaringType, .. SignatureOf(method)],
            _ => [],
        };

    private static IEnumerable<TypeReference?> SignatureOf(MethodReference method) =>
        [method.ReturnType, .. method.Parameters.Select(parameter => parameter.ParameterType)];

    private static IEnumerable<TypeReference?> ConstraintsOf(GenericParameter parameter) =>
        parameter.Constraints.Select(constraint => constraint.ConstraintType);

    /// <summary>The type itself, what its array, pointer or reference is made of, and its type arguments.</summary>
    private static IEnumerable<TypeReference> Parts(TypeReference? type) =>
        type switch
        {
            null => [],
            GenericInstanceType generic => [generic.ElementType, .. generic.GenericArguments.SelectMany(Parts)],
            TypeSpecification specification => Parts(specification.ElementType),
            _ => [type],
        };

    private static TypeDefinition Outermost(TypeDefinition type) =>
        type.DeclaringType is { } outer ? Outermost(outer) : type;
}
