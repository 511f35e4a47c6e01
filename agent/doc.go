// Package agent is one session's thinking: it observes the day, recalls what it
// knows, asks a model for one decision, checks the answer, and learns from what
// earlier decisions earned.
//
// An [Agent] sees the market only through an [Observation], so it cannot look
// ahead. Its answer is a [Decision] that carries everything needed to explain
// it. An answer that cannot be read is a [Failure], never a hold.
package agent
