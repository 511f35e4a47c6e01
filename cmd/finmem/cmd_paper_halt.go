package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"finmem/backtest/broker"
	"finmem/backtest/journal"
	"finmem/data"
	"finmem/internal/printable"
	"finmem/paper"
	"finmem/paper/alpaca"
	"finmem/paper/simulated"
)

func newPaperHaltCmd(s *streams) *cobra.Command {
	var dir, reason string
	cmd := &cobra.Command{
		Use:   "halt",
		Short: "Stop a loop from sending orders, and cancel those that are open",
		Long: `halt sets the kill switch of a loop. No order is sent while it is set, whether the
loop runs, is started again, or the machine is; sessions are read and remembered
all the same. Orders that are open are cancelled; positions are kept.

A loop that runs sees it within a minute. At a broker that is asked over the
network, halt also cancels the orders itself, at once.`,
		Example: "  finmem paper halt --reason \"earnings tonight\"",
		Args:    args(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			folder, err := loopFolder(dir)
			if err != nil {
				return err
			}
			reason = strings.TrimSpace(printable.Line(reason))
			if reason == "" {
				return usagef(cmd, "--reason is empty: say why, for whoever looks later")
			}
			// The switch comes first: whatever fails after it, no order goes out.
			if err := paper.Halt(folder, reason, time.Now()); err != nil {
				return fmt.Errorf("halting %s: %w", folder, err)
			}
			fmt.Fprintf(s.out, "%s is halted: %s\n", folder, reason)
			return withdraw(cmd.Context(), s, folder)
		},
	}
	addLoopDir(cmd, &dir)
	cmd.Flags().StringVar(&reason, "reason", "by hand", "why, for whoever looks later")
	return cmd
}

func newPaperResumeCmd(s *streams) *cobra.Command {
	var dir string
	cmd := &cobra.Command{
		Use:   "resume",
		Short: "Let a halted loop send orders again",
		Long: `resume takes the kill switch of a loop back. Orders are sent again from its next
decision on; what was cancelled is not sent again. The peak that the largest
drawdown is measured from counts anew.`,
		Args: args(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			folder, err := loopFolder(dir)
			if err != nil {
				return err
			}
			flag, err := paper.ReadHalt(folder)
			if err != nil {
				return hinted{err, "look at the file; finmem paper halt writes it anew"}
			}
			if !flag.Halted {
				fmt.Fprintf(s.out, "%s is not halted\n", folder)
				return nil
			}
			if err := paper.Resume(folder, time.Now()); err != nil {
				return fmt.Errorf("resuming %s: %w", folder, err)
			}
			fmt.Fprintf(s.out, "%s is no longer halted; it was since %s: %s\n", folder, moment(flag.At), printable.Line(flag.Reason))
			return nil
		},
	}
	addLoopDir(cmd, &dir)
	return cmd
}

// withdraw cancels the open orders of a loop, as far as the loop does not do it.
func withdraw(ctx context.Context, s *streams, dir string) error {
	open, kept, err := openOrders(ctx, dir)
	if err != nil || len(open) == 0 {
		return err
	}
	var b paper.Broker
	switch {
	case kept.Paper != nil && kept.Paper.Broker == brokerAlpaca:
		calendar, err := data.CalendarByName("NYSE")
		if err != nil {
			return err
		}
		if b, err = alpaca.Dial(ctx, alpaca.Config{Lookup: os.LookupEnv, Calendar: calendar, Clock: wallClock{}}); err != nil {
			return hinted{fmt.Errorf("it is halted, but its orders may be open still: %w", err), "a running loop cancels them; else cancel them at the broker"}
		}
	default:
		// The account is in the folder, and whoever holds its lock writes to it.
		lock, err := journal.Resume(ctx, dir)
		if errors.Is(err, journal.ErrBusy) {
			fmt.Fprintf(s.out, "%s: the running loop cancels it within a minute\n", count(len(open), "open order"))
			return nil
		}
		if err != nil {
			return err
		}
		defer lock.Close()
		// Which positions the account may hold is not of interest here.
		sim, err := simulated.Open(ctx, filepath.Join(dir, accountFile), simulated.Config{Sim: broker.Sim{Short: true}, Clock: wallClock{}})
		if err != nil {
			return err
		}
		defer sim.Close()
		b = sim
	}
	for _, o := range open {
		if err := b.Cancel(ctx, paper.ClientID(b.Name(), o)); err != nil {
			return fmt.Errorf("it is halted, but order %s may be open still: %w", o.ID, err)
		}
		fmt.Fprintf(s.out, "order %s is cancelled: %s %s\n", o.ID, o.Side, o.Shares)
	}
	return nil
}

// openOrders are the orders of a loop that have not ended, by its journal, and the
// configuration that the loop began with.
func openOrders(ctx context.Context, dir string) (open []broker.Order, kept config, err error) {
	j, err := journal.Read(ctx, dir)
	if errors.Is(err, journal.ErrNoRun) {
		return nil, kept, nil
	}
	if err != nil {
		return nil, kept, err
	}
	defer j.Close()
	meta, err := j.Meta(ctx)
	if err != nil {
		return nil, kept, err
	}
	if kept, err = keptConfig(meta, dir); err != nil {
		return nil, kept, err
	}
	symbols, err := j.Symbols(ctx)
	if err != nil {
		return nil, kept, err
	}
	for _, symbol := range symbols {
		records, err := j.Records(ctx, symbol)
		if err != nil {
			return nil, kept, err
		}
		if o := records[len(records)-1].State.Pending; o != nil {
			open = append(open, *o)
		}
	}
	return open, kept, nil
}
