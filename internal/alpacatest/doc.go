// Package alpacatest is an Alpaca for tests: a local HTTP server that speaks the
// REST protocol which the official Go client uses, with an account that adds up
// and faults on request. The shapes, statuses and codes of its answers are those
// of Alpaca's paper-trading and data services.
//
// A [Server] does nothing by itself and has no clock of its own. The test says
// what time it is, what the market does and what breaks:
//
//	alpaca := alpacatest.New(t)
//	alpaca.SetTime(time.Date(2024, 11, 27, 16, 5, 0, 0, alpacatest.Eastern()))
//	alpaca.AddAsset(alpacatest.Asset{Symbol: "TSLA", Fractionable: true})
//	alpaca.Fault(alpacatest.Fault{Method: "POST", Path: "/v2/orders", Drop: true})
//	…
//	alpaca.Open("2024-11-29", map[string]string{"TSLA": "336.08"})
//	alpaca.Close("2024-11-29")
//
// What it does not do: margin beyond a fixed multiplier of cash, extended hours,
// orders other than market and limit for the day, and other asset classes than US
// equities.
package alpacatest
