package memory

// scoreOf is the standing of e for a query at the given cosine similarity:
//
//	total = cosine + recency + min(importance, 100)/100
//
// Nothing is scaled to the other candidates, so a single candidate keeps its
// worth and the best of an unfitting lot does not look good. An importance
// below 0, which feedback can cause until the next night purges the event,
// counts as 0.
func scoreOf(e *Event, cosine float64) Score {
	s := Score{
		Relevancy:  cosine,
		Recency:    e.Recency,
		Importance: min(max(e.Importance, 0), 100) / 100,
	}
	s.Total = s.Relevancy + s.Recency + s.Importance
	return s
}

// cosineOf is the cosine similarity of two vectors of length 1: their dot
// product in double precision, kept within [-1, 1].
func cosineOf(a, b []float32) float64 {
	var dot float64
	for i := range a {
		// The product of two float32 is exact in a float64, so a fused
		// multiply-add gives the same bits as two steps.
		dot += float64(a[i]) * float64(b[i])
	}
	return min(max(dot, -1), 1)
}
