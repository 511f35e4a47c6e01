package backtest

import (
	"finmem/agent"
	"finmem/data"
)

// Observation is what the trader of b sees on session s with the given account.
// It is the same whatever the book has been through.
func (b *Book) Observation(cfg Config, s data.Session, account agent.Account) (agent.Observation, error) {
	day, err := b.Feed.Day(s)
	if err != nil {
		return agent.Observation{}, err
	}
	return b.observation(cfg, day, account), nil
}

func (b *Book) observation(cfg Config, day data.Day, account agent.Account) agent.Observation {
	bars := b.Feed.Bars(day.Session)
	if cfg.LookBack > 0 && len(bars) > cfg.LookBack {
		bars = bars[len(bars)-cfg.LookBack:]
	}
	return agent.Observation{Day: day, Bars: b.restated(cfg, bars, day.Session), Account: account, Early: cfg.Early && !day.HasBar}
}
