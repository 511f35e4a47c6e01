// Package calls keeps what was asked of language models and embedders and what
// they answered, in one SQLite file.
//
// A [Call] is kept under the hash of everything that determines its answer, so a
// run can be repeated without a network, free of charge and byte for byte. The
// file holds bodies as they went over the wire. It never holds headers, and with
// them no keys.
//
// A [Store] is safe for several goroutines and several processes. After every
// call the file is whole and plain: it can be copied, shared, or read from a
// read-only disk.
package calls
