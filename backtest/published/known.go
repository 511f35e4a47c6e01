package published

import "finmem/data"

// A Known is a published table whose figures are known to hold on another window
// than the one its source states.
type Known struct {
	Source string
	Symbol string
	// StatedFrom and StatedTo are the window in the source's words.
	StatedFrom, StatedTo data.Session
	// From and To are the first and the last price of the window on which its
	// figures come out.
	From, To data.Session
}

// KnownWindows lists them. They were found with [Search] from the figures and
// decisions that the authors of the FinMem paper published; the tests find them
// again.
func KnownWindows() []Known {
	const table1 = "table I of the FinMem paper"
	const tables = "tables II to IV of the FinMem paper"
	return []Known{
		{table1, "TSLA", "2022-10-06", "2023-04-10", "2022-10-10", "2023-04-06"},
		{table1, "AMZN", "2022-10-06", "2023-04-10", "2022-10-10", "2023-04-06"},
		{table1, "NFLX", "2022-10-06", "2023-04-10", "2022-10-06", "2023-04-05"},
		{table1, "MSFT", "2022-10-06", "2023-04-10", "2022-10-06", "2023-04-05"},
		{table1, "COIN", "2022-10-06", "2023-04-10", "2022-10-06", "2023-04-24"},
		{tables, "TSLA", "2022-06-16", "2022-12-28", "2022-06-16", "2022-12-27"},
	}
}
