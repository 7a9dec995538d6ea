using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using FolioCheck.Properties;

namespace FolioCheck.Cli;

/// <summary><c>foliocheck merge</c>: joins the JSON reports of all shards of a campaign into one.</summary>
public static class MergeCommand
{
    private sealed record Part(string File, RunRecord Run, Figures Figures);

    /// <summary>Runs the command.</summary>
    /// <param name="files">The reports.</param>
    /// <param name="json">File for the joined report; null for none.</param>
    /// <param name="output">Where output goes.</param>
    /// <param name="errors">Where errors go.</param>
    /// <returns>An <see cref="ExitCode"/>.</returns>
    public static int Run(IReadOnlyList<string> files, string? json, TextWriter output, TextWriter errors)
    {
        var parts = new List<Part>();
        foreach (string file in files)
        {
            if (Read(file, out Part? part) is string reason)
                return Refuse(errors, $"{file}: {reason}");
            parts.Add(part!);
        }
        if (WhatDoesNotFit(parts) is string wrong)
            return Refuse(errors, wrong);
        var figures = new Figures();
        foreach (Part part in parts)
            figures.Add(part.Figures);
        FailedCase? first = parts.Select(part => part.Run.Failure).OfType<FailedCase>().MinBy(failure => failure.Case);
        RunRecord run = parts[0].Run with { Shard = Shard.Whole, Complete = true, Failure = first };
        return Report(run, figures, parts.Count, json, output);
    }

    private static int Report(RunRecord run, Figures figures, int parts, string? json, TextWriter output)
    {
        int code = ExitCode.Held;
        if (run.Failure is FailedCase failure)
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"failed at case {failure.Case}: {failure.Summary}\n"));
            output.WriteLine(failure.Scenario);
            code = ExitCode.Failed;
        }
        else if (run.System == SystemChoice.Implementation && figures.Cases >= CampaignOptions.DefaultCases && CampaignRows.Missing(run, figures) is { Count: > 0 } missing)
        {
            output.WriteLine("inconclusive, never seen: " + string.Join("; ", missing));
            code = ExitCode.Inconclusive;
        }
        Rows rows = CampaignRows.Of(run, figures);
        rows.Add("reports joined", parts);
        output.Write(rows.ToString());
        if (json is not null && AtomicFile.TryWrite(json, CampaignRows.ToJson(rows, run, figures)) is string reason)
        {
            output.WriteLine($"{json}: {reason}");
            return code == ExitCode.Held ? ExitCode.CannotWrite : code;
        }
        return code;
    }

    private static int Refuse(TextWriter errors, string reason)
    {
        errors.WriteLine(reason);
        return ExitCode.BadInput;
    }

    private static string? Read(string file, out Part? part)
    {
        part = null;
        try
        {
            JsonObject report = JsonNode.Parse(File.ReadAllText(file)) as JsonObject ?? throw new FormatException("no object");
            part = new Part(file, RunRecord.Read(report["run"]), CampaignText.ReadFigures(report["figures"]));
            return null;
        }
        catch (Exception exception) when (exception is JsonException or FormatException or InvalidOperationException or OverflowException)
        {
            return "no report of check --json: " + exception.Message;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return exception.Message;
        }
    }

    /// <summary>Why the reports are not the shards of one campaign, each once; null if they are.</summary>
    private static string? WhatDoesNotFit(List<Part> parts)
    {
        Part first = parts[0];
        var seen = new SortedDictionary<int, string>();
        foreach (Part part in parts)
        {
            if (part.Run.DifferenceFrom(first.Run) is string difference)
                return $"{part.File}: not the campaign of {first.File}: {difference}";
            if (part.Run.Shard.Count != first.Run.Shard.Count)
                return $"{part.File}: shard {part.Run.Shard}, but {first.File} is shard {first.Run.Shard}";
            if (!seen.TryAdd(part.Run.Shard.Number, part.File))
                return $"{part.File}: shard {part.Run.Shard} is in {seen[part.Run.Shard.Number]} already";
            if (part.Run.Cases == 0)
                return $"{part.File}: a run that --time ended is no part of a campaign";
            if (!part.Run.Complete)
                return string.Create(CultureInfo.InvariantCulture, $"{part.File}: shard {part.Run.Shard} was stopped after {part.Figures.Cases} cases");
        }
        int[] missing = [.. Enumerable.Range(1, first.Run.Shard.Count).Where(number => !seen.ContainsKey(number))];
        return missing.Length == 0 ? null : $"missing: shard {string.Join(", ", missing.Select(number => new Shard(number, first.Run.Shard.Count)))}";
    }
}
