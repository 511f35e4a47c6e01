package main

import (
	"context"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"finmem/backtest/audit"
	"finmem/backtest/journal"
	"finmem/data"
)

type auditOptions struct {
	runsDir   string
	data      string
	sessions  int
	kinds     []string
	maskNames []string
	cutoff    string
	seed      uint64
	calls     callFlags
	prices    string
	dryRun    bool
	json      bool
}

func newAuditCmd(s *streams) *cobra.Command {
	var o auditOptions
	cmd := &cobra.Command{
		Use:   "audit RUN",
		Short: "Look for the future in a run, and for a model that remembers instead of reading",
		Long: `audit asks of a kept run what its figures cannot show.

Look-ahead: after some of its sessions everything later (prices, news, filings,
corporate actions) is replaced by rubbish and the run is repeated up to there, in
memory. What was shown and decided must be the same, byte for byte. The profiles
kept with the run must not state what was not known before the test.

Counterfactuals: decisions of the test window are asked for again with names and
dates hidden, with the tone of all memories turned around, and with no memory.
How many stay the same says whether the model reads.

Training: whether the model can know the test window from its training.

Exit code 1 means that something of the future was found, or that the audit could
not be done. docs/audit.md says what an audit can find and what it cannot.`,
		Example: `  finmem audit RUN
  finmem audit RUN --sessions 20 --kinds none
  finmem audit RUN --kinds mask,flip,no-memory,same --mask-name "Elon Musk" --json`,
		Args: args(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, a []string) error {
			kinds, err := o.parse(cmd)
			if err != nil {
				return err
			}
			calling, err := o.calls.calling(cmd)
			if err != nil {
				return err
			}
			return runAudit(cmd.Context(), s, a[0], o, kinds, func(c *config) {
				c.calling = calling
				if cmd.Flags().Changed("data") {
					c.Data = o.data
				}
			})
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.runsDir, "runs", defaultRunsDir, "`folder` that runs are kept in")
	f.StringVar(&o.data, "data", "", "dataset `folder`, where it is no longer where the run read it")
	f.IntVar(&o.sessions, "sessions", 5, "repeat the run up to so many of its sessions; 0 for none")
	f.StringSliceVar(&o.kinds, "kinds", []string{string(audit.Mask), string(audit.Flip), string(audit.NoMemory)},
		"counterfactuals: mask, flip, no-memory, same (asks the same again), or none")
	f.StringSliceVar(&o.maskNames, "mask-name", nil, "hide this `name` too (repeatable), besides those in the profile")
	f.StringVar(&o.cutoff, "training-cutoff", "", "`date` or month in which the model's training ended; default as in the run")
	f.Uint64Var(&o.seed, "seed", 1, "seed of the choice of sessions and of the rubbish")
	o.calls.add(cmd)
	f.StringVar(&o.prices, "prices", "", "`file` of prices that lie over the built-in ones")
	f.BoolVar(&o.dryRun, "dry-run", false, "say what the model would be asked and what that might cost; ask nothing")
	f.BoolVar(&o.json, "json", false, "print JSON")
	return cmd
}

// parse checks the flags and reads the kinds.
func (o *auditOptions) parse(cmd *cobra.Command) ([]audit.Kind, error) {
	if o.sessions < 0 {
		return nil, usagef(cmd, "--sessions %d: want 0 (none) or more", o.sessions)
	}
	if slices.Equal(o.kinds, []string{"none"}) {
		return nil, nil
	}
	kinds, err := audit.ParseKinds(o.kinds)
	if err != nil {
		return nil, usagef(cmd, "--kinds: %v; or none", err)
	}
	return kinds, nil
}

// An auditReport is what --json prints.
type auditReport struct {
	Run     string   `json:"run"`
	Finmem  string   `json:"finmem"`
	Dataset string   `json:"dataset"`
	Model   string   `json:"model"`
	Symbols []string `json:"symbols"`
	Window  window   `json:"window"`
	Seed    uint64   `json:"seed"`
	// Clean is set where nothing of the future was found.
	Clean bool `json:"clean"`
	// Profiles has what the kept profiles state from the time of the test. Where
	// there is anything, nothing else is looked into.
	Profiles        []profileFinding        `json:"profiles"`
	LookAhead       []audit.Probe           `json:"lookAhead"`
	Counterfactuals []counterfactualOutcome `json:"counterfactuals"`
	Training        *audit.Training         `json:"training"`
}

// A profileFinding is a fact in a profile that was not known before the test.
type profileFinding struct {
	Symbol   string `json:"symbol"`
	Key      string `json:"key"`
	Date     string `json:"date"`
	Sentence string `json:"sentence"`
}

// A counterfactualOutcome is an agreement with its shares. Symbol is "" for all
// symbols together.
type counterfactualOutcome struct {
	Symbol string `json:"symbol"`
	audit.Agreement
	UnchangedShare *float64 `json:"unchangedShare"` // null where nothing was asked and answered
	DirectedShare  *float64 `json:"directedShare"`  // null where no buy or sell was
	OppositeShare  *float64 `json:"oppositeShare"`
	// Hidden are the names that were hidden besides the symbol, with kind mask.
	Hidden []string `json:"hidden,omitempty"`
}

func runAudit(ctx context.Context, s *streams, run string, o auditOptions, kinds []audit.Kind, change func(*config)) error {
	dir, err := findRun(o.runsDir, run)
	if err != nil {
		return err
	}
	j, err := journal.Read(ctx, dir)
	if err != nil {
		return err
	}
	defer j.Close()
	c, err := auditedConfig(ctx, j, dir)
	if err != nil {
		return err
	}
	change(&c)
	if o.cutoff != "" {
		if err := c.Model.TrainingCutoff.UnmarshalText([]byte(o.cutoff)); err != nil {
			return usagef(nil, "--training-cutoff: %v", err)
		}
	}
	r := auditReport{Run: run, Finmem: version, Model: c.Model.Name, Symbols: c.Symbols, Window: window(c.Window), Seed: o.seed,
		Profiles: []profileFinding{}, LookAhead: []audit.Probe{}, Counterfactuals: []counterfactualOutcome{}}
	if r.Profiles, err = futureFacts(c); err != nil {
		return err
	}
	if len(r.Profiles) == 0 {
		i, err := newInquiry(ctx, j, c, o, kinds)
		if err != nil {
			return err
		}
		defer i.plan.connection.Close()
		if o.dryRun {
			_, err = fmt.Fprintf(s.out, "Would ask %s.\n", i.expected())
			return err
		}
		fmt.Fprintf(s.err, "note: asking %s\n", i.expected())
		if err := r.inquire(ctx, s, i); err != nil {
			return err
		}
	}
	r.Clean = r.leaks() == 0
	if o.json {
		err = writeJSON(s.out, r)
	} else {
		printAudit(s.out, r)
	}
	if err == nil && !r.Clean {
		err = fmt.Errorf("%s: %s of the future found", run, count(r.leaks(), "trace"))
	}
	return err
}

// leaks counts what was found.
func (r auditReport) leaks() int {
	n := len(r.Profiles)
	for _, p := range r.LookAhead {
		n += len(p.Differences)
	}
	return n
}

// inquire does all that takes the run's data and model.
func (r *auditReport) inquire(ctx context.Context, s *streams, i *inquiry) error {
	training := i.plan.training()
	r.Dataset, r.Training = i.plan.meta.Name, &training
	for _, t := range i.chosen {
		upTo := slices.DeleteFunc(slices.Clone(i.subject.Sessions), func(x data.Session) bool { return x > t })
		progress := newProgress(s.err, upTo, 0)
		probe, err := audit.LookAhead(ctx, i.subject, t, r.Seed, i.plan.onOtherData, progress.session)
		progress.end()
		if err != nil {
			return err
		}
		r.LookAhead = append(r.LookAhead, probe)
	}
	for _, kind := range i.kinds {
		all := audit.Agreement{Kind: kind}
		for _, symbol := range i.subject.Symbols {
			var names []string
			if kind == audit.Mask {
				names = audit.Names(i.plan.profiles[symbol], i.maskNames)
			}
			a, err := audit.Counterfactual(ctx, kind, i.questions[symbol], names, i.agents[symbol])
			if err != nil {
				return err
			}
			all = all.Plus(a)
			r.Counterfactuals = append(r.Counterfactuals, newOutcome(symbol, a, names))
		}
		if len(i.subject.Symbols) > 1 {
			r.Counterfactuals = append(r.Counterfactuals, newOutcome("", all, nil))
		}
	}
	return nil
}

func newOutcome(symbol string, a audit.Agreement, hidden []string) counterfactualOutcome {
	o := counterfactualOutcome{Symbol: symbol, Agreement: a, Hidden: hidden}
	if share, ok := a.UnchangedShare(); ok {
		o.UnchangedShare = &share
	}
	if share, ok := a.DirectedShare(); ok {
		o.DirectedShare = &share
	}
	if share, ok := a.OppositeShare(); ok {
		o.OppositeShare = &share
	}
	return o
}
