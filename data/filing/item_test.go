package filing_test

import (
	"os"
	"strings"
	"testing"

	"finmem/data/filing"
	"finmem/data/markup"
	"finmem/internal/shared"
)

func TestItems(t *testing.T) {
	for _, tt := range []struct {
		name, form, text, want, note string
	}{
		{"none of them", "10-K/A", "PART III\nItem 10. Directors, Executive Officers\nThe board has eight members.", "PART III\nItem 10. Directors, Executive Officers\nThe board has eight members.", "Item 1A, Item 7, Item 7A not found; the whole document is kept"},
		{"contents only", "10-K", "Item 1A. Risk Factors 14\nItem 7. Management's Discussion and Analysis 20\nItem 8. Financial Statements 30\nText.", "Item 1A. Risk Factors 14\nItem 7. Management's Discussion and Analysis 20\nItem 8. Financial Statements 30\nText.", "not found; the whole"},
		{
			"one of them", "10-K", "Item 1A. Risk Factors\nOur production may be delayed by floods.\nItem 1B. Unresolved Staff Comments\nNone",
			"Item 1A. Risk Factors\nOur production may be delayed by floods.", "Item 7, Item 7A not found",
		},
		{
			"two items together", "10-K", "Items 7 and 7A. Management's Discussion and Analysis\nRevenue rose in each of the years.\nItem 8. Financial Statements\nx",
			"Items 7 and 7A. Management's Discussion and Analysis\nRevenue rose in each of the years.", "Item 1A, Item 7A not found",
		},
		{
			"a dash, and a broken line", "10-Q", "Item 2 – Management's Discussion and Analysis\nRevenue rose in the quarter by much.\nItem 3 —\nQuantitative and Qualitative Disclosures\nThe rate of interest matters to us.\nItem 4: Controls and Procedures",
			"Item 2 – Management's Discussion and Analysis\nRevenue rose in the quarter by much.\n\nItem 3 —\nQuantitative and Qualitative Disclosures\nThe rate of interest matters to us.", "Item 1A not found",
		},
		{
			"a short name in quotes", "10-Q", "Item 2. Management’s Discussion and Analysis (“MD&A”)\nRevenue rose in the quarter by much.\nItem 4. Controls",
			"Item 2. Management’s Discussion and Analysis (“MD&A”)\nRevenue rose in the quarter by much.", "Item 3, Item 1A not found",
		},
		{
			"references at the start of a line", "10-K", "Item 7. Management's Discussion and Analysis\nRevenue rose in the year by much.\nItem 8, \"Financial Statements\", has the notes.\nItem 1A. Risk Factors of this report\nItem 8. Financial Statements in Part II\nMargins fell.\nItem 8. Financial Statements",
			"Item 7. Management's Discussion and Analysis\nRevenue rose in the year by much.\nItem 8, \"Financial Statements\", has the notes.\nItem 1A. Risk Factors of this report\nItem 8. Financial Statements in Part II\nMargins fell.", "Item 1A, Item 7A not found",
		},
		{"empty", "10-K", "", "", "Item 1A, Item 7, Item 7A not found; the whole document is kept"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, missing := filing.Items(tt.form, tt.text)
			note := filing.Note(tt.form, missing)
			if got != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
			if !strings.Contains(note, tt.note) {
				t.Errorf("note %q, want %q", note, tt.note)
			}
		})
	}
}

// A real annual report, which a converter turned into Markdown.
func TestItemsOfApple(t *testing.T) {
	content, err := os.ReadFile(shared.Path(t, "data/filings/text/Apple.10-K.md"))
	if err != nil {
		t.Fatal(err)
	}
	got, missing := filing.Items("10-K", markup.Markdown(string(content)))
	if len(missing) > 0 {
		t.Errorf("%v not found", missing)
	}
	for _, want := range []string{
		"Item 1A. Risk Factors\n\nThe Company’s business, reputation", "Item 7. Management’s Discussion and Analysis", "Item 7A. Quantitative and Qualitative",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q", want)
		}
	}
	for _, other := range []string{"Unresolved Staff Comments\n", "Item 8.", "CONSOLIDATED BALANCE SHEETS\n", "SIGNATURES"} {
		if strings.Contains(got, other) {
			t.Errorf("%q does not belong there", other)
		}
	}
	if len(got) < 80_000 || len(got) > 150_000 {
		t.Errorf("%d of %d characters, want the half of it", len(got), len(content))
	}
}

func FuzzItems(f *testing.F) {
	f.Add("10-K", "Item 1A. Risk Factors\nText of the risks that we have.\nItem 7.\nManagement's Discussion\nx\nSignatures")
	f.Add("10-Q", "PART I, ITEM 2 – Management's Discussion\n12\n\nitem 3.\n\n\nitems 1 and 2")
	f.Add("10-Q/A", "item 1a")
	f.Fuzz(func(t *testing.T, form, text string) {
		got, missing := filing.Items(form, text)
		if len(missing) == 0 && got == "" {
			t.Error("nothing found and nothing said")
		}
		if len(got) > 4*len(text)+8 {
			t.Errorf("%d bytes of %d", len(got), len(text))
		}
		_ = filing.Note(form, missing)
	})
}
