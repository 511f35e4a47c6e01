// Package decisions reads what others decided, or earned, from CSV files: one
// decision per session ([Read]), or equity curves side by side ([ReadEquity]).
// docs/protocols.md describes both.
//
// Nothing is repaired in silence. What a file repeats, lacks or has too much of
// is in the result, and what cannot be read is an error that names file, line
// and value.
package decisions
