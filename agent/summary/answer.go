package summary

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"finmem/internal/printable"
)

// answerSchema is the JSON schema of an answer. It says nothing of the length, for
// models do not count characters; that is checked, and asked again.
const answerSchema = `{"type":"object","properties":{"summary":{"type":"string","minLength":1,"description":"the summary"}},"required":["summary"],"additionalProperties":false}`

const (
	longestAnswer = 256 << 10 // bytes
	// mostFalseStarts bounds the braces that turn out not to open an object, so
	// that reading stays fast on hostile text.
	mostFalseStarts = 64
)

// parse reads the summary out of a model's answer: the field of the one JSON
// object that has it. Prose, a code fence and thoughts around it are passed over.
// An error says what is wrong in words for the model.
func parse(text string) (string, error) {
	text = strings.TrimPrefix(strings.TrimSpace(text), "\uFEFF")
	if i := strings.LastIndex(text, "</think>"); i >= 0 {
		text = text[i+len("</think>"):]
	}
	switch {
	case strings.TrimSpace(text) == "":
		return "", errors.New("the answer is empty")
	case len(text) > longestAnswer:
		return "", fmt.Errorf("the answer has %d bytes", len(text))
	}
	// A line break inside a string is against the rules but common; outside of
	// strings it means the same as a space.
	text = strings.Map(func(r rune) rune {
		if r < ' ' {
			return ' '
		}
		return r
	}, text)
	summary, found := "", false
	falseStarts := 0
	for at := 0; falseStarts < mostFalseStarts; {
		start := strings.IndexByte(text[at:], '{')
		if start < 0 {
			break
		}
		at += start
		var object struct{ Summary *json.RawMessage }
		dec := json.NewDecoder(strings.NewReader(text[at:]))
		err := dec.Decode(&object)
		if errors.Is(err, io.ErrUnexpectedEOF) {
			return "", errors.New("the JSON object breaks off before its end")
		}
		if err != nil {
			falseStarts++
			at++
			continue
		}
		at += int(dec.InputOffset())
		if object.Summary == nil {
			continue
		}
		var s string
		if json.Unmarshal(*object.Summary, &s) != nil {
			return "", errors.New("the field summary is not a text")
		}
		if found && s != summary {
			return "", errors.New("the answer holds two different objects with a summary")
		}
		summary, found = s, true
	}
	if !found {
		return "", errors.New("the answer holds no JSON object with the field summary")
	}
	summary = strings.TrimSpace(printable.Text(summary))
	if !hasWord(summary) {
		return "", errors.New("the field summary is blank")
	}
	return summary, nil
}
