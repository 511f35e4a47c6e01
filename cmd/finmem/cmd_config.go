package main

import (
	"fmt"

	"github.com/spf13/cobra"
)

func newConfigCmd(s *streams) *cobra.Command {
	cmd := &cobra.Command{Use: "config", Short: "Show the settings of a run"}
	cmd.AddCommand(newConfigShowCmd(s), newConfigPricesCmd(s))
	return group(cmd)
}

func newConfigShowCmd(s *streams) *cobra.Command {
	var f runFlags
	cmd := &cobra.Command{
		Use:   "show",
		Short: "Print all settings, as a file that --config takes",
		Long: `show prints the settings that a backtest with the same flags would start from.
Every constant of the memory is among them; change one in a file and give it with
--config. What the data decides (the symbols and the window, where left out) is
settled when the run starts and kept in its config.toml.`,
		Example: "  finmem config show --memory paper > paper.toml",
		Args:    args(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := f.config(cmd)
			if err != nil {
				return err
			}
			text, err := c.TOML()
			if err != nil {
				return err
			}
			_, err = fmt.Fprint(s.out, text)
			return err
		},
	}
	f.add(cmd)
	return cmd
}
