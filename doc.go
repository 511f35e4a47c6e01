// Package finmem is the map of the source. It holds no code.
//
// finmem is a trading agent with a layered memory: it reads a session's
// prices, news and filings, remembers what matters for as long as it matters,
// asks a model for one decision, and learns from what that decision earned.
//
// Read the packages in this order:
//
//	data       what was public, and when: sessions, bars, news, filings
//	memory     what the agent remembers, and how it fades
//	profile    who is trading
//	agent      one session's thinking: observe, recall, decide, reflect, learn
//	backtest   the market's side: the session loop, orders, fills, the ledger
//	cmd/finmem flags, files and words for people
//
// Imports point down only; layout_test.go checks it. ARCHITECTURE.md follows
// one session through the code.
package finmem
