namespace FsCheck.Xunit;

/// <summary>A property was falsified, ran out of cases, or could not be run to its end.</summary>
/// <param name="userMessage">What failed, on which arguments, and how to repeat it.</param>
/// <param name="innerException">What the property threw, if it threw.</param>
public class PropertyFailedException(string userMessage, Exception? innerException) : Exception(userMessage, innerException);
