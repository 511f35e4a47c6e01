package report

// A tokenRow is what was taken of the models in one month, or in a whole part of
// the run.
type tokenRow struct {
	Label    string
	Sum      bool
	Asked    string // sessions on which the model was asked
	Calls    string
	Refused  string
	Input    string
	Output   string
	Embedded string
	Cost     string // US dollars
}

// A tally adds up the usage of sessions.
type tally struct {
	Usage
	asked    int
	cost     float64
	unpriced bool
}

func (t *tally) add(u Usage) {
	if u.Calls > 0 {
		t.asked++
	}
	t.Calls += u.Calls
	t.Refused += u.Refused
	t.Estimated += u.Estimated
	t.InputTokens += u.InputTokens
	t.OutputTokens += u.OutputTokens
	t.EmbeddingTokens += u.EmbeddingTokens
	switch {
	case u.Cost != nil:
		t.cost += *u.Cost
	case u.Calls > 0 || u.EmbeddingTokens > 0:
		t.unpriced = true
	}
}

// row writes t. The cost is n/a as soon as that of one session is not known: what
// is known would look like all of it.
func (t tally) row(label string, sum bool) tokenRow {
	count := func(n int) string { return asCount.format(float64(n)) }
	r := tokenRow{Label: label, Sum: sum, Asked: count(t.asked), Calls: count(t.Calls), Refused: count(t.Refused),
		Input: count(t.InputTokens), Output: count(t.OutputTokens), Embedded: count(t.EmbeddingTokens), Cost: notAvailable}
	if !t.unpriced {
		r.Cost = grouped(t.cost, 4)
	}
	return r
}

// tokenRows are the months with anything asked, then the warm-up, the test and
// all. note says what a reader must know of the counts.
func tokenRows(sessions []Session) (rows []tokenRow, note string) {
	var warmup, test, all, month tally
	label := ""
	flush := func() {
		if month.Calls > 0 || month.EmbeddingTokens > 0 {
			rows = append(rows, month.row(label, false))
		}
		month = tally{}
	}
	for _, s := range sessions {
		if m := string(s.Date)[:len("2006-01")]; m != label {
			flush()
			label = m
		}
		month.add(s.Usage)
		all.add(s.Usage)
		if s.Test {
			test.add(s.Usage)
		} else {
			warmup.add(s.Usage)
		}
	}
	flush()
	if len(rows) == 0 {
		return nil, "No model was asked."
	}
	rows = append(rows, warmup.row("warm-up", true), test.row("test", true), all.row("all", true))
	switch {
	case all.Calls > 0 && all.Estimated == all.Calls:
		note = "All tokens are estimated: the provider gave no counts."
	case all.Estimated > 0:
		note = "The tokens of " + plural(all.Estimated, "answer") + " are estimated: the provider gave no counts."
	}
	if all.unpriced {
		if note != "" {
			note += " "
		}
		note += "The cost is n/a where the price of a token is not known."
	}
	return rows, note
}
