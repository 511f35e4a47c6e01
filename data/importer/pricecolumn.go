package importer

import "strings"

// A column is what a column of a price file holds.
type column int

// The columns. Those up to columnSplit are values of a symbol on a date.
const (
	columnClose column = iota
	columnOpen
	columnHigh
	columnLow
	columnAdjClose
	columnVolume
	columnDividend
	columnSplit
	valueColumns // how many there are

	columnDate
	columnTime
	columnSymbol
	columnName // a symbol in some files, a company's name in others
	columnPeriod
	columnCurrency
)

func (c column) String() string {
	switch c {
	case columnClose:
		return "close"
	case columnOpen:
		return "open"
	case columnHigh:
		return "high"
	case columnLow:
		return "low"
	case columnAdjClose:
		return "adjusted close"
	case columnVolume:
		return "volume"
	case columnDividend:
		return "dividend"
	case columnSplit:
		return "split"
	case columnDate:
		return "date"
	case columnTime:
		return "time"
	case columnPeriod:
		return "period"
	case columnCurrency:
		return "currency"
	}
	return "symbol"
}

// priceColumns are the columns by the names that vendors give them, reduced as
// by [plainName]: letters beyond a to z are left out, so that "clture" is Clôture.
func priceColumns() map[string]column {
	names := make(map[string]column)
	for c, spellings := range map[column]string{
		columnDate: "date datetime timestamp timestamputc startepochtime epochtime unixtime day tradedate tradingdate datadate datum fecha data",
		columnTime: "time uhrzeit heure hora",
		columnOpen: "open openprice pxopen erffnung eroeffnung erffn ouverture apertura",
		columnHigh: "high highprice pxhigh hoch haut plushaut mximo maximo massimo",
		columnLow:  "low lowprice pxlow tief bas plusbas mnimo minimo",
		columnClose: "close closeprice closelast price last pxlast schluss schlusskurs zuletzt clture cloture dernier " +
			"cierre ltimo ultimo chiusura",
		columnAdjClose: "adjclose adjustedclose closeadj adjclosingprice",
		columnVolume:   "volume vol pxvolume volumen",
		columnDividend: "dividends dividend divcash dividendamount exdividend",
		columnSplit:    "stocksplits stocksplit splits split splitfactor splitcoefficient splitratio",
		columnSymbol:   "symbol ticker stockname stocksymbol tickersymbol",
		columnName:     "name",
		columnPeriod:   "per",
		columnCurrency: "currency ccy whrung waehrung devise moneda",
	} {
		for _, name := range strings.Fields(spellings) {
			names[name] = c
		}
	}
	return names
}

// plainName reduces a header to its letters and digits in lower case, so that
// "Adj Close", "adj_close", "<ADJ CLOSE>" and "Adj Close**" are one name.
func plainName(header string) string {
	return strings.Map(func(c rune) rune {
		switch {
		case c >= 'A' && c <= 'Z':
			return c - 'A' + 'a'
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9':
			return c
		}
		return -1
	}, header)
}

// isCurrency reports whether a word is the code of one of the currencies that
// vendors quote prices in.
func isCurrency(word string) bool {
	switch word {
	case "USD", "EUR", "GBP", "GBX", "JPY", "CNY", "CHF", "CAD", "AUD", "NZD", "HKD", "SGD", "INR", "KRW", "TWD",
		"SEK", "NOK", "DKK", "PLN", "CZK", "HUF", "ILS", "ZAR", "BRL", "MXN", "RUB", "TRY", "IDR", "MYR", "PHP", "THB", "VND", "USDT":
		return true
	}
	return false
}
