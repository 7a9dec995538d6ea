using System.Globalization;
using System.Text;
using System.Xml;

namespace FolioCheck.Cli;

/// <summary>
/// A run as JUnit XML, which continuous integration reads: one testcase a verdict, its premise count among its properties. There are no times in it, so
/// that the same run gives the same bytes.
/// </summary>
internal static class JunitReport
{
    private static readonly XmlWriterSettings _settings = new()
    {
        Indent = true,
        NewLineChars = "\n",
        OmitXmlDeclaration = true,
    };

    /// <summary>Writes a run.</summary>
    public static string Write(CheckSummary summary)
    {
        var text = new StringBuilder("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
        using (var xml = XmlWriter.Create(text, _settings))
        {
            xml.WriteStartElement("testsuites");
            WriteCounts(xml, summary);
            xml.WriteStartElement("testsuite");
            WriteCounts(xml, summary);
            WriteProperties(xml, [("command", summary.Command), ("system", summary.System)]);
            foreach (CheckVerdict verdict in summary.Verdicts)
                WriteCase(xml, verdict);
            xml.WriteEndElement();
            xml.WriteEndElement();
        }
        return text.Append('\n').ToString();
    }

    private static void WriteCounts(XmlWriter xml, CheckSummary summary)
    {
        xml.WriteAttributeString("name", "foliocheck check");
        xml.WriteAttributeString("tests", Number(summary.Verdicts.Count));
        xml.WriteAttributeString("failures", Number(summary.Verdicts.Count(verdict => verdict.Wrong is not null)));
        xml.WriteAttributeString("errors", "0");
        xml.WriteAttributeString("skipped", Number(summary.Verdicts.Count(verdict => verdict.NotJudged is not null)));
    }

    private static void WriteCase(XmlWriter xml, CheckVerdict verdict)
    {
        xml.WriteStartElement("testcase");
        xml.WriteAttributeString("classname", "foliocheck." + verdict.Group);
        xml.WriteAttributeString("name", Clean(verdict.Name));
        if (verdict.Premise is long premise)
            WriteProperties(xml, [("premise", Number(premise))]);
        if (verdict.Wrong is string wrong)
        {
            xml.WriteStartElement("failure");
            xml.WriteAttributeString("message", Clean(wrong));
            xml.WriteString(Clean(verdict.Report));
            xml.WriteEndElement();
        }
        else if (verdict.NotJudged is string reason)
        {
            xml.WriteStartElement("skipped");
            xml.WriteAttributeString("message", reason);
            xml.WriteEndElement();
        }
        xml.WriteEndElement();
    }

    private static void WriteProperties(XmlWriter xml, (string Name, string Value)[] properties)
    {
        xml.WriteStartElement("properties");
        foreach ((string name, string value) in properties)
        {
            xml.WriteStartElement("property");
            xml.WriteAttributeString("name", name);
            xml.WriteAttributeString("value", Clean(value));
            xml.WriteEndElement();
        }
        xml.WriteEndElement();
    }

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>XML has no way to write most control characters; a program under test may say anything.</summary>
    private static string Clean(string text) => string.Concat(text.Select(character => XmlConvert.IsXmlChar(character) ? character : '\uFFFD'));
}
