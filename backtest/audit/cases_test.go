package audit_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"finmem/data"
)

// The cases of the field about what a decision may see, shown where it counts: in
// the prompts of a whole run, through feed, memory and agent. The rules themselves
// are tested in package data.

// prompts runs the world and gives the prompt of each session, "" where none was
// asked.
func (w *world) prompts() []string {
	w.t.Helper()
	w.model = deaf()
	shown := make([]string, len(w.sessions))
	for i, r := range w.run().Records[symbol] {
		if r.Decision != nil {
			shown[i] = r.Decision.Trace.System + "\n" + r.Decision.Trace.Prompt
		}
	}
	return shown
}

// first is the session whose prompt is the first to hold text, -1 for none.
func first(prompts []string, text string) int {
	for i, p := range prompts {
		if strings.Contains(p, text) {
			return i
		}
	}
	return -1
}

// B05: of three items a second before the cut-off, at it and a second after, the
// session sees one and the next the other two, whatever zone the stamps are in.
// cmd/finmem runs whole programs in several time zones.
func TestCutoffInPrompts(t *testing.T) {
	for _, zone := range []*time.Location{time.UTC, time.FixedZone("Los Angeles", -8*60*60), time.FixedZone("Tokyo", 9*60*60)} {
		w := newWorld(t, nil)
		const d = 12
		w.news(w.sessions[d], "15:59:59", "Item before the bell", 0.1)
		w.news(w.sessions[d], "16:00:00", "Item at the bell", 0.1)
		w.news(w.sessions[d], "16:00:01", "Item after the bell", 0.1)
		for i := range w.history.News {
			w.history.News[i].Time = w.history.News[i].Time.In(zone)
		}
		prompts := w.prompts()
		for text, want := range map[string]int{"Item before": d, "Item at": d + 1, "Item after": d + 1} {
			if got := first(prompts, text); got != want {
				t.Errorf("%s: %q shows first in session %d, want %d", zone, text, got, want)
			}
			if n := strings.Count(prompts[d+1], text+" the bell."); n != 1 {
				t.Errorf("%s: %q is offered %d times in session %d, want once", zone, text, n, d+1)
			}
		}
	}
}

// B06: what comes between Friday's close and Monday's is Monday's, over a change
// of the clocks too.
func TestWeekendInPrompts(t *testing.T) {
	sessions, err := nyse.Range("2024-02-26", "2024-03-22")
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, nil)
	w.history.Bars = nil
	for i, s := range sessions {
		w.history.Bars = append(w.history.Bars, data.CloseBar(s, 100+float64(i%3)))
	}
	w.sessions = sessions
	w.config.Window.WarmupFrom, w.config.Window.From, w.config.Window.To = sessions[0], sessions[5], sessions[len(sessions)-1]
	w.news("2024-03-08", "18:30:00", "Item of Friday", 0.1)
	w.news("2024-03-09", "12:00:00", "Item of Saturday", 0.1)
	w.news("2024-03-10", "23:00:00", "Item of Sunday", 0.1)
	w.news("2024-03-11", "08:00:00", "Item of Monday", 0.1)
	prompts := w.prompts()
	for _, text := range []string{"Item of Friday", "Item of Saturday", "Item of Sunday", "Item of Monday"} {
		if i := first(prompts, text); i < 0 || sessions[i] != "2024-03-11" {
			t.Errorf("%q shows first in session %d, want that of 2024-03-11", text, i)
		}
	}
	monday := first(prompts, "Item of Monday")
	if !strings.Contains(prompts[monday], "New today: 4 items of news") || !strings.Contains(prompts[monday-1], "New today: no news") {
		t.Errorf("Friday and Monday are told otherwise:\n%s", prompts[monday])
	}
}

// B07: with news of the day before, the day, the day after and a month later, no
// prompt shows any of it before its day, nor a price that is still to come.
func TestNoPromptShowsTheFuture(t *testing.T) {
	for _, d := range []int{4, 9, 12} { // warm-up, its last session, test
		w := newWorld(t, nil)
		month := w.sessions[d].AddDays(30)
		if !nyse.IsSession(month) {
			month = month.AddDays(2)
		}
		w.news(w.sessions[d-1], "11:00:00", "Item of D-1", 0.1)
		w.news(w.sessions[d], "11:00:00", "Item of D", 0.1)
		w.news(w.sessions[d+1], "11:00:00", "Item of D+1 with the surge", 0.9)
		w.news(month, "11:00:00", "Item of D+30", 0.9)
		for i := range w.history.Bars {
			w.history.Bars[i] = data.CloseBar(w.history.Bars[i].Session, 1000+float64(i)*0.37)
		}
		prompts := w.prompts()
		for text, want := range map[string]int{"Item of D-1.": d - 1, "Item of D.": d, "Item of D+1 with the surge.": d + 1} {
			if want == 9 {
				want++ // the last session of the warm-up is only observed
			}
			if got := first(prompts, text); got != want {
				t.Errorf("D is session %d: %q shows first in session %d, want %d", d, text, got, want)
			}
		}
		for i, prompt := range prompts {
			if strings.Contains(prompt, "Item of D+30") {
				t.Errorf("D is session %d: session %d shows the news of a month later", d, i)
			}
			for _, b := range w.history.Bars {
				if b.Session > w.sessions[i] && strings.Contains(prompt, fmt.Sprintf(": %.2f", b.Close)) {
					t.Errorf("session %d shows the close of %s", i, b.Session)
				}
			}
			for _, later := range w.sessions[i+1:] {
				if strings.Contains(prompt, string(later)) {
					t.Errorf("session %d shows the date %s", i, later)
				}
			}
		}
	}
}

// B09: a quarterly report for a period that ended on 2024-03-31, filed on
// 2024-05-10, is in no prompt and no memory before the cut-off after its filing.
func TestFilingShowsFromItsFiling(t *testing.T) {
	const text = "The quarter brought many anvils."
	for _, tt := range []struct {
		name    string
		filing  data.Filing
		visible data.Session
	}{
		{"by date", data.Filing{Accepted: data.Session("2024-05-10").In(time.UTC), DateOnly: true}, "2024-05-13"},
		{"at noon", data.Filing{Accepted: data.Session("2024-05-10").In(nyse.Location()).Add(12 * time.Hour)}, "2024-05-10"},
		{"in the evening", data.Filing{Accepted: data.Session("2024-05-10").In(nyse.Location()).Add(17 * time.Hour)}, "2024-05-13"},
	} {
		w := newWorld(t, nil)
		var err error
		if w.sessions, err = nyse.Range("2024-03-20", "2024-05-20"); err != nil {
			t.Fatal(err)
		}
		w.history.Bars = nil
		for i, s := range w.sessions {
			w.history.Bars = append(w.history.Bars, data.CloseBar(s, 100+float64(i%4)))
		}
		w.config.Window.WarmupFrom, w.config.Window.From, w.config.Window.To = w.sessions[0], "2024-04-15", "2024-05-20"
		tt.filing.Form, tt.filing.Period, tt.filing.Text = "10-Q", "2024-03-31", text
		w.history.Filings = []data.Filing{tt.filing}
		w.model = deaf()
		shown := data.Session("")
		for _, r := range w.run().Records[symbol] {
			if r.Decision != nil && strings.Contains(r.Decision.Trace.Prompt, text) && shown == "" {
				shown = r.Session
			}
			for _, c := range r.Memory {
				if c.Event != nil && c.Event.Text == text && r.Session < tt.visible {
					t.Errorf("filed %s: remembered on %s", tt.name, r.Session)
				}
			}
		}
		if shown != tt.visible {
			t.Errorf("filed %s: shows first on %q, want %s", tt.name, shown, tt.visible)
		}
	}
}

// B60 in prompts: the model is told not to use what it may know of the time after.
func TestInstructionsForbidHindsight(t *testing.T) {
	w := newWorld(t, nil)
	if prompts := w.prompts(); !strings.Contains(prompts[15], "Do not use what you may know of the time after it.") {
		t.Errorf("the instructions are\n%s", prompts[15])
	}
}
