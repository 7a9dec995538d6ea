namespace FsCheck.Xunit;

/// <summary>Defaults for every <see cref="PropertyAttribute"/> of a class (and the classes in it) or of an assembly.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Assembly, AllowMultiple = false)]
public class PropertiesAttribute : PropertyAttribute;
