using FolioCheck.Implementation;
using Xunit;
using Xunit.Abstractions;

namespace FolioCheck.Properties.Tests.Properties;

/// <summary>
/// Runs one property alone on the implementation: FsCheck calls the test method once a case on one object, so the premises add up in it and are
/// judged when the test ends.
/// </summary>
public abstract class PropertyTest(ITestOutputHelper output) : IDisposable
{
    private const long LeastPremise = 100;
    private PropertyRun? _run;
    private Property? _property;
    private bool _failed;

    /// <summary>Checks the property on a scenario; a failure is shrunk and reported.</summary>
    protected void Holds(int number, Scenario scenario)
    {
        _property ??= Catalogue.Get(number);
        _run ??= new PropertyRun(OptimizedMemory.Create, _property);
        if (_run.Run(scenario) is not Failure failure)
            return;
        _failed = true;
        Assert.Fail(Report(scenario, failure));
    }

    private string Report(Scenario scenario, Failure failure)
    {
        if (Environment.GetEnvironmentVariable("FOLIOCHECK_SHRINK") == "0")
            return failure.Summary;
        var run = new PropertyRun(OptimizedMemory.Create, _property!);
        Scenario shrunk = Shrinker.Shrink(scenario, failure, run.Run);
        return FailureReport.Write(shrunk, run.Run(shrunk) ?? failure, machine => OptimizedMemory.Create(machine));
    }

    /// <summary>Prints how often the premise held; too seldom is a failure of its own.</summary>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
        if (!disposing || _property is null || _failed)
            return;
        output.WriteLine($"{_property.Title}: premise held {_run!.Premise.Held} times");
        bool shortened = Environment.GetEnvironmentVariable("FOLIOCHECK_MAXTEST") is not null;
        Assert.True(shortened || _run.Premise.Held >= LeastPremise, $"{_property.Title}: the premise held only {_run.Premise.Held} times");
    }
}
