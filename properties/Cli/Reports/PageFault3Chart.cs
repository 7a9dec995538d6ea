using System.Globalization;
using System.Text;
using FolioCheck.Properties;

namespace FolioCheck.Cli;

/// <summary>The page_fault3 regression as a picture: above how fast each setting was and how fast the model says it is, below what happens in each and what that takes.</summary>
internal sealed class PageFault3Chart
{
    private const int Width = 940;
    private const int BarsLeft = 330;
    private const int BarsWidth = 420;
    private const int CaseHeight = 58;
    private const int FirstCase = 112;
    private const int CountsLeft = 330;
    private const int CountsColumn = 98;
    private const int CountsBar = 48;
    private const int CountsRow = 26;

    /// <summary>Throughput at the right end of the bars.</summary>
    private const double LargestThroughput = 550e6;

    private readonly PageFault3Study _study;
    private readonly PageFault3Study _halved;
    private readonly PageFault3Study _doubled;
    private readonly StringBuilder _text = new();

    private PageFault3Chart(PageFault3Study study)
    {
        _study = study;
        _halved = study.WithFixedTimes(0.5);
        _doubled = study.WithFixedTimes(2);
    }

    /// <summary>The picture as SVG, on a ground of its own, so that it can be read on light and dark pages.</summary>
    public static string Write(PageFault3Study study) => new PageFault3Chart(study).Draw();

    private string Draw()
    {
        int counts = FirstCase + _study.Predictions.Count * CaseHeight + 44;
        int height = counts + 54 + _study.Predictions.Count * CountsRow + 34;
        Add($"""<svg xmlns="http://www.w3.org/2000/svg" width="{Width}" height="{height}" viewBox="0 0 {Width} {height}" role="img" aria-labelledby="title">""");
        Add($"""<title id="title">page_fault3: page touches a second in four settings, measured and as the model says, and what happens in each block of 64 KiB</title>""");
        Add($"{Style}");
        Add($"""<rect class="ground" width="{Width}" height="{height}" rx="8"/>""");
        Text(24, 34, "page_fault3 on arm64: folding a block costs more than its 16 faults", "head");
        Text(24, 56, $"{PageFault3Study.Processes} processes store once to each page of a shared file mapping. Million page touches a second; longer is better.", "muted");
        DrawLegend(82);
        for (int i = 0; i < _study.Predictions.Count; i++)
            DrawCase(i, FirstCase + i * CaseHeight);
        DrawCounts(counts);
        Add($"</svg>");
        return _text.ToString();
    }

    private void DrawLegend(int y)
    {
        Box(24, y - 11, 14, 12, "measured");
        Text(44, y, "measured", "small");
        Box(124, y - 11, 14, 12, "fitted");
        Text(144, y, "model, fitted to this: equal by construction", "small");
        Box(452, y - 11, 14, 12, "predicted");
        Text(472, y, "model, predicted", "small");
        Whisker(604, 634, y - 5);
        Text(642, y, "with fixed weights doubled or halved", "small");
    }

    private void DrawCase(int index, int y)
    {
        PageFault3Prediction prediction = _study.Predictions[index];
        PageFault3Case setting = prediction.Case;
        Text(24, y + 30, $"{setting.Number}", "number");
        int comma = setting.Title.IndexOf(", ", StringComparison.Ordinal);
        Text(50, y + (comma < 0 ? 29 : 20), comma < 0 ? setting.Title : setting.Title[..comma], "label");
        if (comma >= 0)
            Text(50, y + 39, setting.Title[(comma + 2)..], "muted");
        Bar(y + 6, setting.Throughput, "measured");
        Text(BarsLeft + Length(setting.Throughput) + 8, y + 19, PageFault3Document.Millions(setting.Throughput), "value");
        Bar(y + 27, prediction.Throughput, setting.IsFitted ? "fitted" : "predicted");
        if (setting.IsFitted)
        {
            Text(BarsLeft + Length(prediction.Throughput) + 8, y + 40, "fitted", "muted");
            return;
        }
        double[] ends = [_halved.Predictions[index].Throughput, _doubled.Predictions[index].Throughput, prediction.Throughput];
        if (Length(ends.Max()) - Length(ends.Min()) > 1)
            Whisker(BarsLeft + Length(ends.Min()), BarsLeft + Length(ends.Max()), y + 35);
        Text(BarsLeft + Length(ends.Max()) + 8, y + 40, $"{PageFault3Document.Millions(prediction.Throughput)} predicted, {PageFault3Document.Percent(prediction.Error)}", "value");
    }

    private void DrawCounts(int y)
    {
        Add($"""<line class="rule" x1="24" y1="{y - 24}" x2="{Width - 24}" y2="{y - 24}"/>""");
        Text(24, y, "In each block of 64 KiB,", "label");
        Text(24, y + 19, "16 pages mapped and unmapped again", "muted");
        (string Name, Func<EventCounts, long> Of, double Weight)[] columns =
        [
            ("faults", counts => counts.Faults, _study.Weights.Fault), ("reads", counts => counts.Reads, _study.Weights.Read),
            ("stores", counts => counts.Stores, _study.Weights.Store), ("exchanges", counts => counts.Exchanges, _study.Weights.Exchange),
            ("folds", counts => counts.Folds, 0), ("invalidations", counts => counts.BlockInvalidations, _study.Weights.BlockInvalidation),
        ];
        for (int column = 0; column < columns.Length; column++)
        {
            int x = CountsLeft + column * CountsColumn;
            (string name, Func<EventCounts, long> of, double weight) = columns[column];
            Text(x, y, name, "label");
            Text(x, y + 19, weight == 0 ? "" : $"{Time(weight)} each", "muted");
            double largest = _study.Predictions.Max(prediction => prediction.Counts.PerBlock(of(prediction.Counts.Total)));
            for (int row = 0; row < _study.Predictions.Count; row++)
            {
                double count = _study.Predictions[row].Counts.PerBlock(of(_study.Predictions[row].Counts.Total));
                DrawCount(x, y + 34 + row * CountsRow, count, largest, name == "invalidations" ? "alarm" : "count");
            }
        }
        for (int row = 0; row < _study.Predictions.Count; row++)
        {
            PageFault3Case setting = _study.Predictions[row].Case;
            Text(24, y + 49 + row * CountsRow, $"{setting.Number}", "strong");
            Text(50, y + 49 + row * CountsRow, setting.Title, "small");
        }
        Text(24, y + 70 + _study.Predictions.Count * CountsRow, Conclusion(), "small");
    }

    private string Conclusion() => string.Create(
        CultureInfo.InvariantCulture,
        $"In case 2 each block waits for an invalidation on all processors, as long as {_study.Weights.BlockInvalidation / _study.Weights.Fault:0} faults take, and is unmapped before the fold was of use.");

    private void DrawCount(int x, int y, double count, double largest, string kind)
    {
        double length = count / largest * CountsBar;
        Box(x, y, length, 20, kind);
        Text(x + length + 5, y + 15, count.ToString("0.##", CultureInfo.InvariantCulture), count == 0 ? "muted" : "value");
    }

    private void Bar(double y, double throughput, string kind) => Box(BarsLeft, y, Length(throughput), 17, kind);

    private static double Length(double throughput) => throughput / LargestThroughput * BarsWidth;

    private static string Time(double nanoseconds) => nanoseconds < 1000
        ? nanoseconds.ToString("0", CultureInfo.InvariantCulture) + " ns"
        : (nanoseconds / 1000).ToString(nanoseconds < 10_000 ? "0.0" : "0", CultureInfo.InvariantCulture) + " µs";

    private void Whisker(double from, double to, double y) =>
        Add($"""<path class="whisker" d="M{from:0.#} {y - 4:0.#}v8M{from:0.#} {y:0.#}H{to:0.#}M{to:0.#} {y - 4:0.#}v8"/>""");

    private void Box(double x, double y, double width, double height, string kind) =>
        Add($"""<rect class="{kind}" x="{x:0.#}" y="{y:0.#}" width="{width:0.#}" height="{height:0.#}" rx="2"/>""");

    private void Text(double x, double y, string text, string kind) => Add($"""<text class="{kind}" x="{x:0.#}" y="{y:0.#}">{text}</text>""");

    private void Add(FormattableString line) => _text.Append(FormattableString.Invariant(line)).Append('\n');

    private const string Style =
        """
        <style>
        text { font: 13px system-ui, -apple-system, "Segoe UI", "Helvetica Neue", Arial, sans-serif; fill: #1f2328; }
        .head { font-size: 17px; font-weight: 600; } .number { font-size: 20px; font-weight: 600; } .label, .strong { font-weight: 600; } .muted { fill: #59636e; }
        .ground { fill: #ffffff; stroke: #d1d9e0; } .rule { stroke: #d1d9e0; }
        .measured { fill: #3b76b5; } .predicted { fill: #e08214; } .fitted { fill: none; stroke: #e08214; stroke-width: 1.5; stroke-dasharray: 4 3; }
        .count { fill: #b4c3d3; } .alarm { fill: #d1242f; } .whisker { stroke: #1f2328; stroke-width: 1.5; fill: none; }
        @media (prefers-color-scheme: dark) {
          text { fill: #e6edf3; } .muted { fill: #9198a1; } .ground { fill: #0d1117; stroke: #3d444d; } .rule { stroke: #3d444d; }
          .measured { fill: #6cabec; } .predicted { fill: #f0a04b; } .fitted { stroke: #f0a04b; } .count { fill: #49566a; } .alarm { fill: #f85149; } .whisker { stroke: #e6edf3; }
        }
        </style>
        """;
}
