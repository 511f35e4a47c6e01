package memory

import "fmt"

// A Layer is one of the four drawers of the memory.
type Layer uint8

// The layers, in the order in which a night visits them.
const (
	Short      Layer = iota // news; days to weeks
	Mid                     // 10-Q; months
	Long                    // 10-K and extended reflections; a year
	Reflection              // the agent's own reasons
)

// Layers lists all layers in order.
func Layers() []Layer { return []Layer{Short, Mid, Long, Reflection} }

var layerNames = [...]string{"short", "mid", "long", "reflection"}

func (l Layer) String() string {
	if int(l) < len(layerNames) {
		return layerNames[l]
	}
	return fmt.Sprintf("layer(%d)", uint8(l))
}

// ParseLayer reads the name of a layer.
func ParseLayer(s string) (Layer, error) {
	for i, name := range layerNames {
		if s == name {
			return Layer(i), nil
		}
	}
	return 0, fmt.Errorf("layer %q: want short, mid, long or reflection", s)
}

// MarshalText writes the layer's name, so that JSON and TOML hold words.
func (l Layer) MarshalText() ([]byte, error) { return []byte(l.String()), nil }

// UnmarshalText is the inverse of MarshalText.
func (l *Layer) UnmarshalText(b []byte) error {
	p, err := ParseLayer(string(b))
	if err == nil {
		*l = p
	}
	return err
}

// An Event is one remembered text with its place and standing.
type Event struct {
	ID     string // stable: see NewID
	Symbol string
	Layer  Layer
	Source string // "news", "10-Q", "10-K", "reflection", "extended reflection"
	// Session is the ISO date of the session in which the event became known.
	// Recall never offers an event to an earlier session.
	Session string
	Text    string
	// Part is "2/5" where a long text was split and this is the second of five
	// passages, and empty where the text is whole.
	Part string
	// Tone is the sentiment of the text in [-1, 1], nil where it is not known.
	Tone *float64
	// Copies counts the documents of the same content behind this event.
	Copies int
	// Vector is what the embedder makes of Text. In the store its length is 1.
	Vector []float32

	Importance float64 // 0 … ; shown as min(importance, 100)/100 in a score
	Recency    float64 // exp(-age/stability) in (0, 1]
	Age        int     // sessions since the event, or since its last promotion
	Access     int     // sum of the feedback it got: +1 earned, -1 lost
	Recalled   int     // how many decisions it was offered to
}

// A Score is the standing of an event for one query; Total is the sum of the
// parts.
type Score struct {
	Total      float64 `json:"total"`
	Relevancy  float64 `json:"relevancy"`  // cosine similarity, [-1, 1]
	Recency    float64 `json:"recency"`    // (0, 1]
	Importance float64 `json:"importance"` // min(importance, 100)/100, [0, 1]
}
