package embed

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"finmem/memory"
)

// bytesPerToken is what a token is taken to be at least. English prose has four
// to five bytes a token, Chinese three; only strings of digits and signs have
// less.
const bytesPerToken = 3

// A piece is a text, or a part of one, and its vector.
type piece struct {
	of     int // which text it is from
	text   string
	vector []float32
}

// pieces cuts text into parts of at most limit bytes, at the last white space in
// the second half of a part, else between two characters.
func pieces(text string, limit int) []string {
	limit = max(limit, utf8.UTFMax)
	var parts []string
	for text = strings.TrimSpace(text); len(text) > limit; text = strings.TrimSpace(text) {
		end := limit
		for end > 0 && !utf8.RuneStart(text[end]) {
			end--
		}
		if end == 0 { // no UTF-8
			end = limit
		}
		next, _ := utf8.DecodeRuneInString(text[end:])
		if i := strings.LastIndexFunc(text[:end], unicode.IsSpace); i > end/2 && !unicode.IsSpace(next) {
			end = i
		}
		parts = append(parts, strings.TrimSpace(text[:end]))
		text = text[end:]
	}
	if text != "" {
		parts = append(parts, text)
	}
	return parts
}

// batches divides pieces into requests of at most n pieces and batchTokens
// tokens.
func batches(all []piece, n int) [][]piece {
	var list [][]piece
	start, size := 0, 0
	for i, p := range all {
		if i > start && (i-start == n || size+len(p.text) > batchTokens*bytesPerToken) {
			list = append(list, all[start:i])
			start, size = i, 0
		}
		size += len(p.text)
	}
	if start < len(all) {
		list = append(list, all[start:])
	}
	return list
}

// mean is the vector of a text in pieces: their vectors' mean, weighted by the
// length of the pieces, at length 1. The vector of a single piece is its own.
func mean(parts []piece) ([]float32, error) {
	if len(parts) == 1 {
		return parts[0].vector, nil
	}
	sum := make([]float64, len(parts[0].vector))
	for _, p := range parts {
		for i, x := range p.vector {
			sum[i] += float64(float64(x) * float64(len(p.text)))
		}
	}
	v := make([]float32, len(sum))
	for i, x := range sum {
		v[i] = float32(x)
	}
	return memory.Unit(v)
}
