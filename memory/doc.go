// Package memory is what the agent remembers, and how it fades.
//
// An [Event] is one remembered text in one [Layer] of one symbol. A [Store]
// holds the live events: Remember adds, Recall finds the best few for a query,
// Feedback rewards or blames the ones that were cited, Night ages them all by
// one session and lets them rise, sink or be purged.
//
// Time is the caller's: sessions are ISO dates handed in, ages count sessions,
// and nothing here reads a clock or a calendar. Results do not depend on the
// order of insertion, on map order or on the machine.
//
// The rules and their constants are in [Config]; docs/memory.md gives each with
// its source.
package memory
