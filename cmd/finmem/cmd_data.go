package main

import "github.com/spf13/cobra"

func newDataCmd(s *streams) *cobra.Command {
	cmd := &cobra.Command{Use: "data", Short: "Fetch, import, check, show, score, shorten and export market data"}
	cmd.AddCommand(newDataFetchCmd(s), newDataImportCmd(s), newDataCheckCmd(s), newDataShowCmd(s), newDataSampleCmd(s), newDataSentimentCmd(s), newDataSummarizeCmd(s), newDataExportCmd(s))
	return group(cmd)
}
