package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"finmem/backtest/metrics"
	"finmem/data"
	"finmem/internal/printable"
)

func newDataShowCmd(s *streams) *cobra.Command {
	var dir string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "show [DATASET] SYMBOL SESSION",
		Short: "Show what the agent may see on one session, and nothing else",
		Long: `show prints what may be seen of a symbol at a session's cut-off: the bar, the news
since the cut-off before, the filings that became visible. Without DATASET it is
the synthetic sample.`,
		Example: "  finmem data show ds TSLA 2025-10-23",
		Args:    args(cobra.RangeArgs(2, 3)),
		RunE: func(cmd *cobra.Command, a []string) error {
			if len(a) == 3 {
				dir, a = a[0], a[1:]
			}
			day, err := showDay(cmd.Context(), cmd, dir, a[0], a[1])
			if err != nil {
				return err
			}
			if asJSON {
				return writeJSON(s.out, dayToJSON(day))
			}
			printDay(s, day)
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func showDay(ctx context.Context, cmd *cobra.Command, dir, symbol, date string) (data.Day, error) {
	symbol, err := data.Canonical(symbol)
	if err != nil {
		return data.Day{}, usagef(cmd, "%v", err)
	}
	session, err := data.ParseSession(date)
	if err != nil {
		return data.Day{}, usagef(cmd, "%v", err)
	}
	ds, err := openDataset(ctx, dir)
	if err != nil {
		return data.Day{}, err
	}
	calendar, err := data.CalendarByName(ds.Meta.Calendar)
	if err != nil {
		return data.Day{}, err
	}
	h, err := ds.History(symbol)
	if err != nil {
		return data.Day{}, err
	}
	feed, err := data.NewFeed(calendar, h, data.FeedOptions{})
	if err != nil {
		return data.Day{}, err
	}
	return feed.Day(session)
}

func printDay(s *streams, d data.Day) {
	fmt.Fprintf(s.out, "%s, session %s, cut-off %s\n\n", d.Symbol, d.Session, d.Cutoff.Format("2006-01-02 15:04 MST"))
	if d.HasBar {
		fmt.Fprintf(s.out, "bar      open %s  high %s  low %s  close %s  volume %s\n", price(d.Bar.Open), price(d.Bar.High), price(d.Bar.Low), price(d.Bar.Close), price(d.Bar.Volume))
	} else {
		fmt.Fprintln(s.out, "bar      none: no price this session")
	}
	fmt.Fprintf(s.out, "news     %d\n", len(d.News))
	for _, n := range d.News {
		stamp := n.Time.In(d.Cutoff.Location()).Format("2006-01-02 15:04 MST")
		if n.DateOnly {
			stamp = n.Time.Format(time.DateOnly) + " (no time)"
		}
		tone := ""
		if n.Sentiment != nil {
			tone = fmt.Sprintf("  tone %+.2f (%s)", n.Sentiment.Compound, printable.Line(n.Sentiment.Method))
		}
		if n.Copies > 1 {
			tone += fmt.Sprintf("  %d copies", n.Copies)
		}
		fmt.Fprintf(s.out, "\n  %s%s%s\n  %s\n", stamp, tone, summaryOf(n.Summary), printable.Line(strings.TrimSpace(n.Title+" "+n.Text)))
	}
	fmt.Fprintf(s.out, "\nfilings  %d\n", len(d.Filings))
	for _, f := range d.Filings {
		stamp := f.Accepted.In(d.Cutoff.Location()).Format("2006-01-02 15:04 MST")
		if f.DateOnly {
			stamp = f.Accepted.Format(time.DateOnly) + " (no time)"
		}
		fmt.Fprintf(s.out, "\n  %s accepted %s, %d characters%s\n  %s\n", printable.Line(f.Form), stamp, len([]rune(f.Text)), summaryOf(f.Summary), printable.Cut(printable.Line(f.Text), 400))
	}
}

// summaryOf says that a text is a summary, and of how much.
func summaryOf(s *data.Summary) string {
	if s == nil {
		return ""
	}
	by := s.Method
	if s.Model != "" {
		by = s.Model
	}
	return fmt.Sprintf("  summary of %d characters (%s)", s.Characters, printable.Line(by))
}

// price is a number of a bar, or n/a where the source has none.
func price(v float64) string {
	if v != v {
		return "n/a"
	}
	return fmt.Sprintf("%.10g", v)
}

// dayJSON is a day as --json shows it; what the source does not have is null.
type dayJSON struct {
	Symbol  string       `json:"symbol"`
	Session data.Session `json:"session"`
	Cutoff  time.Time    `json:"cutoff"`
	Bar     *barJSON     `json:"bar"`
	News    []newsJSON   `json:"news"`
	Filings []filingJSON `json:"filings"`
}

type barJSON struct {
	Open     metrics.Figure `json:"open"`
	High     metrics.Figure `json:"high"`
	Low      metrics.Figure `json:"low"`
	Close    metrics.Figure `json:"close"`
	AdjClose metrics.Figure `json:"adjClose"`
	Volume   metrics.Figure `json:"volume"`
}

type newsJSON struct {
	Time      string          `json:"time"` // RFC 3339, or a date where no time is known
	Title     string          `json:"title"`
	Text      string          `json:"text"`
	Source    string          `json:"source"`
	URL       string          `json:"url"`
	Sentiment *data.Sentiment `json:"sentiment"`
	Copies    int             `json:"copies"`
	Summary   *data.Summary   `json:"summary"` // null where the text is the source's
}

type filingJSON struct {
	Accepted string        `json:"accepted"`
	Form     string        `json:"form"`
	Period   string        `json:"period"`
	Text     string        `json:"text"`
	Summary  *data.Summary `json:"summary"`
}

func dayToJSON(d data.Day) dayJSON {
	out := dayJSON{Symbol: d.Symbol, Session: d.Session, Cutoff: d.Cutoff, News: []newsJSON{}, Filings: []filingJSON{}}
	if d.HasBar {
		b := d.Bar
		out.Bar = &barJSON{metrics.Figure(b.Open), metrics.Figure(b.High), metrics.Figure(b.Low), metrics.Figure(b.Close), metrics.Figure(b.AdjClose), metrics.Figure(b.Volume)}
	}
	for _, n := range d.News {
		out.News = append(out.News, newsJSON{stamp(n.Time, n.DateOnly), n.Title, n.Text, n.Source, n.URL, n.Sentiment, n.Copies, n.Summary})
	}
	for _, f := range d.Filings {
		out.Filings = append(out.Filings, filingJSON{stamp(f.Accepted, f.DateOnly), f.Form, f.Period, f.Text, f.Summary})
	}
	return out
}

// stamp is an instant, or only its date where that is all that is known.
func stamp(t time.Time, dateOnly bool) string {
	if dateOnly {
		return t.Format(time.DateOnly)
	}
	return t.Format(time.RFC3339)
}
