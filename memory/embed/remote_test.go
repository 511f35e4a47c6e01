package embed_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/philippgille/chromem-go"
	"pgregory.net/rapid"

	"finmem/memory"
	"finmem/memory/embed"
)

// A server speaks Ollama's or OpenAI's language. What it does instead of
// answering is up to meddle.
type server struct {
	*httptest.Server
	dim int
	// limit is the most bytes of one text, 0 for any.
	limit int
	// meddle answers in place of the server where it says so.
	meddle func(w http.ResponseWriter, texts []string) (done bool)

	mu       sync.Mutex
	requests []request
}

type request struct {
	path, key, model string
	texts            []string
	truncate         *bool
}

func newServer(t *testing.T, dim int) *server {
	s := &server{dim: dim}
	s.Server = httptest.NewServer(http.HandlerFunc(s.serve))
	t.Cleanup(s.Close)
	return s
}

func (s *server) serve(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Model    string `json:"model"`
		Input    inputs `json:"input"`
		Truncate *bool  `json:"truncate"`
	}
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	s.requests = append(s.requests, request{r.URL.Path, r.Header.Get("Authorization"), body.Model, body.Input, body.Truncate})
	meddle := s.meddle
	s.mu.Unlock()
	if meddle != nil && meddle(w, body.Input) {
		return
	}
	for _, text := range body.Input {
		if s.limit > 0 && len(text) > s.limit {
			w.WriteHeader(http.StatusBadRequest)
			if r.URL.Path == "/api/embed" {
				io.WriteString(w, `{"error":"the input length exceeds the context length"}`)
			} else {
				io.WriteString(w, `{"error":{"message":"Invalid 'input[0]': maximum input length is 8192 tokens.","type":"invalid_request_error","param":null,"code":null}}`)
			}
			return
		}
	}
	switch r.URL.Path {
	case "/api/embed":
		answer := map[string]any{"model": body.Model, "total_duration": 14143917, "load_duration": 1019500, "prompt_eval_count": 8}
		var vectors [][]float32
		for _, text := range body.Input {
			vectors = append(vectors, vectorOf(text, s.dim))
		}
		answer["embeddings"] = vectors
		json.NewEncoder(w).Encode(answer)
	case "/v1/embeddings":
		var list []map[string]any
		for i, text := range body.Input {
			// The order of the list is not that of the texts.
			list = append([]map[string]any{{"object": "embedding", "index": i, "embedding": vectorOf(text, s.dim)}}, list...)
		}
		json.NewEncoder(w).Encode(map[string]any{"object": "list", "model": body.Model, "data": list,
			"usage": map[string]int{"prompt_tokens": 8, "total_tokens": 8}})
	default:
		http.NotFound(w, r)
	}
}

// inputs are several texts, or one that stands alone.
type inputs []string

func (in *inputs) UnmarshalJSON(b []byte) error {
	var one string
	if json.Unmarshal(b, &one) == nil {
		*in = inputs{one}
		return nil
	}
	return json.Unmarshal(b, (*[]string)(in))
}

// vectorOf is 3 at the dimension that the first byte picks and 4 at the next.
func vectorOf(text string, dim int) []float32 {
	v := make([]float32, dim)
	v[int(text[0])%dim] = 3
	v[(int(text[0])+1)%dim] += 4
	return v
}

func (s *server) seen() []request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

func (s *server) set(meddle func(http.ResponseWriter, []string) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.meddle = meddle
}

// says makes the server answer everything with one status and body.
func (s *server) says(status int, body string) {
	s.set(func(w http.ResponseWriter, _ []string) bool {
		w.WriteHeader(status)
		io.WriteString(w, body)
		return true
	})
}

// dial makes the embedder called name, on s.
func dial(t *testing.T, s *server, name string, o embed.Options) *embed.Remote {
	t.Helper()
	o.BaseURL = base(s, name)
	r, err := embed.Dial(t.Context(), name, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func base(s *server, name string) string {
	if strings.HasPrefix(name, "openai/") {
		return s.URL + "/v1"
	}
	return s.URL
}

var names = []string{"ollama/nomic-embed-text", "openai/text-embedding-3-small"}

// All texts of a call are in one request, which says what it must say, and the
// vectors come back in the order of the texts at length 1: 3/5 and 4/5.
func TestRemoteEmbedsInOneRequest(t *testing.T) {
	for _, name := range names {
		s := newServer(t, 4)
		r := dial(t, s, name, embed.Options{Key: "sk-secret"})
		if got := r.Identity(); got != (memory.Identity{Name: name, Dim: 4}) {
			t.Errorf("identity %s", got)
		}
		vectors, err := r.Embed(t.Context(), []string{"d", "a", "c", "a"})
		if err != nil {
			t.Fatal(err)
		}
		want := [][]float32{{0.6, 0.8, 0, 0}, {0, 0.6, 0.8, 0}, {0.8, 0, 0, 0.6}, {0, 0.6, 0.8, 0}} // d is 100, a 97, c 99
		if !slices.EqualFunc(vectors, want, slices.Equal) {
			t.Errorf("%s: vectors %v, want %v", name, vectors, want)
		}
		seen := s.seen()
		if len(seen) != 2 || r.Requests() != 2 {
			t.Fatalf("%s: %d requests, %d counted, want the question for the dimensions and one more", name, len(seen), r.Requests())
		}
		if got := seen[1]; got.model != strings.SplitN(name, "/", 2)[1] || !slices.Equal(got.texts, []string{"d", "a", "c"}) || got.key != "Bearer sk-secret" {
			t.Errorf("%s: sent %+v", name, got)
		}
		if got := seen[1].truncate; strings.HasPrefix(name, "ollama") && (got == nil || *got) {
			t.Errorf("Ollama is not told to leave texts whole")
		}
	}
}

// chromem-go's own functions get the same vectors from the same servers, one
// request a text.
func TestRemoteAgreesWithChromem(t *testing.T) {
	s := newServer(t, 4)
	normalized := false
	theirs := chromem.NewEmbeddingFuncOpenAICompat(s.URL+"/v1", "", "m", &normalized)
	ours := dial(t, s, "openai/m", embed.Options{})
	for _, text := range []string{"abc", "b", "zz"} {
		want, err := theirs(t.Context(), text)
		if err != nil {
			t.Fatal(err)
		}
		got, err := ours.Embed(t.Context(), []string{text})
		if err != nil {
			t.Fatal(err)
		}
		for i := range want {
			if math.Abs(float64(got[0][i]-want[i])) > 1e-6 {
				t.Errorf("%q: %v, chromem-go has %v", text, got[0], want)
				break
			}
		}
	}
}

// Whatever a server does wrong is an error that says so, never a vector.
func TestRemoteRefusesBadAnswers(t *testing.T) {
	big := strings.Repeat("x", 5000)
	for _, tt := range []struct {
		name, embedder string
		status         int
		body           string
		want           string
	}{
		{"another dimension", "ollama/m", 200, `{"embeddings":[[1,2,3],[1,2,3]]}`, "vector 1 of 2 has 3 dimensions, but the embedder is ollama/m (4 dimensions)"},
		{"another dimension", "openai/m", 200, `{"data":[{"index":0,"embedding":[1,2,3,4]},{"index":1,"embedding":[1,2,3]}]}`, "vector 2 of 2 has 3 dimensions, but the embedder is openai/m (4 dimensions)"},
		{"too few", "ollama/m", 200, `{"embeddings":[[1,2,3,4]]}`, "1 vector for 2 texts"},
		{"too few", "openai/m", 200, `{"data":[{"index":0,"embedding":[1,2,3,4]}]}`, "1 vector for 2 texts"},
		{"too many", "ollama/m", 200, `{"embeddings":[[1,2,3,4],[1,2,3,4],[1,2,3,4]]}`, "3 vectors for 2 texts"},
		{"none", "ollama/m", 200, `{}`, "0 vectors for 2 texts"},
		{"none", "openai/m", 200, `{"data":[]}`, "0 vectors for 2 texts"},
		{"zeros", "ollama/m", 200, `{"embeddings":[[1,2,3,4],[0,0,0,0]]}`, "vector 2 of 2: vector is all zero"},
		{"too big a number", "ollama/m", 200, `{"embeddings":[[1,2,3,4],[1e39,0,0,0]]}`, "cannot be read"},
		{"one text twice", "openai/m", 200, `{"data":[{"index":1,"embedding":[1,2,3,4]},{"index":1,"embedding":[1,2,3,4]}]}`, "index 1"},
		{"a text that was not sent", "openai/m", 200, `{"data":[{"index":0,"embedding":[1,2,3,4]},{"index":2,"embedding":[1,2,3,4]}]}`, "index 2"},
		{"half of the texts named", "openai/m", 200, `{"data":[{"embedding":[1,2,3,4]},{"index":1,"embedding":[1,2,3,4]}]}`, "1 of its 2 vectors"},
		{"empty", "ollama/m", 200, ``, "empty"},
		{"web page", "openai/m", 200, `<html>sign in</html>`, "cannot be read"},
		{"cut", "ollama/m", 200, `{"embeddings":[[1,2,3,4],[1,`, "cannot be read"},
		{"an error with status 200", "openai/m", 200, `{"error":{"message":"no such deployment"}}`, "status 200: no such deployment"},
		{"unknown model", "ollama/m", 404, `{"error":"model \"m\" not found, try pulling it first"}`, `status 404: model "m" not found`},
		{"overloaded", "openai/m", 503, ``, "status 503 and no words"},
		{"wrong key", "openai/m", 401, `{"error":{"message":"Incorrect API key provided: sk-secret. Find yours at the site.","code":"invalid_api_key"}}`, "status 401: Incorrect API key provided: (the key)."},
		{"a long page", "openai/m", 500, big, "…"},
	} {
		s := newServer(t, 4)
		r := dial(t, s, tt.embedder, embed.Options{Key: "sk-secret"})
		s.says(tt.status, tt.body)
		vectors, err := r.Embed(t.Context(), []string{"one", "two"})
		if err == nil || vectors != nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s %s: %v, %v, want an error with %q", tt.embedder, tt.name, vectors, err, tt.want)
			continue
		}
		if strings.Contains(err.Error(), "sk-secret") || len(err.Error()) > 500 {
			t.Errorf("%s: error %q has the key in it, or is too long", tt.name, err)
		}
		var refused *embed.StatusError
		if errors.As(err, &refused) != (tt.status != 200 || strings.HasPrefix(tt.name, "an error")) || refused != nil && refused.Status != tt.status {
			t.Errorf("%s: status error %+v", tt.name, refused)
		}
		// What was wrong once is not wrong for ever.
		s.set(nil)
		if _, err := r.Embed(t.Context(), []string{"one", "two"}); err != nil {
			t.Errorf("%s: afterwards %v", tt.name, err)
		}
	}
}

// A server that never says which text a vector is of answers in order.
func TestRemoteWithoutIndexes(t *testing.T) {
	s := newServer(t, 2)
	r := dial(t, s, "openai/m", embed.Options{})
	s.says(200, `{"data":[{"embedding":[2,0]},{"embedding":[0,2]}]}`)
	vectors, err := r.Embed(t.Context(), []string{"one", "two"})
	if want := [][]float32{{1, 0}, {0, 1}}; err != nil || !slices.EqualFunc(vectors, want, slices.Equal) {
		t.Errorf("vectors %v, %v, want %v", vectors, err, want)
	}
}

// B41: a blank text is refused before anything is sent; no texts need no
// request.
func TestB41RemoteSendsNothingBlank(t *testing.T) {
	s := newServer(t, 4)
	r := dial(t, s, "ollama/m", embed.Options{})
	for _, blank := range []string{"", "   ", "\n\t"} {
		if _, err := r.Embed(t.Context(), []string{"fine", blank}); err == nil || !strings.Contains(err.Error(), "text 2 of 2") {
			t.Errorf("%q: %v, want an error naming text 2 of 2", blank, err)
		}
	}
	if v, err := r.Embed(t.Context(), nil); err != nil || len(v) != 0 {
		t.Errorf("no texts: %v, %v", v, err)
	}
	if n := len(s.seen()); n != 1 {
		t.Errorf("%d requests, want only that for the dimensions", n)
	}
}

func TestDialRefuses(t *testing.T) {
	s := newServer(t, 4)
	for _, tt := range []struct {
		name string
		o    embed.Options
		want string
	}{
		{"cohere/x", embed.Options{}, "want offline, googleai/MODEL, mistral/MODEL, ollama/MODEL, openai/MODEL"},
		{"nomic-embed-text", embed.Options{}, "want offline, googleai/MODEL"},
		{"ollama/", embed.Options{}, "which model"},
		{"ollama/m", embed.Options{BaseURL: "127.0.0.1:11434"}, "its address has to be like"},
		{"ollama/m", embed.Options{BaseURL: "http://me:secret@127.0.0.1"}, "without a name or a password"},
		{"ollama/m", embed.Options{BaseURL: s.URL, Batch: -1}, "want 0 or more"},
	} {
		if _, err := embed.Dial(t.Context(), tt.name, tt.o); err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s %+v: %v, want %q", tt.name, tt.o, err, tt.want)
		}
	}
	s.says(404, `{"error":"model 'm' not found"}`)
	if _, err := embed.Dial(t.Context(), "ollama/m", embed.Options{BaseURL: s.URL}); err == nil || !strings.Contains(err.Error(), "asking embedder ollama/m how many dimensions it has") {
		t.Errorf("no model: %v", err)
	}
}

// A slow server is waited for as long as the context or the client says.
func TestRemoteStopsWaiting(t *testing.T) {
	s := newServer(t, 4)
	quick := &http.Client{Timeout: 50 * time.Millisecond}
	r := dial(t, s, "ollama/m", embed.Options{Client: quick})
	s.set(func(w http.ResponseWriter, _ []string) bool {
		w.WriteHeader(http.StatusOK)
		io.WriteString(w, `{"embeddings":[[1,`)
		w.(http.Flusher).Flush()
		time.Sleep(300 * time.Millisecond)
		return true
	})
	if v, err := r.Embed(t.Context(), []string{"one"}); err == nil {
		t.Errorf("a body that stops half way gave %v", v)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := r.Embed(ctx, []string{"one"}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// More texts than fit into one request go in several.
func TestRemoteDividesLargeRequests(t *testing.T) {
	s := newServer(t, 4)
	r := dial(t, s, "ollama/m", embed.Options{Batch: 3})
	var texts []string
	for i := range 7 {
		texts = append(texts, fmt.Sprintf("%ctext", 'a'+i))
	}
	vectors, err := r.Embed(t.Context(), texts)
	if err != nil {
		t.Fatal(err)
	}
	for i, text := range texts {
		if want := vectorOf(text, 4); vectors[i][int(text[0])%4]*5 != want[int(text[0])%4] {
			t.Errorf("text %d: vector %v, want a fifth of %v", i, vectors[i], want)
		}
	}
	var sizes []int
	for _, req := range s.seen()[1:] {
		sizes = append(sizes, len(req.texts))
	}
	if want := []int{3, 3, 1}; !slices.Equal(sizes, want) {
		t.Errorf("requests of %v texts, want %v", sizes, want)
	}
}

// B42: a text over the limit is cut into pieces by the documented rule. Its
// vector is the mean of theirs by length: here pieces of 12, 12 and 3 bytes,
// "a…" at dimensions 1 and 2, "b…" at 2 and 3, "c…" at 3 and 0.
func TestB42LongTextsAreCut(t *testing.T) {
	s := newServer(t, 4)
	s.limit = 12
	r := dial(t, s, "ollama/m", embed.Options{InputTokens: 4})
	vectors, err := r.Embed(t.Context(), []string{"a23456789 12 b23456789 12 c23", "short"})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := s.seen()[1].texts, []string{"a23456789 12", "b23456789 12", "c23", "short"}; !slices.Equal(got, want) {
		t.Errorf("sent %q, want %q", got, want)
	}
	want := []float64{3 * 4, 12 * 3, 12*4 + 12*3, 12*4 + 3*3}
	length := 0.0
	for _, x := range want {
		length += x * x
	}
	for i := range want {
		if got := float64(vectors[0][i]); math.Abs(got-want[i]/math.Sqrt(length)) > 1e-6 {
			t.Errorf("dimension %d: %v, want %v", i, got, want[i]/math.Sqrt(length))
		}
	}
}

// B42: where the limit is not known well enough, the server's refusal is heeded:
// a text of 200,000 characters goes through a server that takes 8,192 bytes, and
// its vector does not depend on what else was in the request.
func TestB42RefusedTextsAreHalved(t *testing.T) {
	filing := strings.Repeat("a quarterly report of many words ", 6061)
	for _, name := range names {
		s := newServer(t, 4)
		s.limit = 8192
		r := dial(t, s, name, embed.Options{InputTokens: 1 << 20})
		together, err := r.Embed(t.Context(), []string{"first", filing, "last"})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		alone, err := r.Embed(t.Context(), []string{filing})
		if err != nil || !slices.Equal(alone[0], together[1]) {
			t.Errorf("%s: alone %v, %v, among others %v", name, alone, err, together[1])
		}
		plain, err := r.Embed(t.Context(), []string{"first", "last"})
		if err != nil || !slices.Equal(plain[0], together[0]) || !slices.Equal(plain[1], together[2]) {
			t.Errorf("%s: the neighbours' vectors changed", name)
		}
	}
	// Refusals may come as errors of the client.
	strict := newServer(t, 4)
	client := &http.Client{Transport: refusing{limit: 8192}}
	r := dial(t, strict, "ollama/m", embed.Options{InputTokens: 1 << 20, Client: client, TooLong: func(err error) bool { return errors.Is(err, errTooLong) }})
	if _, err := r.Embed(t.Context(), []string{"first", filing}); err != nil {
		t.Errorf("refused by the client: %v", err)
	}
	// A refusal that has nothing to do with the length ends.
	s := newServer(t, 4)
	r = dial(t, s, "ollama/m", embed.Options{})
	s.says(400, `{"error":"the input length exceeds the context length"}`)
	if _, err := r.Embed(t.Context(), []string{filing}); err == nil || !strings.Contains(err.Error(), "status 400") {
		t.Errorf("always too long: %v", err)
	}
	if n := len(s.seen()); n > 30 {
		t.Errorf("%d requests for a text that is always refused", n)
	}
}

var errTooLong = errors.New("context too long")

// A refusing transport fails with errTooLong on long requests.
type refusing struct{ limit int64 }

func (r refusing) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.ContentLength > r.limit {
		return nil, errTooLong
	}
	return http.DefaultTransport.RoundTrip(req)
}

// Every piece that is sent is valid UTF-8 within the limit, and nothing but
// white space is lost between pieces.
func TestPiecesLoseNothing(t *testing.T) {
	s := newServer(t, 4)
	r := dial(t, s, "ollama/m", embed.Options{InputTokens: 5})
	rapid.Check(t, func(rt *rapid.T) {
		text := rapid.StringOfN(rapid.RuneFrom([]rune("ab é特🚀 \n")), 1, 80, -1).Draw(rt, "text")
		if strings.TrimSpace(text) == "" {
			rt.Skip("blank")
		}
		before := len(s.seen())
		if _, err := r.Embed(t.Context(), []string{text}); err != nil {
			rt.Fatal(err)
		}
		sent := s.seen()[before].texts
		for _, piece := range sent {
			if !utf8.ValidString(piece) || len(piece) > 15 || strings.TrimSpace(piece) == "" {
				rt.Fatalf("%q was sent", piece)
			}
		}
		squeeze := func(s string) string { return strings.Join(strings.Fields(s), "") }
		if got := squeeze(strings.Join(sent, "")); got != squeeze(text) {
			rt.Fatalf("%q was sent as %q", text, sent)
		}
	})
}

// A mapCache keeps vectors in a map.
type mapCache struct {
	mu     sync.Mutex
	kept   map[string][]float32
	broken error
}

func (c *mapCache) Vectors(_ context.Context, from embed.Source, texts []string) ([][]float32, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	vectors := make([][]float32, len(texts))
	for i, text := range texts {
		vectors[i] = c.kept[fmt.Sprint(from, text)]
	}
	return vectors, c.broken
}

func (c *mapCache) KeepVectors(_ context.Context, from embed.Source, texts []string, vectors [][]float32) ([][]float32, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	count := make([][]float32, len(texts))
	for i, text := range texts {
		key := fmt.Sprint(from, text)
		if c.kept[key] == nil {
			c.kept[key] = vectors[i]
		}
		count[i] = c.kept[key]
	}
	return count, c.broken
}

// With a cache a text is asked for once, whoever asks, and only what is missing
// is asked for; the vectors are the same bit for bit.
func TestRemoteCache(t *testing.T) {
	s := newServer(t, 4)
	cache := &mapCache{kept: map[string][]float32{}}
	first := dial(t, s, "ollama/m", embed.Options{Cache: cache})
	want, err := first.Embed(t.Context(), []string{"one", "two"})
	if err != nil {
		t.Fatal(err)
	}
	second := dial(t, s, "ollama/m", embed.Options{Cache: cache})
	got, err := second.Embed(t.Context(), []string{"two", "one", "six"})
	if err != nil || !slices.Equal(got[0], want[1]) || !slices.Equal(got[1], want[0]) {
		t.Fatalf("from the cache %v, %v, want %v", got, err, want)
	}
	seen := s.seen()
	if len(seen) != 3 || !slices.Equal(seen[2].texts, []string{"six"}) || second.Requests() != 1 {
		t.Errorf("requests %+v, want the dimensions, one and two, then six alone", seen)
	}
	if dial(t, s, "ollama/other", embed.Options{Cache: cache}); len(s.seen()) != 4 {
		t.Error("another model's vectors were taken for this one's")
	}

	// What another has kept in the meantime counts.
	s.set(func(http.ResponseWriter, []string) bool {
		from := embed.Source{Provider: "ollama", Model: "m", URL: s.URL + "/api/embed", InputTokens: 2048}
		_, _ = cache.KeepVectors(t.Context(), from, []string{"ten"}, [][]float32{{0, 0, 0, 1}})
		return false
	})
	if got, err := second.Embed(t.Context(), []string{"ten"}); err != nil || !slices.Equal(got[0], []float32{0, 0, 0, 1}) {
		t.Errorf("kept by another meanwhile: %v, %v", got, err)
	}
	s.set(nil)

	// A vector of another dimension in the cache is no vector.
	for key := range cache.kept {
		cache.kept[key] = []float32{1, 0}
	}
	if _, err := second.Embed(t.Context(), []string{"one"}); err == nil || !strings.Contains(err.Error(), "2 dimensions") {
		t.Errorf("damaged cache: %v", err)
	}
	cache.broken = errors.New("disk full")
	if _, err := first.Embed(t.Context(), []string{"seven"}); !errors.Is(err, cache.broken) {
		t.Errorf("cache that fails: %v", err)
	}
}
