using System.Reflection;
using FolioCheck.Implementation;
using FolioCheck.Reference;

namespace FolioCheck.MutationSuite;

/// <summary>
/// Stryker compiles all mutants of a project into one assembly, and beside them a class that says which one is active. Its test hosts set that from outside, once a
/// process; here it is set from one mutant to the next.
/// </summary>
public sealed class MutantSwitch
{
    /// <summary>The number of no mutant.</summary>
    public const int NoMutant = -1;

    private readonly FieldInfo _active;
    private readonly FieldInfo _capture;
    private readonly MethodInfo _covered;

    private MutantSwitch(Type control)
    {
        _active = control.GetField("ActiveMutant")!;
        _capture = control.GetField("CaptureCoverage")!;
        _covered = control.GetMethod("GetCoverageData")!;
        Activate(NoMutant);
    }

    /// <summary>The switch of the model that has mutants; null if neither has.</summary>
    public static MutantSwitch? Find()
    {
        Type? control = new[] { typeof(OptimizedMemory), typeof(ReferenceMemory) }.Select(model => ControlIn(model.Assembly)).SingleOrDefault(type => type is not null);
        return control is null ? null : new MutantSwitch(control);
    }

    /// <summary>Whether an assembly has mutants.</summary>
    public static bool IsIn(Assembly assembly) => ControlIn(assembly) is not null;

    /// <summary>Lets a mutant take the place of the code.</summary>
    /// <param name="id">Stryker's number of the mutant.</param>
    public void Activate(int id) => _active.SetValue(null, id);

    /// <summary>Runs something on the sound code and says which mutants would have been reached.</summary>
    public IReadOnlyList<int> ReachedBy(Action run)
    {
        Activate(NoMutant);
        _capture.SetValue(null, true);
        run();
        _capture.SetValue(null, false);
        return [.. ((IList<int>[])_covered.Invoke(null, null)!).SelectMany(ids => ids).Distinct().Order()];
    }

    private static Type? ControlIn(Assembly assembly) => assembly.GetTypes().SingleOrDefault(type => type.Name == "MutantControl");
}
