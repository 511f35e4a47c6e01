// Package llmtest has providers of language models for tests: HTTP servers on this
// machine that speak the providers' wire formats, streams and errors included, and
// answer as a test says.
package llmtest

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// A Request is what a server was asked.
type Request struct {
	// Number counts the server's requests from 1.
	Number int
	Path   string
	Header http.Header
	// Fields are the body's top-level fields.
	Fields map[string]json.RawMessage
	// System is the stable part of a chat, Messages are the others in order.
	System   string
	Messages []string
	// Schema is the schema that the answer is to fit, nil for none, in whatever way
	// the provider is told.
	Schema json.RawMessage
	// Texts are those to embed.
	Texts []string
}

// A Server is a provider. Its fields may be set until it is first asked.
type Server struct {
	// URL is the base URL that a client is to be given.
	URL string
	// Answer is the text of the answer to a chat; nil is [Decide].
	Answer func(Request) string
	// Refuses are fields that a request must not have; one that has is answered by a
	// status 400 that names the first of them.
	Refuses []string
	// TooLong, if set, says which chats are longer than the window; they are refused in
	// the provider's words.
	TooLong func(Request) bool
	// Key, if set, is the key that a request has to bring.
	Key string
	// Disturb, if set, may answer a request itself, and then returns true.
	Disturb func(w http.ResponseWriter, r Request) bool

	mu       sync.Mutex
	requests []Request
}

// Requests are those that came so far.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Request(nil), s.requests...)
}

// format is how a provider speaks.
type format struct {
	// read fills what the format has in a place of its own.
	read func(*Request) error
	// refused is the error body for a field, or for a wrong key.
	refused func(message, field string) string
	// tooLong answers a chat that is longer than the window.
	tooLong func(w http.ResponseWriter)
	key     func(http.Header) string
	chat    func(w http.ResponseWriter, r Request, answer string)
	embed   func(w http.ResponseWriter, vectors [][]float64)
}

func start(t *testing.T, f format) *Server {
	s := &Server{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.serve(t, f, w, r) }))
	t.Cleanup(server.Close)
	s.URL = server.URL
	return s
}

func (s *Server) serve(t *testing.T, f format, w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the caller went away
	}
	req := Request{Path: r.URL.Path, Header: r.Header.Clone()}
	err = json.Unmarshal(body, &req.Fields)
	if err == nil {
		err = f.read(&req)
	}
	if err != nil {
		t.Errorf("a request to %s cannot be read: %v\n%s", r.URL.Path, err, body)
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	req.Number = len(s.requests) + 1
	s.requests = append(s.requests, req)
	s.mu.Unlock()
	if s.Disturb != nil && s.Disturb(w, req) {
		return
	}
	w.Header().Set("Content-Type", "application/json")
	if s.Key != "" && f.key(r.Header) != s.Key {
		w.WriteHeader(http.StatusUnauthorized)
		// Servers do echo keys.
		io.WriteString(w, f.refused("invalid api key "+f.key(r.Header), ""))
		return
	}
	for _, field := range s.Refuses {
		if has(req.Fields, field) {
			w.WriteHeader(http.StatusBadRequest)
			io.WriteString(w, f.refused(fmt.Sprintf("Unsupported parameter: '%s' is not supported with this model.", field), field))
			return
		}
	}
	if req.Texts != nil {
		f.embed(w, vectors(req.Texts))
		return
	}
	if s.TooLong != nil && s.TooLong(req) {
		f.tooLong(w)
		return
	}
	answer := s.Answer
	if answer == nil {
		answer = Decide
	}
	f.chat(w, req, answer(req))
}

// refuse is a tooLong that answers so.
func refuse(status int, body string) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) {
		w.WriteHeader(status)
		io.WriteString(w, body)
	}
}

// has reports whether a field is at the top of a body or among its options.
func has(fields map[string]json.RawMessage, name string) bool {
	if _, ok := fields[name]; ok {
		return true
	}
	var options map[string]json.RawMessage
	json.Unmarshal(fields["options"], &options)
	_, ok := options[name]
	return ok
}

// tokens is the count that a server reports of a text.
func tokens(texts ...string) int {
	n := 0
	for _, text := range texts {
		n += len(strings.Fields(text))
	}
	return n
}

// sum is a number that depends on all of the texts.
func sum(texts ...string) uint64 {
	h := fnv.New64a()
	for _, text := range texts {
		fmt.Fprintf(h, "%d:%s", len(text), text)
	}
	return h.Sum64()
}

// Decide is a valid answer to a prompt of the agent: one of the decisions that the
// schema allows, by the hash of the prompt, citing the first memory if there is one.
// Equal prompts have equal answers.
func Decide(r Request) string {
	var schema struct {
		Properties struct {
			Decision struct{ Enum []string } `json:"investment_decision"`
		} `json:"properties"`
	}
	actions := []string{"buy", "sell", "hold"}
	if json.Unmarshal(r.Schema, &schema) == nil && len(schema.Properties.Decision.Enum) > 0 {
		actions = schema.Properties.Decision.Enum
	}
	action := actions[sum(r.Messages...)%uint64(len(actions))]
	cited := "[]"
	if strings.Contains(strings.Join(r.Messages, "\n"), `<memory number="0"`) {
		cited = "[0]"
	}
	return fmt.Sprintf(`{"investment_decision": %q, "summary_reason": "the test server said so", "short_memory_index": %s, "middle_memory_index": [], "long_memory_index": [], "reflection_memory_index": [], "confidence": 0.5}`, action, cited)
}

// dimensions is the length of the vectors that the servers give.
const dimensions = 8

// vectors are made of the hashes of words, so that texts with words in common are
// alike.
func vectors(texts []string) [][]float64 {
	list := make([][]float64, len(texts))
	for i, text := range texts {
		list[i] = make([]float64, dimensions)
		list[i][0] = 0.25 // no text is nothing
		for _, word := range strings.Fields(text) {
			list[i][sum(word)%dimensions]++
		}
	}
	return list
}
