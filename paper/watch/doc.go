// Package watch shows a paper-trading loop to the outside: as log lines ([Log]),
// as figures for Prometheus ([Metrics]), as answers to "is it alive" and "is it
// ready" ([Handler]), and as messages to a web address ([Webhook]).
//
// All of these are [paper.Observer] or read a [paper.Health]. None of them can
// hold the loop up, make it fail, or change what it does. Nothing here is on
// unless it is asked for, and what listens does so on this machine alone.
//
// No key and no address with a token in it is written anywhere; [Masked] takes
// them out of log lines, whoever wrote them.
package watch
