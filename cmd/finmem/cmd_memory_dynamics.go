package main

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"finmem/memory"
)

func newMemoryDynamicsCmd(s *streams) *cobra.Command {
	var f inspectFlags
	var presets []string
	var file string
	cmd := &cobra.Command{
		Use:   "dynamics [RUN]",
		Short: "Tell how long an event lives under each set of constants",
		Long: `dynamics works out what becomes of an event that nobody cites: which night moves
it to another layer, which night forgets it and which limit does it, and what
share of new events changes layer on the very first night. Without RUN it does so
for each preset; with RUN, for that run's constants.`,
		Example: "  finmem memory dynamics --memory reference",
		Args:    args(cobra.MaximumNArgs(1)),
		RunE: func(cmd *cobra.Command, a []string) error {
			configs, err := dynamicsConfigs(cmd, &f, a, presets, file)
			if err != nil {
				return err
			}
			var all []memory.Dynamics
			for _, c := range configs {
				all = append(all, c.Dynamics())
			}
			if f.json {
				return writeJSON(s.out, all)
			}
			for i, d := range all {
				if i > 0 {
					fmt.Fprintln(s.out)
				}
				printDynamics(s, d)
			}
			return nil
		},
	}
	cmd.Flags().StringSliceVar(&presets, "memory", []string{"layered", "paper", "reference"}, "presets to show")
	cmd.Flags().StringVar(&file, "config", "", "show the constants of this configuration `file`")
	cmd.Flags().StringVar(&f.runsDir, "runs", defaultRunsDir, "`folder` that runs are kept in")
	cmd.Flags().BoolVar(&f.json, "json", false, "print JSON")
	return cmd
}

// dynamicsConfigs are the constants to show: a run's, a file's or presets.
func dynamicsConfigs(cmd *cobra.Command, f *inspectFlags, runs, presets []string, file string) ([]memory.Config, error) {
	switch {
	case len(runs) == 1 && (file != "" || cmd.Flags().Changed("memory")):
		return nil, usagef(cmd, "a run has its own constants: leave out --memory and --config, or the run")
	case len(runs) == 1:
		v, err := f.open(cmd.Context(), runs[0])
		if err != nil {
			return nil, err
		}
		defer v.journal.Close()
		return []memory.Config{v.config.Memory}, nil
	case file != "":
		c, err := readConfig(file)
		if err != nil {
			return nil, err
		}
		return []memory.Config{c.Memory}, c.Memory.Validate()
	}
	var configs []memory.Config
	for _, name := range presets {
		c, err := memory.Preset(name)
		if err != nil {
			return nil, usagef(cmd, "--memory: %v", err)
		}
		configs = append(configs, c)
	}
	return configs, nil
}

func printDynamics(s *streams, d memory.Dynamics) {
	fmt.Fprintf(s.out, "%s\n", d.Preset)
	t := newTable(s.out)
	t.AppendHeader(table.Row{"born in", "stability", "decay", "importance", "probability", "changes layer", "forgotten on night", "because of", "moves on night 1", "mean life (nights)"})
	right(t, 2, 5)
	for _, l := range d.Layers {
		for i, life := range l.Lives {
			share, mean := "", ""
			if i == 0 {
				share = fmt.Sprintf("%.0f %% of %s", 100*l.FirstNightMoved, l.Layer)
				mean = optional(l.MeanLife)
			}
			t.AppendRow(table.Row{l.Layer, l.Stability, l.Decay, life.Importance, life.Probability, moves(life), dies(life), orNone(life.Why), share, mean})
		}
	}
	t.Render()
	for _, w := range d.Warnings {
		fmt.Fprintf(s.out, "warning: %s\n", w)
	}
}

// moves tells the changes of layer: "short on night 1".
func moves(life memory.Life) string {
	if len(life.Moves) == 0 {
		return "never"
	}
	parts := make([]string, len(life.Moves))
	for i, m := range life.Moves {
		parts[i] = fmt.Sprintf("%s on night %d", m.To, m.Night)
	}
	return strings.Join(parts, ", ")
}

func dies(life memory.Life) string {
	if life.Dies == nil {
		return "never"
	}
	return strconv.Itoa(*life.Dies)
}
