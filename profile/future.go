package profile

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"
)

// A FutureFact is a sentence of a profile with a date that the first test
// session has not left behind.
type FutureFact struct {
	Key       string // "sectors", "expertise" or "background"
	Sentence  string // white space folded
	Date      string // as the sentence writes it
	First     string // first day of the period that Date may mean, ISO
	Last      string // and the last
	FirstTest string // first test session, ISO
}

func (f *FutureFact) Error() string {
	where := "lies on or after the first test session"
	if f.First < f.FirstTest {
		where = fmt.Sprintf("may mean any day up to %s and so is not over at the first test session", f.Last)
	}
	return fmt.Sprintf("%s: %q: %q %s, %s; leave the fact out, or give the day it was known on if that is earlier (a count is written with a comma: 2,023)",
		f.Key, f.Sentence, f.Date, where, f.FirstTest)
}

// CheckDates refuses a profile that states a fact from on or after the first
// test session, an ISO date. A date in a sentence is taken for the date of the
// fact. A period that has begun but is not over on the day before that session
// may hold facts from after it, so it is refused as well: "in 2023" passes for a
// first test session of 2024-01-02 and not for one of 2023-06-01.
//
// The error joins one [*FutureFact] for each date, in the order of the text.
//
// Dates are read in English, in figures and with a year. A fiscal year is taken
// as the longest stretch it may mean, February of the year before to March of
// the year after. A date that may have the month or the day first is taken both
// ways.
func (p Profile) CheckDates(firstTest string) error {
	first, err := time.Parse(time.DateOnly, firstTest)
	if err != nil {
		return fmt.Errorf("first test session %q: want a date as YYYY-MM-DD", firstTest)
	}
	var errs []error
	for _, s := range p.Sectors {
		errs = append(errs, p.futureFacts("sectors", s, first)...)
	}
	errs = append(errs, p.futureFacts("expertise", p.Expertise, first)...)
	errs = append(errs, p.futureFacts("background", p.Background, first)...)
	if len(errs) == 0 {
		return nil
	}
	return fmt.Errorf("profile %q states what was not known before the test: %w", p.Name, errors.Join(errs...))
}

func (p Profile) futureFacts(key, text string, firstTest time.Time) []error {
	var errs []error
	for _, m := range mentions(p.withoutSymbol(text)) {
		if m.last.Before(firstTest) {
			continue
		}
		errs = append(errs, &FutureFact{
			Key:       key,
			Sentence:  sentenceAround(text, m.start, m.end),
			Date:      fold(text[m.start:m.end]),
			First:     m.first.Format(time.DateOnly),
			Last:      m.last.Format(time.DateOnly),
			FirstTest: firstTest.Format(time.DateOnly),
		})
	}
	return errs
}

// withoutSymbol blanks out the symbol where it could pass for a year, as 2105.TW
// does. A symbol that is nothing but digits cannot be told from one.
func (p Profile) withoutSymbol(text string) string {
	if !strings.ContainsAny(p.Symbol, "0123456789") || strings.Trim(p.Symbol, "0123456789") == "" {
		return text
	}
	return strings.ReplaceAll(text, p.Symbol, strings.Repeat(string(blank), len(p.Symbol)))
}

// A sentence ends at a full stop, question or exclamation mark before white
// space, and at a blank line; not after an abbreviation or an initial.
var (
	sentenceEnd  = regexp.MustCompile(`[.!?]["”’)\]]*\s+|\n\s*\n`)
	abbreviation = regexp.MustCompile(`(?i)(?:\b(?:inc|corp|co|ltd|no|vs|approx|st|dr|mr|mrs|ms|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)|\b[a-z])\.$`)
)

const longestAbbreviation = len(" approx")

// sentenceAround is the sentence of text that holds text[start:end].
func sentenceAround(text string, start, end int) string {
	from, to := 0, len(text)
	for _, loc := range sentenceEnd.FindAllStringIndex(text, -1) {
		if abbreviation.MatchString(text[max(0, loc[0]-longestAbbreviation) : loc[0]+1]) {
			continue
		}
		if loc[1] <= start {
			from = loc[1]
		} else if loc[0] >= end {
			to = loc[0] + len(strings.TrimRight(text[loc[0]:loc[1]], " \t\r\n"))
			break
		}
	}
	return fold(text[from:to])
}

// fold turns every run of white space into one space.
func fold(s string) string { return strings.Join(strings.Fields(s), " ") }
