package fetch

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
)

// DecodeJSON reads an answer that should be one JSON value into v. A web page, a
// text, an answer that ends in the middle and one of another shape are an
// [*Error] each.
func DecodeJSON(body []byte, v any) error {
	trimmed := bytes.TrimSpace(body)
	switch {
	case len(trimmed) == 0:
		return Errorf(Empty, "the answer has no content")
	case IsWebPage(trimmed):
		return Errorf(BadFormat, "a web page came in place of JSON")
	}
	d := json.NewDecoder(bytes.NewReader(trimmed))
	err := d.Decode(v)
	var syntax *json.SyntaxError
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return Errorf(Cut, "the JSON ends in the middle, after %d bytes", len(trimmed))
	case errors.As(err, &syntax) && (trimmed[0] != '{' && trimmed[0] != '['):
		return Errorf(BadFormat, "a text came in place of JSON: %s", shown(string(trimmed)))
	case err != nil:
		return &Error{Kind: BadFormat, Message: err.Error(), Err: err}
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return Errorf(BadFormat, "there is more after the JSON value")
	}
	return nil
}

// ParseNumber reads a plain decimal number; nothing at all is NaN, a missing value.
// NaN, infinities, hexadecimal, separators and placeholders are errors.
func ParseNumber(text string) (float64, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return math.NaN(), nil
	}
	for _, c := range text {
		if !strings.ContainsRune("0123456789.-+eE", c) {
			return 0, fmt.Errorf("%.40q is not a number", text)
		}
	}
	v, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return 0, fmt.Errorf("%.40q is not a number", text)
	}
	return v, nil
}
