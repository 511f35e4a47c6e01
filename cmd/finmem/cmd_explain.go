package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"finmem/agent"
	"finmem/backtest"
	"finmem/backtest/journal"
	"finmem/data"
	"finmem/internal/printable"
	"finmem/memory"
)

func newExplainCmd(s *streams) *cobra.Command {
	var dir string
	var prompt, asJSON bool
	cmd := &cobra.Command{
		Use:   "explain RUN SYMBOL SESSION",
		Short: "Explain one decision: what was shown, how it scored, what was answered, what came of it",
		Long: `explain shows one decision of a run from end to end: the memories that were
offered with the parts of their scores, the model's answers with what was wrong
about those that were refused, the memories it cited, the order and its fill, and
the feedback that came once the outcome was known.`,
		Example: "  finmem explain RUN TSLA 2026-01-05 --prompt",
		Args:    args(cobra.ExactArgs(3)),
		RunE: func(cmd *cobra.Command, a []string) error {
			symbol, err := data.Canonical(a[1])
			if err != nil {
				return usagef(cmd, "%v", err)
			}
			session, err := data.ParseSession(a[2])
			if err != nil {
				return usagef(cmd, "%v", err)
			}
			path, err := findRun(dir, a[0])
			if err != nil {
				return err
			}
			j, err := journal.Read(cmd.Context(), path)
			if err != nil {
				return err
			}
			e, err := explain(cmd.Context(), j, symbol, session)
			if err := errors.Join(err, j.Close()); err != nil {
				return err
			}
			if asJSON {
				return writeJSON(s.out, e)
			}
			e.print(s, prompt)
			return nil
		},
	}
	cmd.Flags().StringVar(&dir, "runs", defaultRunsDir, "`folder` that runs are kept in")
	cmd.Flags().BoolVar(&prompt, "prompt", false, "print the whole prompt too")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON, the prompt included")
	return cmd
}

// An explanation is all that a run knows of one decision.
type explanation struct {
	Symbol      string          `json:"symbol"`
	Session     data.Session    `json:"session"`
	Phase       backtest.Phase  `json:"phase"`
	Status      backtest.Status `json:"status"`
	Close       float64         `json:"close"`
	Action      agent.Action    `json:"action"` // "" on an error day
	Confidence  *float64        `json:"confidence"`
	Reason      string          `json:"reason"`
	Failure     string          `json:"failure,omitempty"`
	Inclination string          `json:"inclination"`
	Query       string          `json:"query"`
	Offered     []offered       `json:"offered"`
	LeftOut     []omitted       `json:"leftOut"`
	Answers     []agent.Attempt `json:"answers"`
	Warnings    []string        `json:"warnings"`
	Notes       []string        `json:"notes"`
	// Limited is what risk limits made of the decision.
	Limited []backtest.Limited `json:"limited"`
	Order   string             `json:"order"`
	Settled data.Session       `json:"settledOn"`
	Outcome string             `json:"outcome"`
	// Judged is the session whose feedback was about this decision, "" where
	// none came.
	Judged   data.Session    `json:"judgedOn"`
	Feedback *agent.Feedback `json:"feedback"`
	Prompt   journal.Prompt  `json:"prompt"`
}

// offered is a memory that the prompt showed.
type offered struct {
	agent.Offer
	Cited   bool   `json:"cited"`
	Source  string `json:"source"`
	Session string `json:"session"`
	Text    string `json:"text"`
}

// omitted is a memory that the prompt had no room for.
type omitted struct {
	agent.Omission
	Source  string `json:"source"`
	Session string `json:"session"`
	Text    string `json:"text"`
}

func explain(ctx context.Context, j *journal.Journal, symbol string, session data.Session) (explanation, error) {
	records, err := j.Records(ctx, symbol)
	if err != nil {
		return explanation{}, err
	}
	at := slices.IndexFunc(records, func(r backtest.Record) bool { return r.Session == session })
	if len(records) == 0 || at < 0 {
		return explanation{}, fmt.Errorf("the run has no session %s of %s", session, symbol)
	}
	r := records[at]
	e := explanation{Symbol: symbol, Session: session, Phase: r.Phase, Status: r.Status, Close: r.Close,
		Notes: append([]string{}, r.Notes...), Limited: append([]backtest.Limited{}, r.Limited...)}
	var trace agent.Trace
	var cited []string
	switch {
	case r.Decision != nil:
		trace, cited = r.Decision.Trace, r.Decision.Cited
		e.Action, e.Confidence, e.Reason = r.Decision.Action, r.Decision.Confidence, r.Decision.Reason
	case r.Failure != nil:
		trace, e.Failure = r.Failure.Trace, r.Failure.Reason
	default:
		return e, fmt.Errorf("on session %s nothing was decided about %s: it was %s", session, symbol, r.Status)
	}
	e.Inclination, e.Query, e.Answers, e.Warnings = trace.Inclination, trace.Query, trace.Answers, trace.Warnings
	if e.Prompt, _, err = j.Prompt(ctx, symbol, session); err != nil {
		return e, err
	}
	if e.Offered, e.LeftOut, err = candidates(ctx, j, symbol, session, trace, cited); err != nil {
		return e, err
	}
	e.follow(r, records[at+1:])
	return e, nil
}

// candidates adds to what was offered, and to what was left out, the texts, and
// whether they were cited.
func candidates(ctx context.Context, j *journal.Journal, symbol string, session data.Session, trace agent.Trace, cited []string) ([]offered, []omitted, error) {
	changes, err := j.Changes(ctx, symbol, session)
	if err != nil {
		return nil, nil, err
	}
	events := map[string]memory.Event{}
	for _, c := range changes {
		if c.Event != nil {
			events[c.ID] = *c.Event
		}
	}
	shown := make([]offered, 0, len(trace.Offered))
	for _, o := range trace.Offered {
		e := events[o.ID]
		shown = append(shown, offered{Offer: o, Cited: slices.Contains(cited, o.ID), Source: e.Source, Session: e.Session, Text: e.Text})
	}
	left := make([]omitted, 0, len(trace.LeftOut))
	for _, o := range trace.LeftOut {
		e := events[o.ID]
		left = append(left, omitted{Omission: o, Source: e.Source, Session: e.Session, Text: e.Text})
	}
	return shown, left, nil
}

// follow looks in the later sessions for what became of the order and of the
// decision.
func (e *explanation) follow(r backtest.Record, later []backtest.Record) {
	e.Order, e.Outcome = "none", "nothing to fill"
	if r.Order != nil {
		e.Order = fmt.Sprintf("%s %s shares (%s)", r.Order.Side, r.Order.Shares, r.Order.Reason)
		e.Outcome = "still open"
	}
	for _, l := range later {
		if s := l.Settled; r.Order != nil && s != nil && s.Order.ID == r.Order.ID {
			e.Settled, e.Outcome = l.Session, s.Note
			if f := s.Fill; f != nil {
				e.Outcome = fmt.Sprintf("filled %s shares at %s, the %s of %s, fee %s", f.Shares, f.Price, f.Basis, l.Session, f.Fee)
				if s.Note != "" {
					e.Outcome += "; " + s.Note
				}
			}
		}
		if l.Decision == nil || e.Feedback != nil {
			continue
		}
		for _, f := range l.Decision.Trace.Feedback {
			if f.Decided == e.Session {
				e.Judged, e.Feedback = l.Session, &f
				break
			}
		}
	}
}

func (e *explanation) print(s *streams, prompt bool) {
	if e.Failure != "" {
		fmt.Fprintf(s.out, "%s, session %s (%s): error day, no decision: %s\n", e.Symbol, e.Session, e.Phase, printable.Line(e.Failure))
	} else {
		confidence := "n/a"
		if e.Confidence != nil {
			confidence = fmt.Sprintf("%.2f", *e.Confidence)
		}
		fmt.Fprintf(s.out, "%s, session %s (%s): %s, confidence %s\n", e.Symbol, e.Session, e.Phase, e.Action, confidence)
		fmt.Fprintf(s.out, "reason       %s\n", printable.Line(e.Reason))
	}
	fmt.Fprintf(s.out, "inclination  %s\nclose        %g\norder        %s\noutcome      %s\n", e.Inclination, e.Close, e.Order, e.Outcome)
	switch f := e.Feedback; {
	case f == nil:
		fmt.Fprintln(s.out, "feedback     none: the outcome is not known within the run")
	case f.Points == 0:
		fmt.Fprintf(s.out, "feedback     none: on %s there was nothing to reward or blame\n", e.Judged)
	default:
		fmt.Fprintf(s.out, "feedback     %+d for %s on %s: the decision's direction earned %+.2f %%\n", f.Points, count(len(f.IDs), "cited memory"), e.Judged, 100*f.Return)
	}
	for _, l := range e.Limited {
		fmt.Fprintf(s.out, "limit        %s: from a weight of %.4g to %.4g, because %s\n", l.Limit, l.Wish, l.Allowed, l.Reason)
	}
	for _, n := range e.Notes {
		fmt.Fprintf(s.out, "note         %s\n", printable.Line(n))
	}
	for _, w := range e.Warnings {
		fmt.Fprintf(s.out, "warning      %s\n", printable.Line(w))
	}
	e.printOffered(s)
	e.printLeftOut(s)
	for i, a := range e.Answers {
		fmt.Fprintf(s.out, "\nAnswer %d", i+1)
		if a.Fault != "" {
			fmt.Fprintf(s.out, ", refused: %s", printable.Line(a.Fault))
		}
		fmt.Fprintf(s.out, "\n%s\n", strings.TrimSpace(printable.Text(a.Text)))
	}
	if prompt {
		fmt.Fprintf(s.out, "\nPrompt, the stable part\n%s\n\nPrompt, the session's part\n%s\n", printable.Text(e.Prompt.System), printable.Text(e.Prompt.Prompt))
	}
}

func (e *explanation) printOffered(s *streams) {
	fmt.Fprintf(s.out, "\nOffered, %s:\n", count(len(e.Offered), "memory"))
	t := newTable(s.out)
	t.AppendHeader(table.Row{"#", "id", "cited", "layer", "session", "source", "score", "relevancy", "recency", "importance", "text"})
	right(t, 7, 10)
	for _, o := range e.Offered {
		mark := ""
		if o.Cited {
			mark = "yes"
		}
		t.AppendRow(table.Row{o.Number, o.ID, mark, o.Layer, o.Session, printable.Line(o.Source), fmt.Sprintf("%.3f", o.Score.Total), fmt.Sprintf("%.3f", o.Score.Relevancy),
			fmt.Sprintf("%.3f", o.Score.Recency), fmt.Sprintf("%.3f", o.Score.Importance), printable.Cut(printable.Line(o.Text), 40)})
	}
	t.Render()
}

// printLeftOut shows what the prompt had no room for; mostly that is nothing.
func (e *explanation) printLeftOut(s *streams) {
	if len(e.LeftOut) == 0 {
		return
	}
	fmt.Fprintf(s.out, "\nLeft out for want of room, %s:\n", count(len(e.LeftOut), "memory"))
	t := newTable(s.out)
	t.AppendHeader(table.Row{"id", "bound", "layer", "session", "source", "tokens", "score", "text"})
	right(t, 6, 7)
	for _, o := range e.LeftOut {
		t.AppendRow(table.Row{o.ID, o.Bound, o.Layer, o.Session, printable.Line(o.Source), o.Tokens, fmt.Sprintf("%.3f", o.Score.Total), printable.Cut(printable.Line(o.Text), 40)})
	}
	t.Render()
}
