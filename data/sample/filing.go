package sample

import (
	"fmt"
	"strings"

	"finmem/data"
)

// A section is a heading and the sentences it is made of: count of the sentences
// that depend on the tone, and standing ones in between.
type section struct {
	heading          string
	good, bad, plain []string
	count            int
	standing         []string
	standingCount    int
}

// quarterlySections are those of a 10-Q.
var quarterlySections = []section{
	{heading: "Item 2. Results of operations", good: goodResultsText, bad: badResultsText, plain: plainResultsText, count: 4},
	{heading: "Item 2. Costs and margins", good: goodMarginText, bad: badMarginText, plain: plainMarginText, count: 3},
	{heading: "Item 2. Liquidity", good: goodCashText, bad: badCashText, plain: plainCashText, count: 3},
	{heading: "Item 2. Outlook", good: goodOutlookText, bad: badOutlookText, plain: plainOutlookText, count: 3},
	{heading: "Item 4. Controls", standing: controlText, standingCount: 3},
	{heading: "Item 1A. Risk factors", standing: riskText, standingCount: 3},
}

// annualSections are those of a 10-K. Its theme decides the tone of what it says
// of strategy and prospects; its results are those of a plain year, so that the
// two are told apart.
var annualSections = []section{
	{heading: "Item 1. Business", standing: businessText, standingCount: 7},
	{heading: "Item 1. Strategy", good: goodThemeText, bad: badThemeText, count: 6},
	{heading: "Item 1. Competition", standing: competitionText, standingCount: 5},
	{heading: "Item 1. Employees and properties", standing: peopleText, standingCount: 5},
	{heading: "Item 1A. Risk factors", standing: riskText, standingCount: 8},
	{heading: "Item 7. Results of operations", standing: plainResultsText, standingCount: 3},
	{heading: "Item 7. Costs and liquidity", standing: append(append([]string(nil), plainMarginText...), plainCashText...), standingCount: 5},
	{heading: "Item 7. Prospects", good: goodOutlookText, bad: badOutlookText, count: 3},
	{heading: "Item 9A. Controls", standing: controlText, standingCount: 4},
}

// filings gives the releases words.
func (c company) filings(seed uint64, releases []release) []data.Filing {
	s := newStream(seed, c.number, forFilingWords)
	list := make([]data.Filing, len(releases))
	for i, r := range releases {
		list[i] = data.Filing{Accepted: r.published, Form: r.form, Period: string(r.ends), Text: c.filing(s, r)}
	}
	return list
}

func (c company) filing(s stream, r release) string {
	sections, span, prior := quarterlySections, "quarter", "same quarter of the year before"
	if r.form == "10-K" {
		sections, span, prior = annualSections, "year", "year before"
	}
	parts := []string{fmt.Sprintf(
		"%s, Form %s for the %s, ended %s. The company does not exist; this report was generated for a synthetic market.",
		c.name, r.form, r.period, r.ends)}
	for _, sec := range sections {
		f := newFiller(s, c)
		f.used["span"], f.used["prior"] = span, prior
		f.used["lines"], f.used["inputs"] = listed(c.lines), listed(c.inputs)
		f.used["customers"], f.used["rivals"] = listed(c.customers), listed(c.rivals)
		sentences := pickSome(s, toned(r.tone, sec.good, sec.bad, sec.plain), sec.count)
		sentences = append(sentences, pickSome(s, sec.standing, sec.standingCount)...)
		parts = append(parts, sec.heading+"\n"+f.fill(strings.Join(sentences, " ")))
	}
	return strings.Join(parts, "\n\n")
}

// listed is "a, b and c".
func listed(words []string) string {
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " and " + words[last]
}
