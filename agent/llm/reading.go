package llm

import (
	"html"
	"math"
	"regexp"
	"strconv"
	"strings"

	"finmem/agent"
)

// A reading is what the analyst understands of a prompt.
type reading struct {
	inclination string
	momentum    float64 // a ratio; NaN where the prompt says n/a
	// told is the right decision where the prompt tells it, "" elsewhere.
	told   agent.Action
	offers []offer
}

// An offer is one memory as the prompt shows it.
type offer struct {
	number  int
	section section
	source  string
	tone    float64 // NaN where the prompt says n/a
	// The parts of the score.
	relevancy, recency, importance float64
	text                           string
}

var (
	momentumLine  = regexp.MustCompile(`^Momentum over \d+ sessions?: ([+-][0-9.]+) %$`)
	attitudeLine  = regexp.MustCompile(`^Attitude to risk: (\S+)$`)
	toldLine      = regexp.MustCompile(`^This session is for study\..* the right decision was "(buy|sell|hold)"\.`)
	memoryLine    = regexp.MustCompile(`^<memory ([^<>]*)>$`)
	attributePart = regexp.MustCompile(`([a-z-]+)="([^"]*)"`)
)

// A section is the part of the prompt that a memory stands in.
type section int

const (
	shortTerm section = iota
	midTerm
	longTerm
	reflections
)

var headings = [...]string{
	shortTerm:   "Short-term memory",
	midTerm:     "Mid-term memory",
	longTerm:    "Long-term memory",
	reflections: "Reflections",
}

// read goes through a prompt line by line. What stands inside a data block is
// that memory's text and nothing else, whatever it looks like.
func read(prompt string) reading {
	r := reading{momentum: math.NaN()}
	current := shortTerm
	var open *offer
	var text []string
	for line := range strings.Lines(prompt) {
		line = strings.TrimSuffix(line, "\n")
		switch {
		case open != nil && line == "</memory>":
			open.text = html.UnescapeString(strings.Join(text, "\n"))
			r.offers = append(r.offers, *open)
			open, text = nil, nil
			continue
		case open != nil:
			text = append(text, line)
			continue
		}
		for s, heading := range headings {
			if line == heading {
				current = section(s)
			}
		}
		if m := memoryLine.FindStringSubmatch(line); m != nil {
			open = readOffer(current, m[1])
		} else if m := momentumLine.FindStringSubmatch(line); m != nil {
			r.momentum = number(m[1]) / 100
		} else if m := attitudeLine.FindStringSubmatch(line); m != nil {
			r.inclination = m[1]
		} else if m := toldLine.FindStringSubmatch(line); m != nil {
			r.told = agent.Action(m[1])
		}
	}
	return r
}

func readOffer(in section, attributes string) *offer {
	values := map[string]string{}
	for _, m := range attributePart.FindAllStringSubmatch(attributes, -1) {
		values[m[1]] = html.UnescapeString(m[2])
	}
	o := &offer{
		number:     -1,
		section:    in,
		source:     values["source"],
		tone:       number(values["tone"]),
		relevancy:  number(values["relevancy"]),
		recency:    number(values["recency"]),
		importance: number(values["importance"]),
	}
	if n, err := strconv.Atoi(values["number"]); err == nil {
		o.number = n
	}
	return o
}

// number is NaN for anything but a number.
func number(s string) float64 {
	v, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return math.NaN()
	}
	return v
}
