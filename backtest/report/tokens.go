package report

// A tokenRow is what the model was asked in one month, or in a whole part of the
// run.
type tokenRow struct {
	Label   string
	Sum     bool
	Asked   string // sessions on which the model was asked
	Answers string
	Refused string // answers that could not be used
	Input   string
	Output  string
	Cost    string // US dollars
}

// usage adds up answers.
type usage struct {
	asked, answers, refused, input, output, estimated int
	cost                                              float64
	unpriced                                          bool
}

func (u *usage) add(s Session) {
	if len(s.Answers) == 0 {
		return
	}
	u.asked++
	for _, a := range s.Answers {
		u.answers++
		u.input += a.InputTokens
		u.output += a.OutputTokens
		if a.Refused {
			u.refused++
		}
		if a.Estimated {
			u.estimated++
		}
		if a.Cost != nil {
			u.cost += *a.Cost
		} else {
			u.unpriced = true
		}
	}
}

// row writes u. The cost is n/a as soon as that of one answer is not known: what
// is known would look like all of it.
func (u usage) row(label string, sum bool) tokenRow {
	count := func(n int) string { return asCount.format(float64(n)) }
	r := tokenRow{Label: label, Sum: sum, Asked: count(u.asked), Answers: count(u.answers), Refused: count(u.refused),
		Input: count(u.input), Output: count(u.output), Cost: notAvailable}
	if !u.unpriced {
		r.Cost = grouped(u.cost, 4)
	}
	return r
}

// tokenRows are the months with anything asked, then the warm-up, the test and
// all. note says what a reader must know of the counts.
func tokenRows(sessions []Session) (rows []tokenRow, note string) {
	var warmup, test, all, month usage
	label := ""
	flush := func() {
		if month.asked > 0 {
			rows = append(rows, month.row(label, false))
		}
		month = usage{}
	}
	for _, s := range sessions {
		if m := string(s.Date)[:len("2006-01")]; m != label {
			flush()
			label = m
		}
		month.add(s)
		all.add(s)
		if s.Test {
			test.add(s)
		} else {
			warmup.add(s)
		}
	}
	flush()
	if all.asked == 0 {
		return nil, "No model was asked."
	}
	rows = append(rows, warmup.row("warm-up", true), test.row("test", true), all.row("all", true))
	switch {
	case all.estimated == all.answers:
		note = "All tokens are estimated: the model's side gives no counts."
	case all.estimated > 0:
		note = "The tokens of " + plural(all.estimated, "answer") + " are estimated: for them the model's side gave no counts."
	}
	if all.unpriced {
		if note != "" {
			note += " "
		}
		note += "The cost is n/a where the price of a token is not known."
	}
	return rows, note
}
