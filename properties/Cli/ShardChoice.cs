using System.Globalization;
using FolioCheck.Properties;

namespace FolioCheck.Cli;

/// <summary>
/// The parts that <c>--shard</c> names: <c>2/8</c>; <c>auto</c>, which asks the environment of a Slurm array job for both numbers; or <c>auto/8</c>, which asks for
/// the number alone: of a Slurm array task or of a pod of an indexed Kubernetes job.
/// </summary>
internal static class ShardChoice
{
    private const string Auto = "auto";

    /// <summary>Reads a choice.</summary>
    /// <param name="text">What the user wrote.</param>
    /// <param name="environment">Values of the environment, by name; null where there is none.</param>
    /// <param name="shard">The part.</param>
    /// <returns>What is wrong, or null.</returns>
    public static string? Parse(string text, Func<string, string?> environment, out Shard shard)
    {
        shard = Shard.Whole;
        string[] parts = text.Split('/');
        bool asks = parts[0] == Auto;
        if (parts.Length > 2 || parts.Length == 1 && !asks)
            return $"'{text}' is no part: 2/8, {Auto} or {Auto}/8";
        if (!asks)
            return Make(text, Number(parts[0]), Number(parts[1]), out shard);
        if (Index(environment) is not long index)
            return $"{Auto} needs SLURM_ARRAY_TASK_ID or JOB_COMPLETION_INDEX in the environment";
        long? count = parts.Length == 2 ? Number(parts[1]) : Number(environment("SLURM_ARRAY_TASK_COUNT"));
        return parts.Length == 1 && count is null
            ? $"{Auto} needs SLURM_ARRAY_TASK_COUNT in the environment; elsewhere say {Auto}/8"
            : Make(text, index + 1, count, out shard);
    }

    /// <summary>The place among the tasks, from 0. Slurm's task numbers begin anywhere and may go in steps.</summary>
    private static long? Index(Func<string, string?> environment)
    {
        if (Number(environment("SLURM_ARRAY_TASK_ID")) is not long task)
            return Number(environment("JOB_COMPLETION_INDEX"));
        long first = Number(environment("SLURM_ARRAY_TASK_MIN")) ?? 0;
        long step = Math.Max(1, Number(environment("SLURM_ARRAY_TASK_STEP")) ?? 1);
        return (task - first) / step;
    }

    private static string? Make(string text, long? number, long? count, out Shard shard)
    {
        shard = Shard.Whole;
        if (number is not long i || count is not long n || n is < 1 or > 100_000 || i < 1 || i > n)
            return FormattableString.Invariant($"'{text}' is no part: number {number}, of {count}; parts are numbered from 1, and there are at most 100000");
        shard = new Shard((int)i, (int)n);
        return null;
    }

    private static long? Number(string? text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : null;
}
