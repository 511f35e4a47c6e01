package embed

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"

	"finmem/internal/printable"
	"finmem/memory"
)

// A StatusError is a server's refusal.
type StatusError struct {
	Status  int    // of HTTP
	Message string // the server's own words, on one line and shortened
}

func (e *StatusError) Error() string {
	if e.Message == "" {
		return fmt.Sprintf("the server answered with status %d and no words", e.Status)
	}
	return fmt.Sprintf("the server answered with status %d: %s", e.Status, e.Message)
}

// TooLong reports whether the server refused a text for its length. There is no
// status of its own for it: OpenAI, vLLM and Ollama answer 400, Text Embeddings
// Inference 413, llama.cpp 500, each in other words.
func (e *StatusError) TooLong() bool {
	if e.Status == http.StatusRequestEntityTooLarge {
		return true
	}
	message := strings.ToLower(e.Message)
	for _, words := range []string{"context length", "context size", "maximum input length", "input is too large", "input is too long", "too many tokens", "less than 512 tokens"} {
		if strings.Contains(message, words) {
			return true
		}
	}
	return false
}

const (
	// longestAnswer is more than a full request's vectors take as JSON.
	longestAnswer = 256 << 20
	// longestMessage is how many characters of a refusal are passed on.
	longestMessage = 300
)

// send makes one request.
//
// chromem-go has functions for both providers. They take one text a request,
// make an HTTP client of their own, so that no time limit, rate limit or
// recording of ours can be put under them, and drop the server's words from
// their errors; so a request is made here.
func (r *Remote) send(ctx context.Context, texts []string) ([][]float32, error) {
	body, err := json.Marshal(r.wire.request(r.model, texts))
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, r.options.BaseURL+r.wire.path(), bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	if r.options.Key != "" {
		req.Header.Set("Authorization", "Bearer "+r.options.Key)
	}
	r.requests.Add(1)
	resp, err := r.options.Client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, longestAnswer+1))
	if err != nil {
		return nil, fmt.Errorf("reading the answer to %s: %w", count(len(texts), "text"), err)
	}
	if len(answer) > longestAnswer {
		return nil, fmt.Errorf("the answer to %s has more than %d bytes", count(len(texts), "text"), longestAnswer)
	}
	if resp.StatusCode/100 != 2 {
		return nil, r.refusal(resp.StatusCode, answer)
	}
	vectors, err := r.wire.vectors(answer, len(texts))
	if err != nil || len(vectors) == 0 {
		// A gateway before the server may say its error with status 200.
		if message := complaint(answer); message != "" {
			return nil, r.refusal(resp.StatusCode, answer)
		}
	}
	if err != nil {
		return nil, err
	}
	return r.checked(vectors, len(texts))
}

// checked refuses vectors that cannot be those of n texts, and scales the others
// to length 1.
func (r *Remote) checked(vectors [][]float32, n int) ([][]float32, error) {
	if len(vectors) != n {
		return nil, fmt.Errorf("the server gave %s for %s", count(len(vectors), "vector"), count(n, "text"))
	}
	for i, v := range vectors {
		if r.id.Dim != 0 && len(v) != r.id.Dim {
			return nil, fmt.Errorf("vector %d of %d has %d dimensions, but the embedder is %s", i+1, n, len(v), r.id)
		}
		unit, err := memory.Unit(v)
		if err != nil {
			return nil, fmt.Errorf("vector %d of %d: %w", i+1, n, err)
		}
		vectors[i] = unit
	}
	return vectors, nil
}

// refusal is the error that an answer stands for.
func (r *Remote) refusal(status int, body []byte) error {
	message := complaint(body)
	if message == "" {
		message = string(body)
	}
	if r.options.Key != "" { // some servers repeat a wrong key
		message = strings.ReplaceAll(message, r.options.Key, "(the key)")
	}
	return &StatusError{Status: status, Message: printable.Cut(printable.Line(message), longestMessage)}
}

// complaint is the error that the body of an answer holds, "" if there is none.
// Both languages have it under "error", as an object with a message or as the
// message itself; others have a message alone.
func complaint(body []byte) string {
	var outer struct {
		Error   json.RawMessage `json:"error"`
		Message string          `json:"message"`
	}
	if json.Unmarshal(body, &outer) != nil {
		return ""
	}
	var inner struct {
		Message string `json:"message"`
	}
	if json.Unmarshal(outer.Error, &inner) == nil && inner.Message != "" {
		return inner.Message
	}
	var text string
	if json.Unmarshal(outer.Error, &text) == nil && text != "" {
		return text
	}
	return outer.Message
}

// count is "1 text" or "3 texts".
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
