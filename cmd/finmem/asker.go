package main

import (
	"context"

	"finmem/agent"
	"finmem/agent/llm/calls"
	"finmem/data"
)

// An asker is an agent whose calls say for which session and symbol they are made.
type asker struct{ *agent.Agent }

func (a asker) Decide(ctx context.Context, obs agent.Observation) (agent.Decision, error) {
	return a.Agent.Decide(asking(ctx, obs.Day), obs)
}

func (a asker) Learn(ctx context.Context, lesson agent.Lesson) (agent.Decision, error) {
	return a.Agent.Learn(asking(ctx, lesson.Day), lesson)
}

func (a asker) Observe(ctx context.Context, obs agent.Observation) error {
	return a.Agent.Observe(asking(ctx, obs.Day), obs)
}

func asking(ctx context.Context, day data.Day) context.Context {
	return calls.WithAsker(ctx, calls.Asker{Session: string(day.Session), Symbol: day.Symbol})
}
