package transport

import (
	"encoding/json"
	"fmt"

	"finmem/agent/llm/calls"
)

// A reply is a checked answer.
type reply struct {
	// body is the answer as the library can read it.
	body  []byte
	usage usage
}

type usage struct{ InputTokens, OutputTokens int }

// A wire checks answers in one form. Its error is of kind [BadAnswer], or what the
// provider said in place of an answer.
type wire interface {
	answer(kind calls.Kind, request, body []byte) (reply, *Error)
}

func wireOf(w Wire) wire {
	switch w {
	case OpenAI:
		return openAIWire{}
	case Ollama:
		return ollamaWire{}
	case Anthropic:
		return anthropicWire{}
	}
	return nil
}

func badAnswer(format string, args ...any) *Error {
	return &Error{Kind: BadAnswer, Message: fmt.Sprintf(format, args...)}
}

// notJSON is the error of a body that is no JSON object: words of the provider in
// place of an answer, or nothing that can be used.
func notJSON(body []byte) *Error {
	switch {
	case len(body) == 0:
		return badAnswer("the answer is empty")
	case isWebPage(body):
		return badAnswer("the answer is a web page")
	case len(body) <= longestWords:
		if e := classify(200, body); e.Kind == KeyRefused || e.Kind == NoCredit || e.Kind == RateLimited {
			return e
		}
	}
	return badAnswer("the answer is no JSON: %s", shown(string(body[:min(len(body), 4*shownChars)])))
}

// longestWords is up to which length a text that is no JSON is taken for words of
// the provider.
const longestWords = 2000

// inBand is the error that a body reports although its status is 200.
func inBand(raw json.RawMessage, body []byte) *Error {
	if len(raw) == 0 || string(raw) == "null" {
		return nil
	}
	return classify(200, body)
}

// vectorsFault checks the vectors that answer a request for embeddings: as many as
// there were texts, none empty, all of one length.
func vectorsFault(request []byte, vectors [][]*float64) *Error {
	if want := texts(request); len(vectors) != want {
		return badAnswer("%d vectors came for %d texts", len(vectors), want)
	}
	for i, v := range vectors {
		if len(v) == 0 || len(v) != len(vectors[0]) {
			return badAnswer("vector %d of %d has %d numbers, the first has %d", i+1, len(vectors), len(v), len(vectors[0]))
		}
		for _, x := range v {
			if x == nil {
				return badAnswer("vector %d of %d has an entry that is no number", i+1, len(vectors))
			}
		}
	}
	return nil
}

// texts is how many texts a request for embeddings holds.
func texts(request []byte) int {
	var fields struct{ Input json.RawMessage }
	var list []string
	if json.Unmarshal(request, &fields) == nil && json.Unmarshal(fields.Input, &list) == nil {
		return len(list)
	}
	return 1
}
