package markup_test

import (
	"strings"
	"testing"

	"finmem/data/markup"
)

// An annual report has some ten thousand rows of tables and paragraphs.
func BenchmarkText(b *testing.B) {
	row := `<tr><td style="padding:2px"><div style="font-size:10pt"><span>Cost of revenue &amp; other</span></div></td><td>$</td><td>1,234</td><td>)</td></tr>`
	report := "<html><body><table>" + strings.Repeat(row, 10_000) + "</table>" +
		strings.Repeat("<p style=\"margin:0\"><span>Our production may be delayed by floods, and our suppliers&#8217; too.</span></p>", 10_000) + "</body></html>"
	b.SetBytes(int64(len(report)))
	b.ReportAllocs()
	for b.Loop() {
		if text := markup.Text(report); len(text) < 1000 {
			b.Fatal(text)
		}
	}
}
