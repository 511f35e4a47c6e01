package memory

import (
	"crypto/sha256"
	"encoding/binary"
)

// InitialImportance is the importance that an event is born with: one of the
// layer's [Draw] values, chosen by a hash of seed and id. It depends on nothing
// else, so neither the order of insertion nor the presence of other events
// changes it. It is 0 for a layer that does not exist.
func (c Config) InitialImportance(seed uint64, id string, layer Layer) float64 {
	draws := c.Layer(layer).Initial
	if len(draws) == 0 {
		return 0
	}
	h := sha256.Sum256(append(binary.BigEndian.AppendUint64(nil, seed), id...))
	u := float64(binary.BigEndian.Uint64(h[:])>>11) / (1 << 53) // uniform in [0, 1)
	var below float64
	for _, d := range draws[:len(draws)-1] {
		below += d.Probability
		if u < below {
			return d.Importance
		}
	}
	return draws[len(draws)-1].Importance
}
