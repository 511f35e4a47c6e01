// Package edgar takes filings from EDGAR, the register of the U.S. Securities
// and Exchange Commission: annual and quarterly reports as filings, current
// reports (8-K) as news.
//
// Its one noun is the [Source]. It finds the company of a symbol, reads the list
// of its filings, fetches the main document of each and takes out of it what
// matters to a reader of prices: the risk factors, management's discussion and
// the disclosures about market risk, below a short table of figures.
//
// About time: a filing counts from the instant EDGAR accepted it. EDGAR writes
// that instant with a Z at its end, as if it were UTC, and yet it is the time of
// New York: the 10-K of TSLA stamped 2022-02-04T20:11:27Z was filed on the
// Monday after. Read as UTC it would be seen five hours too early, before the
// close. Of the figures, only those count that had been filed by then.
//
// The SEC wants to know who asks and how to reach them, and allows ten requests
// a second; both are kept.
//
// docs/filings.md has the rules in full.
package edgar
