package sample

import (
	"slices"

	"finmem/data"
)

// A subject is what a news item is about.
type subject int

const (
	chatter  subject = iota // moves nothing
	report                  // moves the price, see Report
	rumour                  // is taken back, see Rumour
	earnings                // a report with the results of a quarter
	payout                  // announces the dividend
	division                // announces the split
)

// A notice is a news item before it has words.
type notice struct {
	moment
	subject subject
	tone    int    // of the text; 0 says nothing good or bad
	quarter string // whose results these are, in words
}

// A release is a filing before it has words.
type release struct {
	moment
	form   string
	ends   data.Session // end of the period reported on
	period string       // in words
	tone   int
}

// The times of a filing: the end of its period, and from how many to how many
// days after it the filing comes. The first annual report is that of the year
// before the sample begins.
var filings = []struct {
	form             string
	ends             data.Session
	period           string
	earliest, latest int
}{
	{"10-K", "2022-12-31", "year 2022", 45, 60},
	{"10-Q", "2023-03-31", "first quarter of 2023", 25, 40},
	{"10-Q", "2023-06-30", "second quarter of 2023", 25, 40},
	{"10-Q", "2023-09-30", "third quarter of 2023", 25, 40},
	{"10-K", "2023-12-31", "year 2023", 45, 60},
	{"10-Q", "2024-03-31", "first quarter of 2024", 25, 40},
}

// releases are the company's filings. A 10-Q is good or bad in two fifths of the
// cases each and neither in the rest; a 10-K is one or the other.
func (c company) releases(seed uint64, t timetable) []release {
	s := newStream(seed, c.number, forFilings)
	var list []release
	for _, f := range filings {
		date := t.sessions[t.onOrAfter(f.ends.AddDays(s.between(f.earliest, f.latest)))]
		r := release{form: f.form, ends: f.ends, period: f.period, tone: s.sign()}
		if f.form == "10-Q" && s.chance(20) {
			r.tone = 0
		}
		hour, minute := s.between(17, 18), s.below(60)
		if s.chance(35) {
			hour = s.between(7, 8)
		}
		if m, ok := t.instant(t.at(date, hour, minute, s.below(60))); ok {
			r.moment = m
			list = append(list, r)
		}
	}
	return list
}

// The corporate actions of the sample, all of one company.
const (
	actionSymbol  = "NOKELP"
	splitSession  = data.Session("2023-09-18")
	splitRatio    = 2
	splitNotice   = data.Session("2023-08-24")
	exSession     = data.Session("2024-03-14")
	exDividend    = 0.45
	payoutNotice  = data.Session("2024-02-21")
	noticeHour    = 8
	noticeMinutes = 15
)

func (c company) actions() []data.Action {
	if c.symbol != actionSymbol {
		return nil
	}
	return []data.Action{
		{Session: splitSession, Split: splitRatio},
		{Session: exSession, Dividend: exDividend},
	}
}

// notices are the company's news items, oldest first: about six a week, of which
// three in ten are reports, one in ten is a rumour and the rest chatter; and on
// top the results of each quarter within the hour before its 10-Q.
func (c company) notices(seed uint64, t timetable, releases []release) []notice {
	s := newStream(seed, c.number, forNews)
	var list []notice
	for date := First; date <= Last; date = date.AddDays(1) {
		for range itemsOn(s, t.calendar.IsSession(date)) {
			n := notice{subject: pick(s, subjects), tone: s.sign()}
			if n.subject == chatter {
				n.tone = 0
			}
			if m, ok := t.someMoment(s, date); ok {
				n.moment = m
				list = append(list, n)
			}
		}
	}
	for _, r := range releases {
		if r.form != "10-Q" {
			continue
		}
		early := -s.between(35, 60)
		if m, ok := t.instant(r.published.Add(minutes(early))); ok {
			list = append(list, notice{moment: m, subject: earnings, tone: r.tone, quarter: r.period})
		}
	}
	if c.symbol == actionSymbol {
		for _, a := range []struct {
			subject subject
			date    data.Session
		}{{division, splitNotice}, {payout, payoutNotice}} {
			if m, ok := t.instant(t.at(a.date, noticeHour, noticeMinutes, 0)); ok {
				list = append(list, notice{moment: m, subject: a.subject})
			}
		}
	}
	slices.SortStableFunc(list, func(a, b notice) int { return a.published.Compare(b.published) })
	return list
}

// subjects of ten items.
var subjects = []subject{report, report, report, rumour, chatter, chatter, chatter, chatter, chatter, chatter}

// itemsOn is the number of items on a date: 1.1 on average on a session, 0.25 on
// another day.
func itemsOn(s stream, session bool) int {
	if !session {
		return pick(s, []int{0, 0, 0, 1})
	}
	return pick(s, []int{0, 0, 0, 1, 1, 1, 1, 2, 2, 3})
}

// someMoment is a time on a date: of twenty on a session five before the open,
// seven while it is open, five after the close and three without a time of day.
func (t timetable) someMoment(s stream, date data.Session) (moment, bool) {
	if !t.calendar.IsSession(date) {
		if s.chance(20) {
			return t.dateOnly(date)
		}
		return t.instant(t.at(date, s.between(8, 19), s.below(60), s.below(60)))
	}
	switch n := s.below(20); {
	case n < 5:
		return t.instant(t.at(date, s.between(6, 8), s.below(60), s.below(60)))
	case n < 12:
		open, end := t.calendar.Open(date), t.calendar.Close(date)
		return t.instant(open.Add(seconds(s.below(int(end.Sub(open).Seconds())))))
	case n < 17:
		return t.instant(t.calendar.Close(date).Add(seconds(s.between(60, 5*60*60))))
	}
	return t.dateOnly(date)
}

// plants are the effects of notices and releases on the price.
func plants(notices []notice, news []data.News, releases []release) []plant {
	var list []plant
	add := func(kind Kind, tone int, m moment, title string) {
		if tone != 0 {
			list = append(list, plant{kind, tone, m.session, m.overnight, m.published, title})
		}
	}
	for i, n := range notices {
		switch n.subject {
		case report, earnings:
			add(Report, n.tone, n.moment, news[i].Title)
		case rumour:
			add(Rumour, n.tone, n.moment, news[i].Title)
		}
	}
	for _, r := range releases {
		kind := Quarterly
		if r.form == "10-K" {
			kind = Annual
		}
		add(kind, r.tone, r.moment, r.form+" of "+string(r.ends))
	}
	slices.SortStableFunc(list, func(a, b plant) int { return a.published.Compare(b.published) })
	return list
}
