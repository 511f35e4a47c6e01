package memory

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
)

// A Query asks for the events that fit a vector best.
type Query struct {
	Symbol string
	// AsOf is the session that asks. Nothing of a later session is offered.
	AsOf string
	// Since leaves out what is of an earlier session. "", the default, leaves out
	// nothing.
	Since  string
	Vector []float32
	// K is how many events of each layer are wanted, 0 for the configured TopK.
	K int
	// MinRelevancy leaves out events of a smaller cosine similarity. nil, the
	// default, leaves out none.
	MinRelevancy *float64
	// Layers are the layers to look in, nil for all.
	Layers []Layer
	// Shuffle, where it is set, is the seed of a lot by which the K events of each
	// layer are drawn instead of by their scores. What recall by score is worth
	// shows against it.
	Shuffle *uint64
}

// A Hit is one recalled event, as it stood, and why it was recalled.
type Hit struct {
	Event Event
	Score Score
}

// Recall gives the best K events of each layer, the layers in order, each
// layer's events by score, the highest first, and where scores are equal by id.
//
// The answer is exact: it is what scoring every live event in double precision
// would give. The similarities of the index, in single precision, only tell
// which events can be left out.
//
// With Query.Shuffle the K of a layer are drawn, each as likely as any other
// whatever its score, and then put into the same order. The draw depends on the
// seed, the session that asks and the ids of the events alone.
//
// Recall changes nothing; [Store.MarkRecalled] counts what was shown.
func (s *Store) Recall(ctx context.Context, q Query) ([]Hit, error) {
	if err := checkSession(q.AsOf); err != nil {
		return nil, fmt.Errorf("memory: recall as of %w", err)
	}
	if q.Since != "" {
		if err := checkSession(q.Since); err != nil {
			return nil, fmt.Errorf("memory: recall since %w", err)
		}
	}
	unit, err := s.unit(q.Vector)
	if err != nil {
		return nil, fmt.Errorf("memory: recall %s: %w", q.Symbol, err)
	}
	q.Vector = unit
	if q.K < 0 {
		return nil, fmt.Errorf("memory: recall %s: k %d: want at least 1, or 0 for the configured %d", q.Symbol, q.K, s.cfg.TopK)
	}
	for _, l := range q.Layers {
		if int(l) >= len(layerNames) {
			return nil, fmt.Errorf("memory: recall %s: %s does not exist", q.Symbol, l)
		}
	}
	if q.K == 0 {
		q.K = s.cfg.TopK
	}
	h := s.lookup(q.Symbol)
	if h == nil {
		return nil, nil
	}
	var hits []Hit
	for _, layer := range Layers() {
		if q.Layers != nil && !slices.Contains(q.Layers, layer) || len(h.layers[layer]) == 0 {
			continue
		}
		if q.Shuffle != nil {
			hits = append(hits, drawn(h.layers[layer], q)...)
			continue
		}
		similar, err := s.index.Similar(ctx, q.Symbol, layer, q.Vector)
		if err != nil {
			return nil, fmt.Errorf("memory: recall %s from %s: %w", q.Symbol, layer, err)
		}
		found, err := best(h.layers[layer], similar, q)
		if err != nil {
			return nil, fmt.Errorf("memory: recall %s from %s: %w", q.Symbol, layer, err)
		}
		hits = append(hits, found...)
	}
	return hits, nil
}

// best picks the q.K highest scores of one layer.
func best(events map[string]*Event, similar []Similarity, q Query) ([]Hit, error) {
	type candidate struct {
		event    *Event
		distance float64 // cosine - MinRelevancy, as the index sees it
		total    float64 // score, as the index sees it
	}
	margin := similarityError(len(q.Vector))
	floor := -1.0
	if q.MinRelevancy != nil {
		floor = *q.MinRelevancy
	}

	candidates := make([]candidate, 0, len(similar))
	top := ranking{k: q.K}
	missing := len(events)
	for _, sim := range similar {
		e := events[sim.ID]
		if e == nil {
			continue // the index may hold what has left the layer
		}
		missing--
		if e.Session > q.AsOf || e.Session < q.Since {
			continue
		}
		total := scoreOf(e, sim.Cosine).Total
		candidates = append(candidates, candidate{e, sim.Cosine - floor, total})
		if q.MinRelevancy == nil || sim.Cosine-floor >= margin {
			top.add(total)
		}
	}
	if missing != 0 {
		return nil, fmt.Errorf("the index lacks %d of %d events", missing, len(events))
	}

	// Every total is off by at most margin, so what lies more than twice that
	// below the K-th of those that certainly qualify is not among the best K.
	var hits []Hit
	for _, c := range candidates {
		if c.total < top.last()-2*margin || q.MinRelevancy != nil && c.distance < -margin {
			continue
		}
		cosine := cosineOf(q.Vector, c.event.Vector)
		if q.MinRelevancy != nil && cosine < floor {
			continue
		}
		hits = append(hits, Hit{*c.event, scoreOf(c.event, cosine)})
	}
	sortHits(hits)
	hits = hits[:min(q.K, len(hits))]
	for i := range hits {
		hits[i].Event = copyOf(&hits[i].Event)
	}
	return hits, nil
}

// sortHits puts the highest score first and equal ones in the order of ids.
func sortHits(hits []Hit) {
	slices.SortFunc(hits, func(a, b Hit) int {
		return cmp.Or(cmp.Compare(b.Score.Total, a.Score.Total), strings.Compare(a.Event.ID, b.Event.ID))
	})
}
