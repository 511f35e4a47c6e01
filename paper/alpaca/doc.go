// Package alpaca is a paper-trading account at Alpaca, on Alpaca's own client.
//
// It trades play money alone: the one host it talks to is that of the paper
// service, by https; the host for real money, one that looks like it, and a
// redirect to it are refused here, whatever the environment says. An address on
// this machine is allowed, for tests and for a proxy of one's own.
//
// Alpaca's client knows no context, sleeps through limits and reads the
// environment. Each call therefore goes through a transport of this package: it
// ends with its context, is bounded in time, waits as told where that is short,
// and carries the keys. A call that changes nothing is repeated; an order is sent
// once, and what is not known of it is an error of [paper.ErrUnavailable].
//
// An order is for the day, at a limit where the ticket has one and at the market
// where not. Every amount is read and written as a decimal number.
package alpaca
