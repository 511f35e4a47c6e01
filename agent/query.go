package agent

import (
	"fmt"
	"math"
	"strings"

	"finmem/internal/printable"
	"finmem/profile"
)

// The situation's share of a query is bounded so that a day with hundreds of
// headlines does not drown the rest.
const (
	queryTitles     = 20
	queryTitleChars = 160
)

// query is the text whose neighbours are recalled. With [profile.QueryProfile]
// it is the profile and never changes; else today's titles, the direction of
// the price and the side of the position follow. They are words, not figures:
// two sessions that are alike ask alike.
func (a *Agent) query(obs Observation, momentum float64) string {
	base := a.profile.QueryText()
	if a.profile.Query == profile.QueryProfile {
		return base
	}
	lines := []string{base}
	for i, n := range obs.Day.News {
		if i == queryTitles {
			break
		}
		title := n.Title
		if strings.TrimSpace(title) == "" {
			title = n.Text
		}
		if line := printable.Cut(printable.Line(printable.Cut(title, 10*queryTitleChars)), queryTitleChars); line != "" {
			lines = append(lines, line)
		}
	}
	for _, f := range obs.Day.Filings {
		lines = append(lines, "New report: "+formName(f.Form))
	}
	lines = append(lines,
		fmt.Sprintf("Price over %d sessions: %s", momentumSessions, direction(momentum)),
		"Position: "+side(obs.Account.Shares))
	return strings.Join(lines, "\n")
}

func direction(momentum float64) string {
	switch {
	case math.IsNaN(momentum):
		return "n/a"
	case momentum > 0:
		return "up"
	case momentum < 0:
		return "down"
	}
	return "unchanged"
}

func side(shares float64) string {
	switch {
	case shares > 0:
		return "long"
	case shares < 0:
		return "short"
	}
	return "flat"
}
