package main

import (
	"fmt"

	"github.com/spf13/cobra"
)

// version is the release this source will become.
const version = "0.1.0-dev"

func newVersionCmd(s *streams) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  args(cobra.NoArgs),
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintln(s.out, "finmem", version)
			return err
		},
	}
}
