// Package filing reads the text of a company's annual and quarterly reports: it
// takes out the parts that matter to a reader of prices, the risk factors,
// management's discussion and the disclosures about market risk.
//
// [Items] knows a part by the heading it has in every report on form 10-K and
// 10-Q. It says what it did not find; it never guesses at a part that has no
// heading. docs/filings.md has the rules.
package filing
