package paper

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"finmem/backtest/broker"
)

// ClientID is the name under which an order is sent: a function of account,
// session, symbol and decision, so that the same decision can only ever be one
// order. Such as "finmem-TSLA-20250203-buy-3f9ac1d27b04": the front is for
// people, the hash at the end tells orders apart. At most 48 characters, of
// letters, digits and dashes.
func ClientID(account string, o broker.Order) string {
	sum := sha256.Sum256([]byte(strings.Join([]string{account, string(o.Decided), o.Symbol, string(o.Side), o.ID}, "\x00")))
	symbol := strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return '-'
	}, o.Symbol)
	symbol = symbol[:min(len(symbol), 10)]
	return strings.Join([]string{"finmem", symbol, strings.ReplaceAll(string(o.Decided), "-", ""), string(o.Side), hex.EncodeToString(sum[:6])}, "-")
}
