// Package evaluation scores decisions that were taken elsewhere, row by row
// beside buy and hold on the same sessions, under one of three protocols:
//
//	broker   shares, cash, orders filled at the next open, costs: package backtest
//	carry    positions of one unit, kept until they are sold: package protocol
//	finmem   the FinMem paper's accounting: package protocol
//
// It joins what the packages below compute, decisions laid against sessions, the
// protocol's own table, performance, significance and published figures, into an
// [Evaluation] that a command prints. It reads no files.
package evaluation
