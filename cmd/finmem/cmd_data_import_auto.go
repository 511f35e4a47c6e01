package main

import (
	"errors"

	"github.com/spf13/cobra"

	"finmem/data/importer"
)

func newDataImportAutoCmd(s *streams) *cobra.Command {
	var o importOptions
	cmd := &cobra.Command{
		Use:   "auto FILE...",
		Short: "Import files of any known format, which is told from their content",
		Long: `auto looks into each file, says what it takes it for and why, and puts all of them
into one dataset folder: FinMem's pickles, INVESTOR-BENCH JSON, CSV of prices in
the forms of Yahoo, yfinance, Stooq, Alpaca, Kaggle, Investing.com, MarketWatch and
others, and filings and news in JSON, JSON Lines, CSV or Parquet. Files may be packed with gzip
or zip. The folder changes at one instant and only if all files went well.

The symbol comes from the file, else from its name (TSLA.csv), else from --symbol.
With --symbol only those symbols are taken. What can be read in two ways is refused
with the flag that settles it.`,
		Example: `  finmem data import auto TSLA.csv NFLX.csv.gz news.jsonl --out ds
  finmem data import auto prices.csv --symbol TSLA --dates dmy --decimal , --out ds`,
		Args: args(cobra.MinimumNArgs(1)),
		RunE: func(cmd *cobra.Command, paths []string) error {
			ask, err := o.check(cmd)
			if err != nil {
				return err
			}
			var files []importFile
			for _, path := range paths {
				f, err := tellFormat(path)
				if err != nil {
					return err
				}
				files = append(files, f)
			}
			err = o.run(cmd.Context(), s, files, ask)
			if errors.Is(err, importer.ErrNoSymbol) {
				return usagef(cmd, "%v", err)
			}
			return err
		},
	}
	o.addFlags(cmd, true, true)
	cmd.Flags().StringVar(&o.zone, "zone", "", "`zone` of times of news and filings that have none, such as America/New_York or UTC")
	return cmd
}
