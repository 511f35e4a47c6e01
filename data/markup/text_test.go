package markup_test

import (
	"os"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"finmem/data/markup"
	"finmem/internal/shared"
)

func TestText(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"plain", "Shares rose 3 %.\n\n  Margin < 5 and > 3.", "Shares rose 3 %.\n\n  Margin < 5 and > 3."},
		{"plain with words in angle brackets", "<TSLA> beats <document>", "<TSLA> beats <document>"},
		{"plain with entities", "AT&amp;T&#39;s R&D&nbsp;unit &copy 2024", "AT&T's R&D unit &copy 2024"},
		{"plain with a no-break space", "3\u00a0%", "3 %"},
		{"paragraphs", "<p>One</p><p>Two&nbsp; three</p>", "One\n\nTwo three"},
		{"paragraphs left open", "<p>One<p>Two<ul><li>a<li>b</ul>", "One\n\nTwo\na\nb"},
		{"inline tags do not part words", "<b>Te</b>sla <i>rose</i>", "Tesla rose"},
		{"line breaks", "a<br>b<br/><br>c<br><br><br>d", "a\nb\n\nc\n\nd"},
		{"script, style, comment, head", "<html><head><title>T</title><style>p{}</style></head><body>a<script>b<p></script><!-- c --><style>d</style>e</body>", "ae"},
		{"head left open", "<html><head><meta charset=x><body>a", "a"},
		{"head without a body tag", "<head><title>T</title><div>a</div>", "a"},
		{"empty title of XHTML", `<html><head><title/></head><body>a</body></html>`, "a"},
		{"hidden", `<div style="display: none">x<div>y</div>z</div>a<p hidden>b<p>c<span style="DISPLAY:NONE !important">d</span>`, "a\n\nc"},
		{"hidden cell", `<table><tr><td style="display:none">x<td>a<tr><td>b</table>`, "a\nb"},
		{"inline XBRL", `<body><div><ix:header><ix:hidden>0001318605</ix:hidden></ix:header></div><p>Net income of $<ix:nonfraction name="x">12.6</ix:nonfraction> billion</p></body>`, "Net income of $12.6 billion"},
		{"table", `<table><tr><th>Year</th><th></th><th>2022</th></tr><tr><td><p>Revenue</p></td><td>$</td><td><div>81,462</div></td><td>51</td><td>%</td></tr>` +
			`<tr><td>Loss</td><td>$</td><td>(</td><td>12</td><td>)</td></tr></table>`, "Year | 2022\nRevenue | $81,462 | 51%\nLoss | $(12)"},
		{"a dash in a cell is a value", "<table><tr><td>-</td><td>5</td></tr></table>", "- | 5"},
		{"two blocks in a cell", "<table><tr><td><div>a</div><div>b</div></td><td>c</td></tr></table>", "a\nb | c"},
		{"cells without a row", "<p>a</p><table><td>b<td>c</table>d", "a\n\nb | c\n\nd"},
		{"preformatted", "<p>a  b</p><pre>  c   d\n  e</pre>f", "a b\n\n  c   d\n  e\nf"},
		{"entities in HTML", "<p>Q&amp;A &lt;b&gt; &#8217;&#x2019;</p>", "Q&A <b> ’’"},
		{"control characters", "<p>a\x00\x1b[31mb\u202ec&#27;&#x202e;d</p>", "a[31mbcd"},
		{"Windows-1252", "<p>\u0093a\u0094&#150;b</p>", "“a”–b"},
		{"composed", "<p>Pe\u0301rez</p>", "P\u00e9rez"},
		{"cut inside a tag", "<p>a</p><p>b<a href=\"x", "a\n\nb"},
		{"blank", " <p> </p> ", ""},
		{"empty", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := markup.Text(tt.in); got != tt.want {
				t.Errorf("Text(%q)\n got %q\nwant %q", tt.in, got, tt.want)
			}
		})
	}
}

func TestMarkdown(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"lines stay", "one\ntwo\n\nthree", "one\ntwo\n\nthree"},
		{"headings and bold letters", "## **Item 7.** \u00a0 Discussion\ntext", "Item 7. Discussion\ntext"},
		{"tags between", "<div align='center'>FORM\n10-K</div>\n\nA&amp;B", "FORM\n10-K\n\nA&B"},
		{"table", "| a |   | $ | 5 |\n|---|:-:|---|---|\n| | b | | |\nc | d", "a | $5\nb\nc | d"},
		{"hidden", "a<script>b</script>c", "ac"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := markup.Markdown(tt.in); got != tt.want {
				t.Errorf("Markdown(%q)\n got %q\nwant %q", tt.in, got, tt.want)
			}
		})
	}
}

// Nesting that overwhelms a tree costs nothing here.
func TestTextNestedDeep(t *testing.T) {
	const depth = 200_000
	in := strings.Repeat("<div><font>", depth) + "word" + strings.Repeat("</div>", depth)
	if got := markup.Text(in); got != "word" {
		t.Errorf("Text of %d nested elements = %.40q, want %q", depth, got, "word")
	}
	in = strings.Repeat(`<div style="display:none">`, depth) + "word" + strings.Repeat("</div>", depth) + "seen"
	if got := markup.Text(in); got != "seen" {
		t.Errorf("Text of %d hidden elements = %.40q, want %q", depth, got, "seen")
	}
}

func TestTextOfRealFilings(t *testing.T) {
	for file, want := range map[string][]string{
		"Oracle.8-K.html":          {"FORM 8-K", "Delaware | 001-35992 | 54-2185193", "Common Stock, par value $0.01 per share | ORCL | New York Stock Exchange"},
		"1800Flowers.8-K.html":     {"FORM 8-K", "1-800-FLOWERS.COM"},
		"../edgar/badform.idx.txt": {"A-Game Beverages, Inc.                                        1838675"},
	} {
		content, err := os.ReadFile(shared.Path(t, "data/filings/text", file))
		if err != nil {
			t.Fatal(err)
		}
		got := markup.Text(string(content))
		checkClean(t, got)
		for _, text := range want {
			if !strings.Contains(got, text) {
				t.Errorf("%s: no %q in\n%.2000s", file, text, got)
			}
		}
		if strings.Contains(got, "<div") || strings.Contains(got, "&#") || strings.Contains(got, "font-family") {
			t.Errorf("%s: markup is left in\n%.2000s", file, got)
		}
	}
}

func checkClean(t *testing.T, got string) {
	t.Helper()
	if !utf8.ValidString(got) {
		t.Errorf("%.200q is not UTF-8", got)
	}
	if i := strings.IndexFunc(got, func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' }); i >= 0 {
		t.Errorf("control character at %d of %.200q", i, got)
	}
	if strings.ContainsRune(got, '\u00a0') {
		t.Errorf("no-break space in %.200q", got)
	}
}

func FuzzText(f *testing.F) {
	for _, s := range []string{
		"plain", "<p>a<b>b</p>", "<table><tr><td>$<td>1<td>)</table>", "<pre> a\n", "<head><title/>x", "&amp;&#0;&#x110000;&nbsp;",
		`<div style="display:none">x<p>y`, "<script>", "<!--", "<![CDATA[x]]>", "<plaintext>a<b", "\xff<p>\xfe", "<p>\u00a0\u0085",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		checkClean(t, markup.Markdown(s))
		got := markup.Text(s)
		checkClean(t, got)
		if len(got) > 4*len(s)+8 {
			t.Errorf("Text(%q) has %d bytes, the input %d", s, len(got), len(s))
		}
		if again := markup.Clean(got); again != strings.TrimSpace(got) {
			t.Errorf("Text(%q) = %q is not clean: %q", s, got, again)
		}
	})
}
