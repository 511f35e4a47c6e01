// Package broker turns a decision into an order and an order into a fill.
//
// [Sizing] says how many shares an action asks for, [Sim] fills an [Order] the
// way a broker would at the next session's open, and [Costs] are what it
// charges. What a fill does to cash and shares is for package portfolio to say.
//
// Every amount is an exact decimal on a fixed grid: prices and fees have at most
// six decimals, shares at most nine, so that shares times price is exact and
// adding and taking away never rounds. Only three things round, each once and
// in one place: a float that becomes a price ([Price]), a price moved by
// slippage, and a fee.
//
// The package knows no clock, no agent's reasons and no other symbol's money.
// It models neither the depth of the market nor the auction's own limits: an
// order for any number of shares fills whole at one price.
package broker
