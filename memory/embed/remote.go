package embed

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"

	"finmem/memory"
)

// Options say how a [Remote] reaches its server and what the server takes. The
// zero value is right for the provider's own server.
type Options struct {
	// Client sends the requests; nil is a plain one. Time limits, retries and
	// rate limits are its business.
	Client *http.Client
	// BaseURL is where the server is: "" for the provider's own, else up to and
	// without "/api" (Ollama) or with "/v1" (OpenAI's interface).
	BaseURL string
	// Key is sent as a bearer token where it is not "". It is never in an error.
	Key string
	// InputTokens is the most tokens that one text may have, 0 for what the
	// provider's models take. A longer text is embedded in pieces; see
	// [Remote.Embed].
	InputTokens int
	// Batch is the most texts in one request, 0 for what the provider takes.
	Batch int
	// TooLong reports whether an error of Client says that a text is too long, for
	// clients that make errors of refusals; nil where none does.
	TooLong func(error) bool
	// Cache keeps vectors from run to run; nil keeps none.
	Cache Cache
}

// batchTokens bounds what one request holds altogether. OpenAI refuses more than
// 300,000 tokens.
const batchTokens = 250_000

// A wire is the language that a server speaks.
type wire interface {
	// path is where requests go, below the base URL.
	path() string
	// request is the body that asks for the vectors of texts.
	request(model string, texts []string) any
	// vectors reads the answer to a request for n texts.
	vectors(body []byte, n int) ([][]float32, error)
}

// A Remote is an embedder behind HTTP. Make one with [Dial]. It may be used from
// several goroutines at once.
type Remote struct {
	id       memory.Identity
	model    string
	wire     wire
	options  Options
	requests atomic.Int64
}

// A provider is who runs a server, and what it takes where nothing else is said.
type provider struct {
	name        string
	wire        wire
	baseURL     string
	inputTokens int
	batch       int
}

// providers are all there are, by name. Ollama has no limit to a batch and OpenAI
// one of 2,048; less keeps an answer within minutes and within 64 MB, also with
// 3,072 dimensions.
func providers() []provider {
	return []provider{
		{"googleai", openAI{}, "https://generativelanguage.googleapis.com/v1beta/openai", 2048, 100},
		{"mistral", openAI{}, "https://api.mistral.ai/v1", 8192, 512},
		{"ollama", ollama{}, "http://127.0.0.1:11434", 2048, 512},
		{"openai", openAI{}, "https://api.openai.com/v1", 8191, 1024},
	}
}

// CheckName says what is wrong with an embedder's name for [Dial].
func CheckName(name string) error {
	_, _, err := remote(name)
	return err
}

// remote takes a name apart.
func remote(name string) (provider, string, error) {
	before, model, _ := strings.Cut(name, "/")
	var names []string
	for _, p := range providers() {
		if p.name != before {
			names = append(names, p.name+"/MODEL")
			continue
		}
		if strings.TrimSpace(model) == "" {
			return p, "", fmt.Errorf("embedder %q: which model? want %s/MODEL", name, p.name)
		}
		if limit := smallOllamaModel(model); p.name == "ollama" && limit > 0 {
			p.inputTokens = limit
		}
		return p, model, nil
	}
	return provider{}, "", fmt.Errorf("embedder %q: want offline, %s", name, strings.Join(names, ", "))
}

// probe is the text whose vector tells the number of dimensions. It never
// changes, so with a cache it is asked for once.
const probe = "finmem"

// Dial makes the embedder called "ollama/MODEL" or "openai/MODEL", the latter
// for every server with OpenAI's interface; "mistral/MODEL" and "googleai/MODEL"
// have that too. It asks the server for one vector to learn the number of
// dimensions, since models come under one name in several sizes.
func Dial(ctx context.Context, name string, o Options) (*Remote, error) {
	p, model, err := remote(name)
	if err != nil {
		return nil, err
	}
	if o.InputTokens < 0 || o.Batch < 0 {
		return nil, fmt.Errorf("embedder %s: input tokens %d and batch %d: want 0 or more", name, o.InputTokens, o.Batch)
	}
	o.BaseURL = cmp.Or(o.BaseURL, p.baseURL)
	o.InputTokens = cmp.Or(o.InputTokens, p.inputTokens)
	o.Batch = cmp.Or(o.Batch, p.batch)
	if o.Client == nil {
		o.Client = &http.Client{}
	}
	o.BaseURL = strings.TrimSuffix(o.BaseURL, "/")
	server, err := url.Parse(o.BaseURL)
	if err != nil || server.Host == "" || server.Scheme != "http" && server.Scheme != "https" || server.User != nil {
		return nil, fmt.Errorf("embedder %s: its address has to be like http://127.0.0.1:11434, without a name or a password in it", name)
	}
	r := &Remote{id: memory.Identity{Name: name}, model: model, wire: p.wire, options: o}
	vectors, err := r.Embed(ctx, []string{probe})
	if err != nil {
		return nil, fmt.Errorf("asking embedder %s how many dimensions it has: %w", name, err)
	}
	r.id.Dim = len(vectors[0])
	return r, nil
}

// Identity is the embedder's name, provider and model, and what the server said
// of its dimensions.
func (r *Remote) Identity() memory.Identity { return r.id }

// Requests is how many requests have been sent.
func (r *Remote) Requests() int { return int(r.requests.Load()) }

// Embed gives one vector of length 1 for each text, in order: from the cache
// where it has one, and all others in one request as long as they fit into one.
//
// A text of more than Options.InputTokens tokens is cut into pieces that are not
// longer, at white space where there is some in the second half of a piece. Its
// vector is the mean of the pieces' vectors, weighted by their length in bytes.
// Tokens are counted as one per three bytes, which is more than a tokeniser makes
// of nearly every text. Where the server still refuses a text as too long, that
// text is halved in the same way, again and again.
//
// An answer with another number of vectors, a number of dimensions other than
// at first, a number that is none, or a vector of zeros is an error. So is a
// blank text.
func (r *Remote) Embed(ctx context.Context, texts []string) ([][]float32, error) {
	for i, text := range texts {
		if strings.TrimSpace(text) == "" {
			return nil, fmt.Errorf("embed text %d of %d: it is blank", i+1, len(texts))
		}
	}
	vectors, missing, err := r.kept(ctx, texts)
	if err != nil || len(missing) == 0 {
		return vectors, err
	}
	fresh, err := r.ask(ctx, missing)
	if err != nil {
		return nil, fmt.Errorf("embedder %s: %w", r.id.Name, err)
	}
	if fresh, err = r.keep(ctx, missing, fresh); err != nil {
		return nil, err
	}
	of := make(map[string][]float32, len(missing))
	for i, text := range missing {
		of[text] = fresh[i]
	}
	for i, text := range texts {
		if vectors[i] == nil {
			vectors[i] = of[text]
		}
	}
	return vectors, nil
}

// ask gives the vectors of texts, cutting those that are too long.
func (r *Remote) ask(ctx context.Context, texts []string) ([][]float32, error) {
	var all []piece
	for i, text := range texts {
		for _, part := range pieces(text, r.options.InputTokens*bytesPerToken) {
			all = append(all, piece{of: i, text: part})
		}
	}
	for _, batch := range batches(all, r.options.Batch) {
		if err := r.fill(ctx, batch); err != nil {
			return nil, err
		}
	}
	vectors := make([][]float32, len(texts))
	for i := range texts {
		n := 0
		for n < len(all) && all[n].of == i {
			n++
		}
		var err error
		if vectors[i], err = mean(all[:n]); err != nil {
			return nil, fmt.Errorf("text %d of %d: %w", i+1, len(texts), err)
		}
		all = all[n:]
	}
	return vectors, nil
}

// fill asks for the vectors of one request's pieces. Where the server refuses
// the request as too long, each piece goes alone, and one that is refused alone
// goes in halves. So what a text's vector is never depends on its neighbours.
func (r *Remote) fill(ctx context.Context, batch []piece) error {
	texts := make([]string, len(batch))
	for i, p := range batch {
		texts[i] = p.text
	}
	vectors, err := r.send(ctx, texts)
	switch {
	case err == nil:
		for i := range batch {
			batch[i].vector = vectors[i]
		}
		return nil
	case !r.tooLong(err):
		return err
	case len(batch) > 1:
		for i := range batch {
			if err := r.fill(ctx, batch[i:i+1]); err != nil {
				return err
			}
		}
		return nil
	}
	halves := pieces(texts[0], (len(texts[0])+1)/2)
	if len(halves) < 2 || len(texts[0]) < shortestRefused {
		return err
	}
	parts := make([]piece, len(halves))
	for i, text := range halves {
		parts[i].text = text
		if err := r.fill(ctx, parts[i:i+1]); err != nil {
			return err
		}
	}
	batch[0].vector, err = mean(parts)
	return err
}

// tooLong reports whether a request was refused because of its length.
func (r *Remote) tooLong(err error) bool {
	var refused *StatusError
	if errors.As(err, &refused) {
		return refused.TooLong()
	}
	return r.options.TooLong != nil && r.options.TooLong(err)
}

// shortestRefused is the length in bytes below which a text that is refused as
// too long is not halved any more: then the length is not what is wrong.
const shortestRefused = 64
