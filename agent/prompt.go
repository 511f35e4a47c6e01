package agent

import (
	"embed"
	"fmt"
	"html"
	"strconv"
	"strings"
	"text/template"

	"finmem/data"
	"finmem/internal/printable"
	"finmem/memory"
	"finmem/profile"
)

//go:embed prompts/*.tmpl
var promptFiles embed.FS

// The prompts of a session.
const (
	promptSystem = "system.tmpl"
	promptDecide = "decide.tmpl"
	promptLearn  = "learn.tmpl"
	// promptMemory is one memory as it stands in the others.
	promptMemory = "memory"
)

func parsePrompts() (*template.Template, error) {
	return template.ParseFS(promptFiles, "prompts/*.tmpl")
}

// A sessionView is a session as the templates see it: words, ready to print.
type sessionView struct {
	Date, New, Inclination     string
	MomentumSessions, Momentum string
	Position, Cash, Equity     string
	Technical                  technicalView
	Layers                     []layerView
	Move                       string // of a lesson
	Action                     Action // that the move makes right
}

type technicalView struct {
	// Of says which session's close is the last one, where it is not this one's.
	Of                            string
	Close, RSI, SMA20, SMA50, ATR string
	Line, Signal, Histogram       string
	Upper, Middle, Lower          string
}

type layerView struct {
	Title, Note string
	Memories    []memoryView
}

type memoryView struct {
	Number                                     int
	Date, Ago, Source, Part, Copies            string
	Tone, Relevancy, Recency, Importance, Text string
}

// system is the stable part of the prompt.
func (a *Agent) system(incl profile.Inclination, format Format) (string, error) {
	return a.render(promptSystem, struct{ Character, Symbol, Schema string }{
		Character: a.mask.text(a.profile.Character(incl)),
		Symbol:    a.mask.text(a.profile.Symbol),
		Schema:    string(format.Schema()),
	})
}

func (a *Agent) render(name string, view any) (string, error) {
	var b strings.Builder
	if err := a.prompts.ExecuteTemplate(&b, name, view); err != nil {
		return "", fmt.Errorf("prompt %s: %w", name, err)
	}
	return printable.Text(b.String()), nil
}

// view puts a session into words. hits are the memories to show, in the order of
// their numbers.
func (a *Agent) view(obs Observation, t technical, incl profile.Inclination, hits []memory.Hit) sessionView {
	date := string(obs.Day.Session)
	if a.mask.active() {
		date = "withheld"
	}
	of := ""
	if obs.Early {
		of = "the session before"
	}
	return sessionView{
		Date:             date,
		New:              newToday(obs.Day),
		Inclination:      string(incl),
		MomentumSessions: counted(momentumSessions, "session"),
		Momentum:         percent(t.momentum),
		Position:         position(obs.Account, t.close),
		Cash:             amount(obs.Account.Cash),
		Equity:           amount(obs.Account.Equity),
		Technical: technicalView{
			Of: of, Close: amount(t.close), RSI: plain(t.rsi), SMA20: amount(t.sma20), SMA50: amount(t.sma50), ATR: amount(t.atr),
			Line: amount(t.macd.Line), Signal: amount(t.macd.Signal), Histogram: amount(t.macd.Histogram),
			Upper: amount(t.bands.Upper), Middle: amount(t.bands.Middle), Lower: amount(t.bands.Lower),
		},
		Layers: a.layers(obs.Day.Session, hits),
	}
}

func newToday(day data.Day) string {
	news := "no news"
	if n := len(day.News); n == 1 {
		news = "1 item of news"
	} else if n > 1 {
		news = fmt.Sprintf("%d items of news", n)
	}
	var forms []string
	for _, f := range day.Filings {
		forms = append(forms, formName(f.Form))
	}
	if len(forms) == 0 {
		return news
	}
	return news + ", " + counted(len(forms), "report") + " (" + strings.Join(forms, ", ") + ")"
}

func position(acc Account, price float64) string {
	if acc.Shares == 0 {
		return "none"
	}
	text := fmt.Sprintf("%s shares", quantity(acc.Shares))
	if acc.AverageCost > 0 {
		change := price/acc.AverageCost - 1
		if acc.Shares < 0 {
			change = -change
		}
		text += fmt.Sprintf(" at an average cost of %s, %s since", amount(acc.AverageCost), percent(change))
	}
	return text
}

// layers are the sections of the memories. A layer without any says so, and the
// word on how to use reflections stands only where there are some: a model that
// is asked to learn from a past it has not got makes one up.
func (a *Agent) layers(asOf data.Session, hits []memory.Hit) []layerView {
	views := []layerView{
		memory.Short:      {Title: "Short-term memory"},
		memory.Mid:        {Title: "Mid-term memory"},
		memory.Long:       {Title: "Long-term memory"},
		memory.Reflection: {Title: "Reflections", Note: "Your own earlier reasons. See which of them held."},
	}
	for number, hit := range hits {
		v := &views[hit.Event.Layer]
		v.Memories = append(v.Memories, a.memory(asOf, number, hit))
	}
	return views
}

func (a *Agent) memory(asOf data.Session, number int, hit memory.Hit) memoryView {
	e := hit.Event
	v := memoryView{
		Number:     number,
		Date:       e.Session,
		Ago:        strconv.Itoa(a.ages.Distance(data.Session(e.Session), asOf)),
		Source:     attribute(e.Source),
		Part:       attribute(e.Part),
		Tone:       notAvailable,
		Relevancy:  plain(hit.Score.Relevancy),
		Recency:    plain(hit.Score.Recency),
		Importance: plain(hit.Score.Importance),
		Text:       block(a.mask.text(e.Text)),
	}
	if a.mask.active() {
		v.Date = ""
	}
	if e.Tone != nil {
		v.Tone = signed(*e.Tone)
	}
	if e.Copies > 1 {
		v.Copies = strconv.Itoa(e.Copies)
	}
	return v
}

// block is foreign text as it stands in a data block. A "<" in it becomes
// "&lt;", so that nothing in the text can end the block or open another.
func block(s string) string { return strings.ReplaceAll(printable.Text(s), "<", "&lt;") }

// attribute is foreign text as it stands in quotes in the head of a data block.
func attribute(s string) string { return html.EscapeString(printable.Line(s)) }
