package main

import (
	"io"

	"github.com/spf13/cobra"

	"finmem/agent/cost"
)

func newConfigPricesCmd(s *streams) *cobra.Command {
	return &cobra.Command{
		Use:   "prices",
		Short: "Print the built-in prices of models, to be edited and given to --prices",
		Long: `prices prints the built-in price file: US dollars for a million tokens, with the
date they are of. A file of your own holds only what differs; it is given to
--prices and lies over the built-in one.`,
		Example: `  finmem config prices > prices.toml`,
		Args:    args(cobra.NoArgs),
		RunE: func(*cobra.Command, []string) error {
			_, err := io.WriteString(s.out, cost.Builtin())
			return err
		},
	}
}
