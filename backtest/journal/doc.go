// Package journal is the record of a run on disk: one SQLite file, one
// transaction per session.
//
// The file is the truth. Memory, ledger and metrics of a run are read back from
// it, by a resumed run and by the commands that inspect one; the vector index
// is rebuilt from it. A process that is killed leaves the last whole session.
//
// The memory is kept as a log of changes, not as daily copies: an event that
// nothing happened to only fades, and fading is replayed exactly. So the state
// of the memory on any past session can be read back too.
//
// docs/run-format.md describes the tables.
package journal
