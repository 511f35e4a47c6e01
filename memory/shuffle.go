package memory

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
)

// drawn picks q.K events of one layer by lot: those whose hash of seed, session
// and id comes first. Similarity plays no part but for q.MinRelevancy, so the
// index is not asked.
func drawn(events map[string]*Event, q Query) []Hit {
	type ticket struct {
		hit Hit
		lot [sha256.Size]byte
	}
	var tickets []ticket
	for _, e := range events {
		if e.Session > q.AsOf || e.Session < q.Since {
			continue
		}
		cosine := cosineOf(q.Vector, e.Vector)
		if q.MinRelevancy != nil && cosine < *q.MinRelevancy {
			continue
		}
		tickets = append(tickets, ticket{
			hit: Hit{*e, scoreOf(e, cosine)},
			lot: sha256.Sum256(fmt.Appendf(nil, "%d\n%s\n%s", *q.Shuffle, q.AsOf, e.ID)),
		})
	}
	slices.SortFunc(tickets, func(a, b ticket) int {
		return cmp.Or(bytes.Compare(a.lot[:], b.lot[:]), strings.Compare(a.hit.Event.ID, b.hit.Event.ID))
	})
	var hits []Hit
	for _, t := range tickets[:min(q.K, len(tickets))] {
		hits = append(hits, Hit{copyOf(&t.hit.Event), t.hit.Score})
	}
	sortHits(hits)
	return hits
}
