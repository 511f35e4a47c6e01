package fetch

import (
	"context"
	"slices"
	"strings"

	"finmem/data"
)

// pieces splits the missing parts of a range at today, so that what is complete
// can be kept.
func (f *fetching) pieces(wanted, have Range) []Range {
	var pieces []Range
	for _, m := range wanted.without(have) {
		if today := f.today(); m.From < today && today < m.To {
			pieces = append(pieces, Range{m.From, today}, Range{today, m.To})
		} else {
			pieces = append(pieces, m)
		}
	}
	return pieces
}

// news fetches the news that are missing.
func (f *fetching) news(ctx context.Context, r *symbolResult, part *Part, wanted, have Range, step Step) (Range, error) {
	for _, piece := range f.pieces(wanted, have) {
		if err := f.ask(ctx, part, piece, step); err != nil {
			return Range{}, err
		}
		got, err := f.sources.News.News(ctx, r.history.Symbol, f.calendar, piece)
		if err != nil {
			return Range{}, f.failed(part.Vendor, err)
		}
		part.add(got.Tally)
		f.mergeNews(&r.history, part, f.within(got.Items, piece))
	}
	return span(wanted, have), nil
}

// filings fetches the filings that are missing.
func (f *fetching) filings(ctx context.Context, r *symbolResult, part *Part, wanted, have Range, step Step) (Range, error) {
	for _, piece := range f.pieces(wanted, have) {
		if err := f.ask(ctx, part, piece, step); err != nil {
			return Range{}, err
		}
		got, err := f.sources.Filings.Filings(ctx, r.history.Symbol, f.calendar, piece)
		if err != nil {
			return Range{}, f.failed(part.Vendor, err)
		}
		part.add(got.Tally)
		f.mergeNews(&r.history, part, got.News)
		f.mergeFilings(&r.history, part, got.Items)
	}
	return span(wanted, have), nil
}

// span is the range from the first to the last date of two.
func span(a, b Range) Range {
	if b.Empty() {
		return a
	}
	return Range{min(a.From, b.From), max(a.To, b.To)}
}

// within are the items of a range; vendors send more than they were asked for.
func (f *fetching) within(items []data.News, r Range) []data.News {
	from, to := r.Instants(f.calendar.Location())
	var inside []data.News
	for _, n := range items {
		in := !n.Time.Before(from) && n.Time.Before(to)
		if n.DateOnly {
			in = r.Contains(data.SessionOf(n.Time.UTC()))
		}
		if in {
			inside = append(inside, n)
		}
	}
	return inside
}

// mergeNews adds the items that the history does not have. An item is the one that
// is there if its words and its address or its time are, or its address and its
// time.
func (f *fetching) mergeNews(h *data.History, part *Part, items []data.News) {
	seen := make(map[string]bool)
	h.News = slices.Clone(h.News)
	for _, n := range h.News {
		for _, key := range newsKeys(n) {
			seen[key] = true
		}
	}
	for _, n := range items {
		switch {
		case strings.TrimSpace(n.Title) == "" && strings.TrimSpace(n.Text) == "":
			part.Skip(n.Time.Format("2006-01-02 15:04"), "news without a word")
			continue
		case n.Time.After(f.now):
			part.Skip(n.Title, "stamped %s, which is after the time of asking", n.Time.Format("2006-01-02 15:04 MST"))
			continue
		}
		n.Time, n.Copies = n.Time.UTC(), max(n.Copies, 1)
		if err := n.Validate(); err != nil {
			part.Skip(n.Title, "%v", err)
			continue
		}
		keys := newsKeys(n)
		if slices.ContainsFunc(keys, func(k string) bool { return seen[k] }) {
			part.Known++
			continue
		}
		for _, key := range keys {
			seen[key] = true
		}
		part.Added++
		h.News = append(h.News, n)
	}
}

func newsKeys(n data.News) []string {
	words := strings.ToLower(strings.Join(strings.Fields(n.Title+"\x00"+n.Text), " "))
	at := n.Time.UTC().Format("2006-01-02T15:04:05.999999999")
	keys := []string{"t\x00" + at + "\x00" + words}
	if n.URL != "" {
		keys = append(keys, "w\x00"+n.URL+"\x00"+words, "u\x00"+n.URL+"\x00"+at)
	}
	return keys
}

// mergeFilings adds the filings that the history does not have: those of another
// form, time or period.
func (f *fetching) mergeFilings(h *data.History, part *Part, items []data.Filing) {
	h.Filings = slices.Clone(h.Filings)
	for _, x := range items {
		same := func(y data.Filing) bool {
			return y.Form == x.Form && y.Accepted.Equal(x.Accepted) && y.Period == x.Period && (x.Text == y.Text || y.Summary != nil)
		}
		if err := x.Validate(); err != nil {
			part.Skip(x.Form, "%v", err)
		} else if slices.ContainsFunc(h.Filings, same) {
			part.Known++
		} else {
			part.Added++
			h.Filings = append(h.Filings, x)
		}
	}
}
