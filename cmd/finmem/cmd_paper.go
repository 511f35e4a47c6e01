package main

import "github.com/spf13/cobra"

func newPaperCmd(s *streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "paper",
		Short: "Trade a paper account, one session after another",
		Long: `paper lets the agent trade a paper account while the market is open: a simulated
one, or one at a broker. A session is decided once, and a decision becomes one
order and never two, whatever happens to the process or the network.`,
	}
	cmd.AddCommand(newPaperRunCmd(s), newPaperStatusCmd(s), newPaperHaltCmd(s), newPaperResumeCmd(s))
	return group(cmd)
}
