namespace FolioCheck.Properties;

/// <summary>One of the four settings that the report of the page_fault3 regression measured (SPECIFICATION.md 7.8).</summary>
/// <param name="Number">Its number there.</param>
/// <param name="Title">What it is, in a few words.</param>
/// <param name="Scenario">Name of the scenario that does it, in properties/corpus/costs.</param>
/// <param name="Throughput">Page touches a second of all processes, as measured there.</param>
/// <param name="IsFitted">Whether the cost model is fitted to it; otherwise it is predicted.</param>
public sealed record PageFault3Case(int Number, string Title, string Scenario, double Throughput, bool IsFitted);
