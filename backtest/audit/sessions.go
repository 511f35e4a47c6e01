package audit

import (
	"hash/fnv"
	"math/rand/v2"
	"slices"

	"finmem/data"
)

// Sessions draws n of a run's sessions to look at, in order and each once. With
// two or more, the last of the warm-up is among them, since its outcome lies in
// the test window and must not be told. The rest is drawn half from the warm-up
// and half from the test window, the odd one from the test window, as far as
// each has so many. The last session of the run is left out: nothing of the run
// lies behind it.
//
// sessions are those recorded, oldest first; the test window starts on from. The
// same arguments draw the same sessions.
func Sessions(sessions []data.Session, from data.Session, n int, seed uint64) []data.Session {
	if len(sessions) == 0 || n <= 0 {
		return nil
	}
	open := sessions[:len(sessions)-1]
	split := 0
	for split < len(open) && open[split] < from {
		split++
	}
	warmup, test := open[:split], open[split:]

	studied := min(n/2, len(warmup))
	scored := min(n-studied, len(test))
	studied = min(n-scored, len(warmup))
	var chosen []data.Session
	if n >= 2 && studied > 0 && sessions[len(sessions)-1] >= from {
		chosen = append(chosen, warmup[len(warmup)-1])
		warmup = warmup[:len(warmup)-1]
		studied--
	}
	key := fnv.New64a()
	_, _ = key.Write([]byte(from)) // a hash takes every write
	random := rand.New(rand.NewPCG(seed, key.Sum64()))
	for _, part := range []struct {
		of []data.Session
		n  int
	}{{warmup, studied}, {test, scored}} {
		for _, i := range random.Perm(len(part.of))[:part.n] {
			chosen = append(chosen, part.of[i])
		}
	}
	slices.Sort(chosen)
	return chosen
}
