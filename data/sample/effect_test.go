package sample_test

import (
	"math"
	"slices"
	"testing"

	"finmem/data"
	"finmem/data/sample"
)

func effects(t testing.TB, seed uint64) []sample.Effect {
	t.Helper()
	list, err := sample.Effects(seed)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// An effect names the session whose day holds its text, and starts there: no
// price moves on a text before it is out.
func TestEffectsBelongToTheirTexts(t *testing.T) {
	d := generate(t, sample.DefaultSeed)
	counts := map[sample.Kind]int{}
	for _, h := range histories(t, d) {
		feed, err := data.NewFeed(data.NYSE(), h, data.FeedOptions{})
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range effects(t, sample.DefaultSeed) {
			if e.Symbol != h.Symbol {
				continue
			}
			counts[e.Kind]++
			day, err := feed.Day(e.Session)
			if err != nil {
				t.Fatal(err)
			}
			news := slices.ContainsFunc(day.News, func(n data.News) bool { return n.Title == e.Title && n.Time.Equal(e.Published) })
			filed := slices.ContainsFunc(day.Filings, func(f data.Filing) bool {
				return f.Form+" of "+f.Period == e.Title && f.Accepted.Equal(e.Published)
			})
			if !news && !filed {
				t.Errorf("%s %s: nothing called %q on the day of %s", e.Symbol, e.Kind, e.Title, e.Session)
			}
		}
	}
	if counts[sample.Report] < 300 || counts[sample.Rumour] < 90 || counts[sample.Quarterly] < 6 || counts[sample.Annual] != 6 {
		t.Errorf("effects by kind: %v", counts)
	}
}

func TestEffectSizes(t *testing.T) {
	want := map[sample.Kind]sample.Effect{
		sample.Report:    {Jump: 0.01, Drift: 0.002, Sessions: 5},
		sample.Rumour:    {Jump: 0.005, Drift: -0.001, Sessions: 5},
		sample.Quarterly: {Drift: 0.0006, Sessions: 30},
		sample.Annual:    {Drift: 0.0003, Sessions: 120},
	}
	for _, e := range effects(t, sample.DefaultSeed) {
		w, tone := want[e.Kind], float64(e.Tone)
		if e.Jump != tone*w.Jump || e.Drift != tone*w.Drift || e.Sessions != w.Sessions || math.Abs(tone) != 1 {
			t.Errorf("%s %s of %s: tone %d, jump %v, drift %v over %d sessions, want %+v times the tone",
				e.Symbol, e.Kind, e.Session, e.Tone, e.Jump, e.Drift, e.Sessions, w)
		}
	}
}

// A spread is the difference between what follows good and bad texts of a kind,
// with its standard error.
type spread struct{ mean, standardError float64 }

// returnsAfter are, by kind and tone, the returns from the close of an effect's
// session, when its text is known, to the close after its last drift.
func returnsAfter(t *testing.T, seeds ...uint64) map[sample.Kind]map[int][]float64 {
	t.Helper()
	after := map[sample.Kind]map[int][]float64{}
	for _, seed := range seeds {
		list := effects(t, seed)
		for _, h := range histories(t, generate(t, seed)) {
			number := map[data.Session]int{}
			for i, b := range h.Bars {
				number[b.Session] = i
			}
			for _, e := range list {
				from, to := number[e.Session], number[e.Session]+e.Sessions
				if e.Symbol != h.Symbol || to >= len(h.Bars) {
					continue
				}
				if after[e.Kind] == nil {
					after[e.Kind] = map[int][]float64{}
				}
				after[e.Kind][e.Tone] = append(after[e.Kind][e.Tone], h.Bars[to].Close/h.Bars[from].Close-1)
			}
		}
	}
	return after
}

func spreadOf(t *testing.T, byTone map[int][]float64) spread {
	t.Helper()
	good, bad := byTone[+1], byTone[-1]
	if len(good) < 10 || len(bad) < 10 {
		t.Fatalf("%d good and %d bad texts are too few to compare", len(good), len(bad))
	}
	mg, vg := meanVariance(good)
	mb, vb := meanVariance(bad)
	return spread{mg - mb, math.Sqrt(vg/float64(len(good)) + vb/float64(len(bad)))}
}

func meanVariance(x []float64) (mean, variance float64) {
	for _, v := range x {
		mean += v / float64(len(x))
	}
	for _, v := range x {
		variance += (v - mean) * (v - mean) / float64(len(x)-1)
	}
	return mean, variance
}

// In the shipped sample the news can be seen in the prices: returns over the five
// sessions after good reports exceed those after bad ones by twice five times
// 0.2 %, give or take the noise.
func TestReportsMoveTheSample(t *testing.T) {
	s := spreadOf(t, returnsAfter(t, sample.DefaultSeed)[sample.Report])
	if s.mean < 3*s.standardError || math.Abs(s.mean-0.02) > 3*s.standardError {
		t.Errorf("good less bad: %.4f ± %.4f, want 0.02 and clearly above 0", s.mean, s.standardError)
	}
}

// Over many markets each kind of text is followed by what was planted.
func TestEffectsOverManySeeds(t *testing.T) {
	seeds := make([]uint64, 40)
	for i := range seeds {
		seeds[i] = uint64(i + 1)
	}
	after := returnsAfter(t, seeds...)
	for kind, want := range map[sample.Kind]float64{
		sample.Report:    2 * 5 * 0.002,
		sample.Rumour:    2 * 5 * -0.001,
		sample.Quarterly: 2 * 30 * 0.0006,
		sample.Annual:    2 * 120 * 0.0003,
	} {
		if s := spreadOf(t, after[kind]); math.Abs(s.mean-want) > 3*s.standardError {
			t.Errorf("%s: good less bad %.4f ± %.4f, want %.4f", kind, s.mean, s.standardError, want)
		}
	}
}

// A trader who knew every planted drift, and nothing of the noise, would do well
// and no more: held only while the drift of the next session is up, bought and
// sold at the open, the companies give a Sharpe ratio between 1 and 2 over the
// half year after the warm-up. Whoever reads the texts gets less.
func TestKnowingEverythingEarnsModestly(t *testing.T) {
	const first = data.Session("2024-01-02")
	var known, held []float64
	for seed := uint64(1); seed <= 40; seed++ {
		list := effects(t, seed)
		for _, h := range histories(t, generate(t, seed)) {
			k, b := knowingReturns(h, list, first)
			known, held = append(known, sharpe(k)), append(held, sharpe(b))
		}
	}
	meanKnown, _ := meanVariance(known)
	meanHeld, _ := meanVariance(held)
	t.Logf("mean Sharpe ratio over %d half years: %.2f knowing the drift, %.2f buy and hold", len(known), meanKnown, meanHeld)
	if meanKnown < 1 || meanKnown > 2 || meanKnown < meanHeld+0.5 {
		t.Errorf("mean Sharpe ratio %.2f knowing the drift, %.2f buy and hold; want 1 to 2 and clearly more than held", meanKnown, meanHeld)
	}
}

// knowingReturns are the returns from open to open of the trader who knows the
// drift, and of one who always holds.
func knowingReturns(h data.History, list []sample.Effect, first data.Session) (known, held []float64) {
	number := map[data.Session]int{}
	for i, b := range h.Bars {
		number[b.Session] = i
	}
	drift := make([]float64, len(h.Bars))
	for _, e := range list {
		from := number[e.Session]
		for i := from + 1; e.Symbol == h.Symbol && i <= from+e.Sessions && i < len(drift); i++ {
			drift[i] += e.Drift
		}
	}
	// The drift of session i+1 comes from texts of session i and before.
	for i := number[first]; i+2 < len(h.Bars); i++ {
		r := h.Bars[i+2].Open/h.Bars[i+1].Open - 1
		held = append(held, r)
		if drift[i+1] <= 0 {
			r = 0
		}
		known = append(known, r)
	}
	return known, held
}

func sharpe(returns []float64) float64 {
	mean, variance := meanVariance(returns)
	return mean / math.Sqrt(variance) * math.Sqrt(252)
}
