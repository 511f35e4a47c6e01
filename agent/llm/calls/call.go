package calls

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// A Kind is what was asked for.
type Kind string

const (
	Chat Kind = "chat"
	// Embedding is a request for the vectors of one or more texts.
	Embedding Kind = "embedding"
	// Vector is the vector of one text, taken out of an embedding's answer, so that
	// the text is placed once whatever it is asked together with. It is no call over
	// the wire and has neither usage nor latency of its own.
	Vector Kind = "vector"
)

// Kinds are all kinds.
func Kinds() []Kind { return []Kind{Chat, Embedding, Vector} }

// ParseKind reads a kind by its name.
func ParseKind(s string) (Kind, error) {
	if k := Kind(s); slices.Contains(Kinds(), k) {
		return k, nil
	}
	return "", fmt.Errorf("kind %q: want %s, %s or %s", s, Chat, Embedding, Vector)
}

// A Call is one question and its answer.
type Call struct {
	// Key is [Key] of what determines the answer.
	Key      string
	Kind     Kind
	Provider string // "openai"
	URL      string // without user, query and fragment
	Model    string
	// Request and Answer are the bodies as they went over the wire.
	Request, Answer []byte
	// Fault says why the answer cannot be used, "" where it can. A faulty answer is
	// kept so that a run that met it can be replayed; outside of a replay it is
	// asked for again.
	Fault   string
	Usage   Usage
	Latency time.Duration
	// Asker is who asked first.
	Asker Asker
	// Made is when the answer came.
	Made time.Time
}

// Usage counts tokens as the provider reported them; both are 0 where it did
// not.
type Usage struct{ InputTokens, OutputTokens int }

// Known reports whether the provider counted.
func (u Usage) Known() bool { return u.InputTokens > 0 || u.OutputTokens > 0 }

// An Asker is the session and symbol that a call is made for, as far as known.
type Asker struct{ Session, Symbol string }

// String is "session 2024-01-02 of TSLA", or "" for nobody.
func (a Asker) String() string {
	switch {
	case a == Asker{}:
		return ""
	case a.Symbol == "":
		return "session " + a.Session
	case a.Session == "":
		return a.Symbol
	}
	return "session " + a.Session + " of " + a.Symbol
}

type askerKey struct{}

// WithAsker says in a context who is asking.
func WithAsker(ctx context.Context, a Asker) context.Context {
	return context.WithValue(ctx, askerKey{}, a)
}

// AskerOf is who is asking by the context.
func AskerOf(ctx context.Context) Asker {
	a, _ := ctx.Value(askerKey{}).(Asker)
	return a
}

// Key is the SHA-256, in hexadecimal, of what determines an answer: the provider,
// the URL, and the body of the request, which holds model, parameters, messages
// and schema. The body must be JSON; how it is spaced and in which order its
// fields stand does not matter.
func Key(provider, url string, request []byte) (string, error) {
	canonical, err := canonicalJSON(request)
	if err != nil {
		return "", fmt.Errorf("hashing a request to %s: %w", url, err)
	}
	h := sha256.New()
	for _, part := range [][]byte{[]byte(provider), []byte(url), canonical} {
		fmt.Fprintf(h, "%d:", len(part))
		h.Write(part)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// canonicalJSON is a JSON text with its fields sorted and without white space.
// Numbers stay as they are written.
func canonicalJSON(text []byte) ([]byte, error) {
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return nil, fmt.Errorf("the body is not JSON: %w", err)
	}
	if dec.More() {
		return nil, fmt.Errorf("the body goes on after its JSON value")
	}
	return json.Marshal(v)
}
