package agent

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"finmem/internal/printable"
)

// A FaultKind names what is wrong with an answer.
type FaultKind string

const (
	FaultNone       FaultKind = "none"        // what came is no answer; see [Response.Fault]
	FaultNoRoom     FaultKind = "no room"     // no answer came: the model takes no prompt, however short
	FaultEmpty      FaultKind = "empty"       // nothing but white space
	FaultLong       FaultKind = "too long"    // beyond any sensible answer
	FaultHTML       FaultKind = "html"        // a web page, as proxies and log-in walls send
	FaultProse      FaultKind = "prose"       // text without a JSON object
	FaultMalformed  FaultKind = "malformed"   // what was meant as a JSON object is none
	FaultCut        FaultKind = "cut"         // a JSON object that breaks off
	FaultAmbiguous  FaultKind = "ambiguous"   // two different decisions
	FaultNoDecision FaultKind = "no decision" // an object without the decision field
	FaultDecision   FaultKind = "decision"    // a decision that is not one of the valid ones
	FaultNoReason   FaultKind = "no reason"   // a decision that nothing explains
)

// A Fault says why an answer was refused. Its text is told to the model.
type Fault struct {
	Kind   FaultKind
	Detail string
}

func (f *Fault) Error() string { return f.Detail }

func fault(kind FaultKind, format string, args ...any) *Fault {
	return &Fault{Kind: kind, Detail: fmt.Sprintf(format, args...)}
}

const (
	longestAnswer = 256 << 10 // bytes
	// mostFalseStarts bounds the braces that turn out not to open an object, so
	// that reading stays fast on hostile text.
	mostFalseStarts = 64
)

// Parse reads the one JSON object that text holds. What stands around it, prose
// or a code fence of any tag, is ignored, and so is what a model thought aloud
// before a closing </think>. The decision comes from its field and from nowhere
// else: no word of a sentence is ever taken for one.
//
// It is lenient where the meaning is plain. Field names and the decision may be
// in any case. A list of numbers may be a single one, its numbers may be in
// quotes or in objects ({"memory_index": 3}), and -1, null, an empty list and a
// missing list all mean none. A number given twice counts once.
//
// What cannot be used but does not touch the decision is dropped with a warning
// that names it: list items that are no whole numbers, what a list has beyond the
// number of memories, a confidence that is no number or outside its range (8
// could be 8 of 10 or 8 %, so it is not rescaled), the end of a reason that is
// too long. Everything else is an error,
// always a [*Fault].
func (f Format) Parse(text string) (answer Answer, warnings []string, err error) {
	object, flt := decisionObject(text)
	if flt != nil {
		return Answer{}, nil, flt
	}
	if answer.Decision, flt = f.decision(object[fieldDecision]); flt != nil {
		return Answer{}, nil, flt
	}
	if answer.Reason, warnings, flt = f.reason(object[fieldReason]); flt != nil {
		return Answer{}, nil, flt
	}
	for _, list := range []struct {
		field string
		to    *[]int
	}{
		{fieldShort, &answer.Short},
		{fieldMid, &answer.Mid},
		{fieldLong, &answer.Long},
		{fieldReflection, &answer.Reflection},
	} {
		numbers, dropped := readNumbers(object[list.field])
		if most := f.mostNumbers(); len(numbers) > most {
			warnings = append(warnings, fmt.Sprintf("%s: dropped all after the first %d numbers", list.field, most))
			numbers = numbers[:most]
		}
		*list.to = numbers
		if len(dropped) > 0 {
			warnings = append(warnings, fmt.Sprintf("%s: dropped what is no memory's number: %s", list.field, named(dropped)))
		}
	}
	var warning string
	if answer.Confidence, warning = f.confidence(object[fieldConfidence]); warning != "" {
		warnings = append(warnings, warning)
	}
	return answer, warnings, nil
}

func (f Format) decision(raw json.RawMessage) (Action, *Fault) {
	var words []string
	for _, a := range f.actions() {
		words = append(words, strconv.Quote(string(a)))
	}
	want := strings.Join(words, " or ")
	var s string
	if json.Unmarshal(raw, &s) != nil {
		return "", fault(FaultDecision, "%s is %s: want %s", fieldDecision, shown(raw), want)
	}
	action, err := ParseAction(s)
	if err != nil || !slices.Contains(f.actions(), action) {
		return "", fault(FaultDecision, "%s is %s: want %s", fieldDecision, shown(raw), want)
	}
	return action, nil
}

func (f Format) reason(raw json.RawMessage) (string, []string, *Fault) {
	var s string
	if raw == nil || json.Unmarshal(raw, &s) != nil {
		return "", nil, fault(FaultNoReason, "%s is missing or not a text", fieldReason)
	}
	s = strings.TrimSpace(printable.Text(s))
	if s == "" {
		return "", nil, fault(FaultNoReason, "%s is blank", fieldReason)
	}
	cut := printable.Cut(s, f.reasonChars())
	if cut != s {
		return cut, []string{fmt.Sprintf("%s: cut to %d characters", fieldReason, f.reasonChars())}, nil
	}
	return s, nil, nil
}

func (f Format) confidence(raw json.RawMessage) (value *float64, warning string) {
	if raw == nil || string(raw) == "null" {
		return nil, ""
	}
	low, high := f.confidenceRange()
	c, ok := number(raw)
	if !ok || c < low || c > high {
		return nil, fmt.Sprintf("%s: dropped %s, want a number from %v to %v", fieldConfidence, shown(raw), low, high)
	}
	return &c, ""
}

// decisionObject finds the object of text that has the decision field.
func decisionObject(text string) (map[string]json.RawMessage, *Fault) {
	text = strings.TrimSpace(strings.TrimPrefix(text, "\uFEFF"))
	if _, after, found := cutLast(text, "</think>"); found {
		text = strings.TrimSpace(after)
	}
	switch {
	case text == "":
		return nil, fault(FaultEmpty, "the answer is empty")
	case len(text) > longestAnswer:
		return nil, fault(FaultLong, "the answer has %d bytes", len(text))
	}
	objects, cut, mistake := objectsIn(text)
	var found map[string]json.RawMessage
	for _, o := range objects {
		if o.repeated != "" {
			return nil, fault(FaultAmbiguous, "the object gives %s twice, and differently", o.repeated)
		}
		if _, ok := o.fields[fieldDecision]; !ok {
			continue
		}
		if found != nil && !sameFields(found, o.fields) {
			return nil, fault(FaultAmbiguous, "the answer holds two different objects with %s", fieldDecision)
		}
		found = o.fields
	}
	switch {
	case cut:
		return nil, fault(FaultCut, "the JSON object breaks off before its end")
	case found != nil:
		return found, nil
	case len(objects) > 0:
		return nil, fault(FaultNoDecision, "the JSON object has no field %s", fieldDecision)
	case looksLikeHTML(text):
		return nil, fault(FaultHTML, "the answer is a web page, not a JSON object")
	case mistake != nil && mentionsDecision(text):
		return nil, fault(FaultMalformed, "the JSON object has a mistake: %s", printable.Line(mistake.Error()))
	}
	return nil, fault(FaultProse, "the answer holds no JSON object")
}

// cutLast is strings.Cut around the last sep.
func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}

func looksLikeHTML(text string) bool {
	start := strings.ToLower(text[:min(len(text), 20)])
	return strings.HasPrefix(start, "<!doctype") || strings.HasPrefix(start, "<html")
}

// An object is one JSON object with its field names in lower case. repeated is
// a field that it gives twice with different values.
type object struct {
	fields   map[string]json.RawMessage
	repeated string
}

// objectsIn are the JSON objects of text that are not inside one another, in
// order. cut reports an object with a decision that the end of the text breaks
// off, or any object if none is whole; mistake is the first that kept a brace
// from opening an object.
func objectsIn(text string) (objects []object, cut bool, mistake error) {
	// A line break inside a string is against the rules but common. Outside of
	// strings it means the same as a space.
	text = strings.Map(func(r rune) rune {
		if r < ' ' {
			return ' '
		}
		return r
	}, text)
	falseStarts := 0
	for at := 0; at < len(text) && falseStarts < mostFalseStarts; {
		start := strings.IndexByte(text[at:], '{')
		if start < 0 {
			break
		}
		at += start
		o, length, err := readObject(text[at:])
		if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
			return objects, len(objects) == 0 || mentionsDecision(text[at:]), mistake
		}
		if err != nil {
			if mistake == nil {
				mistake = err
			}
			falseStarts++
			at++
			continue
		}
		objects = append(objects, o)
		at += length
	}
	return objects, false, mistake
}

func mentionsDecision(s string) bool {
	return strings.Contains(strings.ToLower(s), fieldDecision)
}

// readObject reads the object that s starts with and says how long it is.
func readObject(s string) (o object, length int, err error) {
	dec := json.NewDecoder(strings.NewReader(s))
	if _, err := dec.Token(); err != nil {
		return object{}, 0, err
	}
	o.fields = map[string]json.RawMessage{}
	for dec.More() {
		token, err := dec.Token()
		if err != nil {
			return object{}, 0, err
		}
		name, ok := token.(string)
		if !ok {
			return object{}, 0, fmt.Errorf("field name %v", token)
		}
		name = strings.ToLower(strings.TrimSpace(name))
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			return object{}, 0, err
		}
		if before, twice := o.fields[name]; twice && !bytes.Equal(before, value) {
			o.repeated = name
		}
		o.fields[name] = value
	}
	if _, err := dec.Token(); err != nil {
		return object{}, 0, err
	}
	return o, int(dec.InputOffset()), nil
}

func sameFields(a, b map[string]json.RawMessage) bool {
	if len(a) != len(b) {
		return false
	}
	for name, value := range a {
		if other, ok := b[name]; !ok || !bytes.Equal(value, other) {
			return false
		}
	}
	return true
}

// readNumbers reads a list of memory numbers in any of its forms, each number
// once. -1 means none. dropped are the items that are no whole number.
func readNumbers(raw json.RawMessage) (numbers []int, dropped []string) {
	numbers = []int{}
	var items []json.RawMessage
	if json.Unmarshal(raw, &items) != nil {
		items = []json.RawMessage{raw}
	}
	seen := map[int]bool{}
	for _, item := range items {
		n, none, ok := readNumber(item)
		switch {
		case none:
		case !ok:
			dropped = append(dropped, shown(item))
		case !seen[n]:
			seen[n] = true
			numbers = append(numbers, n)
		}
	}
	return numbers, dropped
}

func readNumber(raw json.RawMessage) (n int, none, ok bool) {
	if len(raw) == 0 || string(raw) == "null" {
		return 0, true, false
	}
	var wrapped map[string]json.RawMessage
	if json.Unmarshal(raw, &wrapped) == nil && len(wrapped) == 1 {
		if inner, has := wrapped["memory_index"]; has {
			raw = inner
		}
	}
	value, ok := number(raw)
	switch {
	case !ok || value != math.Trunc(value) || value < -1 || value > math.MaxInt32:
		return 0, false, false
	case value == -1:
		return 0, true, false
	}
	return int(value), false, true
}

// number is the JSON number in raw, in quotes or not. ParseFloat alone would
// take "Inf" and "0x1p4" too.
func number(raw json.RawMessage) (value float64, ok bool) {
	var s string
	if json.Unmarshal(raw, &s) != nil {
		s = string(raw)
	}
	s = strings.TrimSpace(s)
	value, err := strconv.ParseFloat(s, 64)
	return value, err == nil && json.Valid([]byte(s))
}

// shown is a piece of an answer as it may stand in a message.
func shown(raw []byte) string { return printable.Cut(printable.Line(string(raw)), 60) }

// named lists items in a message, the first ten of them.
func named(items []string) string {
	const most = 10
	if len(items) > most {
		return strings.Join(items[:most], ", ") + fmt.Sprintf(" and %d more", len(items)-most)
	}
	return strings.Join(items, ", ")
}
