package importer

import (
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"finmem/data"
)

// describe fills the description of the dataset and the notes of the report.
// What is true of the data for good goes into both, what only concerns this
// import into the report alone.
func (r *envReader) describe() {
	h, report, meta := &r.result.History, &r.result.Report, &r.result.Meta
	note := func(format string, args ...any) { report.Notes = append(report.Notes, fmt.Sprintf(format, args...)) }
	lasting := func(text string) {
		report.Notes = append(report.Notes, text)
		meta.Notes = append(meta.Notes, text)
	}

	quarterly := 0
	for _, f := range h.Filings {
		if f.Form == "10-Q" {
			quarterly++
		}
	}
	dates := r.env.dates
	note("%d dates from %s to %s: %d prices, %d news, %d 10-Q, %d 10-K", len(dates), dates[0].session, dates[len(dates)-1].session,
		len(h.Bars), len(h.News), quarterly, len(h.Filings)-quarterly)

	calendar := r.options.Calendar
	switch {
	case calendar != nil:
	case data.IsPair(h.Symbol):
		calendar = data.Always()
	default:
		calendar = calendarOf(h.Bars)
	}
	note("calendar %s: %d of %d prices fall on a weekend", calendar.Name(), weekends(h.Bars), len(h.Bars))
	*meta = data.Meta{
		Name:       strings.TrimSuffix(r.env.file, filepath.Ext(r.env.file)),
		Calendar:   calendar.Name(),
		Sources:    []string{r.env.format + " file " + r.env.file},
		PriceKind:  data.CloseOnly,
		Adjustment: data.UnknownAdjustment,
	}
	lasting("one price a date: fills fall back to the close of the next session")
	lasting("the source does not say whether prices are adjusted for splits and dividends")
	if len(h.News) > 0 {
		lasting("news have a date and no time: they count as known only after that session's close")
	}
	switch {
	case len(h.Filings) == 0:
	case r.options.FilingsOnDate:
		lasting("filings have a session and no time: each is visible on it and carries the date of the day before")
	default:
		lasting("filings have a date and no time: each is visible from the next session after its date")
	}
	if n := r.counts.labelled; n > 0 {
		lasting("sentiment labels came with the texts; who set them, and when, is not known")
		note("%d news came with a sentiment label, which was taken off the text", n)
	}
	if n := r.counts.scored; n > 0 {
		note("%d news came with FinBERT scores, which were taken off the text", n)
	}
	if n := r.counts.unread; n > 0 {
		note("%d news mention scores that cannot be read as a whole; their text was left as it is", n)
	}
	if n := r.counts.noPrice; n > 0 {
		note("%d dates have no price of %s", n, h.Symbol)
	}
	if n := r.counts.blank; n > 0 {
		note("%d blank texts were dropped", n)
	}
	if n := repeats(h.News); n > 0 {
		note("%d news repeat another of the same date; all are kept, and a day shows each once with its number of copies", n)
	}
	if stray := strays(calendar, h.Bars); len(stray) > 0 {
		note("%d prices fall on dates that are no session of the %s calendar and will not be traded on: %s", len(stray), calendar.Name(), list(stray, 5))
	}
	report.Notes = append(report.Notes, r.env.notes...)
}

// calendarOf guesses the calendar from the dates that have a price. A market
// that never closes has two prices in seven on a weekend, fewer where days are
// missing; one price in twenty is taken as the line between that and an error.
func calendarOf(bars []data.Bar) *data.Calendar {
	if n := weekends(bars); n > 0 && 20*n >= len(bars) {
		return data.Always()
	}
	return data.NYSE()
}

func weekends(bars []data.Bar) int {
	n := 0
	for _, b := range bars {
		if day := b.Session.In(time.UTC).Weekday(); day == time.Saturday || day == time.Sunday {
			n++
		}
	}
	return n
}

// strays are the dates with a price on which the exchange does not trade.
func strays(calendar *data.Calendar, bars []data.Bar) []string {
	var dates []string
	for _, b := range bars {
		if !calendar.IsSession(b.Session) {
			dates = append(dates, string(b.Session))
		}
	}
	return dates
}

// list joins at most limit items and says how many more there are.
func list(items []string, limit int) string {
	if len(items) <= limit {
		return strings.Join(items, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(items[:limit], ", "), len(items)-limit)
}

// repeats counts the news whose text stood before under the same date.
func repeats(news []data.News) int {
	type key struct {
		date int64
		text string
	}
	seen := make(map[key]bool, len(news))
	n := 0
	for _, item := range news {
		k := key{item.Time.Unix(), item.Text}
		if seen[k] {
			n++
		}
		seen[k] = true
	}
	return n
}
