package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"finmem/data"
	"finmem/internal/atomicfile"
	"finmem/profile"
)

func newProfileCmd(s *streams) *cobra.Command {
	cmd := &cobra.Command{Use: "profile", Short: "List, show and make profiles: who trades a symbol"}
	cmd.AddCommand(newProfileListCmd(s), newProfileShowCmd(s), newProfileNewCmd(s))
	return group(cmd)
}

func newProfileListCmd(s *streams) *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the built-in profiles",
		Args:  args(cobra.NoArgs),
		RunE: func(*cobra.Command, []string) error {
			t := newTable(s.out)
			t.AppendHeader(table.Row{"profile", "name", "inclination", "sectors"})
			for _, name := range profileNames() {
				p, err := builtinProfile(name)
				if err != nil {
					return err
				}
				t.AppendRow(table.Row{name, p.Name, p.Inclination, strings.Join(p.Sectors, ", ")})
			}
			t.Render()
			return nil
		},
	}
}

// builtinProfile is a built-in profile by its name in the list.
func builtinProfile(name string) (profile.Profile, error) {
	if p, ok := profile.Builtin(name); ok {
		return p, nil
	}
	if name == genericName {
		return profile.Generic(""), nil
	}
	return profile.Profile{}, fmt.Errorf("no built-in profile %q; there are %s", name, strings.Join(profileNames(), ", "))
}

func newProfileShowCmd(s *streams) *cobra.Command {
	var file bool
	cmd := &cobra.Command{
		Use:     "show NAME",
		Short:   "Show a built-in profile, or a profile file, as TOML",
		Example: "  finmem profile show TSLA > mine.toml",
		Args:    args(cobra.ExactArgs(1)),
		RunE: func(_ *cobra.Command, a []string) error {
			var p profile.Profile
			var err error
			if file {
				p, err = profile.Load(a[0])
			} else {
				p, err = builtinProfile(a[0])
			}
			if err != nil {
				return err
			}
			return p.WriteTOML(s.out)
		},
	}
	cmd.Flags().BoolVar(&file, "file", false, "NAME is the path of a profile file, which is checked")
	return cmd
}

func newProfileNewCmd(s *streams) *cobra.Command {
	var dir, to, out string
	cmd := &cobra.Command{
		Use:   "new SYMBOL",
		Short: "Write a profile whose background comes from the data up to a date",
		Long: `new writes a profile for a symbol. Its background is worked out from the prices
up to and including --to, so --to must lie before the test window.`,
		Example: "  finmem profile new TSLA --data ds --to 2025-12-31 --out tsla.toml",
		Args:    args(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, a []string) error {
			symbol, err := data.Canonical(a[0])
			if err != nil {
				return usagef(cmd, "%v", err)
			}
			last, err := data.ParseSession(to)
			if err != nil {
				return usagef(cmd, "--to: %v", err)
			}
			p, err := newProfile(cmd.Context(), dir, symbol, last)
			if err != nil {
				return err
			}
			if out == "" {
				return p.WriteTOML(s.out)
			}
			return atomicfile.WriteFile(out, func(w io.Writer) error { return p.WriteTOML(w) })
		},
	}
	cmd.Flags().StringVar(&dir, "data", "", "dataset `folder`; without it the synthetic sample is used")
	cmd.Flags().StringVar(&to, "to", "", "last `date` of the prices to use (required)")
	cmd.Flags().StringVarP(&out, "out", "o", "", "write to this `file` instead of standard output")
	return cmd
}

// newProfile works out a profile from the prices of a dataset up to a session.
func newProfile(ctx context.Context, dir, symbol string, last data.Session) (profile.Profile, error) {
	ds, err := openDataset(ctx, dir)
	if err != nil {
		return profile.Profile{}, err
	}
	h, err := ds.History(symbol)
	if err != nil {
		return profile.Profile{}, err
	}
	var bars []profile.Bar
	for _, b := range h.Bars {
		if b.Session <= last {
			bars = append(bars, profile.Bar{Session: string(b.Session), Close: b.Close})
		}
	}
	if len(bars) == 0 {
		return profile.Profile{}, fmt.Errorf("no prices for %s up to %s; the dataset has %s to %s", symbol, last, h.Bars[0].Session, h.Bars[len(h.Bars)-1].Session)
	}
	return profile.New(symbol, bars, string(last))
}

// genericName is how commands call the built-in profile for any symbol.
const genericName = "generic"

// profileNames lists the built-in profiles, the generic one last.
func profileNames() []string { return append(profile.BuiltinNames(), genericName) }
