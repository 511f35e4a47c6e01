package profile_test

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"finmem/profile"
)

// about is a valid profile with the given background.
func about(background string) profile.Profile {
	p := profile.Generic("TSLA")
	p.Background = background
	return p
}

func TestCheckDates(t *testing.T) {
	// date is what the refusal must quote as the date, "" where the sentence
	// passes.
	for _, tt := range []struct{ sentence, firstTest, date string }{
		// Days.
		{"It cut prices on 2022-10-06.", "2022-10-06", "2022-10-06"},
		{"It cut prices on 2022-10-05.", "2022-10-06", ""},
		{"Filed 2022-10-06T16:05:00Z with the regulator.", "2022-10-06", "2022-10-06T"},
		{"It cut prices on 2022/10/06.", "2022-10-06", "2022/10/06"},
		{"It cut prices on 6 October 2022.", "2022-10-06", "6 October 2022"},
		{"It cut prices on 5 October 2022.", "2022-10-06", ""},
		{"It cut prices on the 6th of October, 2022.", "2022-10-06", "6th of October, 2022"},
		{"It cut prices on Oct 6, 2022.", "2022-10-06", "Oct 6, 2022"},
		{"It cut prices on Oct. 5th, 2022, early in the day.", "2022-10-06", ""},
		{"It cut prices on Thursday, October 6th 2022.", "2022-10-06", "October 6th 2022"},
		{"The fair ran from October 3 to 7, 2022.", "2022-10-06", "October 3 to 7, 2022"},
		{"The fair ran from 3–5 October 2022.", "2022-10-06", ""},
		{"It cut prices on 6-Oct-2022.", "2022-10-06", "6-Oct-2022"},
		// Month or day first: 10 June or 6 October.
		{"It cut prices on 10/6/2022.", "2022-10-06", "10/6/2022"},
		{"It cut prices on 6/10/22.", "2022-10-06", "6/10/22"},
		{"It cut prices on 10/13/2022.", "2022-10-14", ""},
		// Months.
		{"A recall followed in October 2022.", "2022-10-06", "October 2022"},
		{"A recall followed in September 2022.", "2022-10-06", ""},
		{"A recall followed in Sept. of 2022.", "2022-09-30", "Sept. of 2022"},
		{"A recall followed in Oct '22.", "2022-10-06", "Oct '22"},
		{"A recall followed (10/2022).", "2022-10-06", "10/2022"},
		{"A recall followed (2022-09).", "2022-10-06", ""},
		// Quarters and halves.
		{"Deliveries fell in Q3 2022.", "2022-09-30", "Q3 2022"},
		{"Deliveries fell in Q3 2022.", "2022-10-06", ""},
		{"Deliveries fell in 4Q22.", "2022-10-06", "4Q22"},
		{"Deliveries fell in 2022Q4.", "2022-10-06", "2022Q4"},
		{"Deliveries fell in Q4'22.", "2022-10-06", "Q4'22"},
		{"Deliveries fell in the fourth quarter of 2022.", "2022-10-06", "fourth quarter of 2022"},
		{"Deliveries fell in the second quarter of 2022.", "2022-10-06", ""},
		{"Deliveries fell in the last quarter of 2021.", "2022-10-06", ""},
		{"Deliveries fell in H2 2022.", "2022-10-06", "H2 2022"},
		{"Deliveries fell in the first half of 2022.", "2022-10-06", ""},
		// Fiscal years may end in March of the year after.
		{"Margins peaked in fiscal 2022.", "2022-10-06", "fiscal 2022"},
		{"Margins peaked in fiscal year 2022.", "2023-03-31", "fiscal year 2022"},
		{"Margins peaked in fiscal 2021.", "2022-10-06", ""},
		{"Margins peaked in FY22.", "2022-10-06", "FY22"},
		{"Margins peaked in the third quarter of fiscal 2022.", "2022-10-06", "third quarter of fiscal 2022"},
		{"Margins peaked in fiscal Q1 2022.", "2022-10-06", "fiscal Q1 2022"},
		{"Margins peaked in fiscal 2021/22.", "2022-10-06", "fiscal 2021/22"},
		// Years. One that has begun is not over: the fact may be from any day.
		{"In 2023 it opened a plant.", "2023-06-01", "2023"},
		{"In 2023 it opened a plant.", "2024-01-02", ""},
		{"In 2023 it opened a plant.", "2022-10-06", "2023"},
		{"Its 2022 results were the best so far.", "2022-10-06", "2022"},
		{"It grew every year, 2019–2022.", "2022-10-06", "2022"},
		{"It grew in 2021-22.", "2022-10-06", "2021-22"},
		{"It has grown since '22.", "2022-10-06", "since '22"},
		{"Analysts expect 12 dollars for 2023E.", "2022-10-06", "2023E"},
		{"It will lead in the 2020s.", "2022-10-06", "2020s"},
		{"It fell in the 1990s.", "2022-10-06", ""},
		{"It wants to be carbon neutral by 2030.", "2022-10-06", "2030"},
		{"Founded in 2003, listed in 2010.", "2021-08-17", ""},
		{"In 2022 employees went on strike.", "2022-10-06", "2022"},
		{"Its 2022 cars were recalled.", "2022-10-06", "2022"},
		{"Losses in 2022 may grow.", "2022-10-06", "2022"},
		// Counts and prices.
		{"It has 2000 employees.", "1999-01-04", ""},
		{"It has about 2050 employees in 2031 stores.", "2040-01-03", ""},
		{"It has 2,023 employees.", "2022-10-06", ""},
		{"It paid $2,023 for each.", "2022-10-06", ""},
		{"It paid $2023 for each.", "2022-10-06", ""},
		{"It paid EUR 2023 and € 2024.", "2022-10-06", ""},
		{"It closed at 2023.45, a loss.", "2022-10-06", ""},
		{"The plant makes 2023 MWh, 2024 full-time workers run it.", "2022-10-06", ""},
		{"The index fell 2030 points, or 2031 %.", "2022-10-06", ""},
		{"The RTX2080 and the 12023 others sold well.", "2022-10-06", ""},
		// No year, no date.
		{"It reports in May and on October 6.", "2022-10-06", ""},
		{"Q4 is its best quarter, 10/6 of the time, 24/7.", "2022-10-06", ""},
	} {
		t.Run(tt.sentence+" "+tt.firstTest, func(t *testing.T) {
			err := about("It makes cars. " + tt.sentence + " It sells them.").CheckDates(tt.firstTest)
			if tt.date == "" {
				if err != nil {
					t.Fatalf("refused: %v", err)
				}
				return
			}
			fact, ok := errors.AsType[*profile.FutureFact](err)
			if !ok {
				t.Fatalf("error %v, want a FutureFact for %q", err, tt.date)
			}
			if fact.Date != tt.date || fact.Sentence != tt.sentence || fact.Key != "background" {
				t.Errorf("refused %q in %q of %s, want %q in %q of background", fact.Date, fact.Sentence, fact.Key, tt.date, tt.sentence)
			}
			if !strings.Contains(err.Error(), tt.firstTest) {
				t.Errorf("error %q does not name the first test session", err)
			}
		})
	}
}

func TestCheckDatesSaysWhy(t *testing.T) {
	for _, tt := range []struct{ background, want string }{
		{
			"It opened a plant on 7 June 2023.",
			`profile "generic" states what was not known before the test: background: "It opened a plant on 7 June 2023.": "7 June 2023" lies on or after the first test session, 2023-06-01; leave the fact out, or give the day it was known on if that is earlier (a count is written with a comma: 2,023)`,
		},
		{
			"It opened a plant in 2023.",
			`profile "generic" states what was not known before the test: background: "It opened a plant in 2023.": "2023" may mean any day up to 2023-12-31 and so is not over at the first test session, 2023-06-01; leave the fact out, or give the day it was known on if that is earlier (a count is written with a comma: 2,023)`,
		},
	} {
		if err := about(tt.background).CheckDates("2023-06-01"); err == nil || err.Error() != tt.want {
			t.Errorf("error\n %v\nwant\n %s", err, tt.want)
		}
	}
}

func TestCheckDatesReadsEveryShownText(t *testing.T) {
	p := profile.Generic("TSLA")
	p.Sectors = []string{"cars", "robots since 2030"}
	p.Expertise = "It knows that Acme Inc. failed\non 3 May 2031. Really!"
	p.Background = "Nothing happened.\n\nIn 2032 it did.\n\nAnd so on."
	err := p.CheckDates("2023-06-01")
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{
		`sectors: "robots since 2030"`,
		`expertise: "It knows that Acme Inc. failed on 3 May 2031."`,
		`background: "In 2032 it did."`,
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("error %q lacks %q", err, want)
		}
	}
	p.Name = "agent 2040" // a label, never shown
	p.Sectors, p.Expertise, p.Background = nil, "It knows.", ""
	if err := p.CheckDates("2023-06-01"); err != nil {
		t.Errorf("the name was read as a fact: %v", err)
	}
}

func TestCheckDatesSymbolIsNoYear(t *testing.T) {
	p := about("2105.TW closed at 36.10 in Taipei.")
	p.Symbol = "2105.TW"
	if err := p.CheckDates("2022-10-06"); err != nil {
		t.Error(err)
	}
	p.Background = "2105.TW opened a plant in 2023."
	if err := p.CheckDates("2022-10-06"); err == nil {
		t.Error("the year beside the symbol was not seen")
	}
}

func TestCheckDatesWantsADate(t *testing.T) {
	for _, bad := range []string{"", "2022", "06.10.2022", "2022-02-30"} {
		if err := about("x").CheckDates(bad); err == nil || !strings.Contains(err.Error(), "YYYY-MM-DD") {
			t.Errorf("CheckDates(%q) = %v, want a word on the form of the date", bad, err)
		}
	}
}

// A later first test session never refuses more than an earlier one.
func TestCheckDatesIsMonotone(t *testing.T) {
	date := rapid.StringMatching(`(19|20)\d\d-(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])`)
	text := rapid.StringMatching(`([A-Za-z ]{0,6}(19|20)\d\d[-/. ]{0,2}\d{0,2}[QH' ]{0,2}\d{0,2}[a-z., ]{0,4}){0,4}`)
	rapid.Check(t, func(t *rapid.T) {
		p := about(text.Draw(t, "text"))
		a, b := date.Draw(t, "a"), date.Draw(t, "b")
		early, late := min(a, b), max(a, b)
		if p.CheckDates(early) == nil && p.CheckDates(late) != nil {
			t.Fatalf("%q passes at %s and not at %s: %v", p.Background, early, late, p.CheckDates(late))
		}
	})
}

func FuzzCheckDates(f *testing.F) {
	for _, s := range []string{
		"In 2023 it opened a plant.", "Q3'22, 3Q22; Oct. 6th, 2022!", "2022-13-45 and 31 February 2022",
		"10/6/22 or 6/10/2022", "fiscal 2022-10", "\u017fept 2022", "FY\u201922", "1999-20", "2020s's", "\xff2022\xff",
		"the last half of the 2199s", "Q4 FY2022 $2023 2023.5 2023%",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		err := about(text).CheckDates("2010-06-01")
		if err == nil {
			return
		}
		fact, ok := errors.AsType[*profile.FutureFact](err)
		if !ok {
			t.Fatalf("error %v is no FutureFact", err)
		}
		if fact.First > fact.Last || fact.Last < fact.FirstTest {
			t.Errorf("%q: period %s to %s, first test session %s", fact.Date, fact.First, fact.Last, fact.FirstTest)
		}
		if utf8.ValidString(text) && !strings.Contains(fact.Sentence, fact.Date) {
			t.Errorf("sentence %q does not hold the date %q", fact.Sentence, fact.Date)
		}
		// Whatever is refused now has gone by some day.
		if err := about(text).CheckDates("2300-01-02"); err != nil {
			t.Errorf("never over: %v", err)
		}
	})
}
