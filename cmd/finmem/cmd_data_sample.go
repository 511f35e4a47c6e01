package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"finmem/data"
	"finmem/data/sample"
)

func newDataSampleCmd(s *streams) *cobra.Command {
	var out string
	var seed uint64
	cmd := &cobra.Command{
		Use:   "sample",
		Short: "Write the synthetic sample market to a folder",
		Long: `sample writes the small synthetic market that finmem backtest uses without --data:
fictional companies with prices, news and filings, made from a seed. docs/sample.md
says which effects are planted in it.`,
		Example: "  finmem data sample --out sample",
		Args:    args(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if out == "" {
				return usagef(cmd, "--out is needed: the dataset folder to write")
			}
			ds, err := sample.Generate(seed)
			if err != nil {
				return err
			}
			if err := data.WriteDataset(cmd.Context(), out, ds, data.WriteOptions{}); err != nil {
				return err
			}
			fmt.Fprintf(s.out, "Wrote %s to %s: %s\n", ds.Meta.Name, out, strings.Join(ds.Symbols(), ", "))
			return nil
		},
	}
	cmd.Flags().StringVar(&out, "out", "", "dataset `folder` to write")
	cmd.Flags().Uint64Var(&seed, "seed", sample.DefaultSeed, "seed of the market")
	return cmd
}
