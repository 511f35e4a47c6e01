package importer

import (
	"bytes"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"finmem/data"
	"finmem/data/filing"
	"finmem/data/markup"
)

// maxDocument is the largest document that [Filings] reads. Annual reports with
// their markup have up to some 20 MiB.
const maxDocument = 64 << 20

// document reads one document.
func (r *filingResult) document(path string, opts FilingOptions) error {
	in, err := Open(path)
	if err != nil {
		return err
	}
	defer in.Close()
	content, err := in.ReadAll(maxDocument)
	if err != nil {
		return err
	}
	text, err := documentText(in.Name, content)
	if err != nil {
		return err
	}
	f := data.Filing{Accepted: opts.Accepted, DateOnly: opts.DateOnly, Form: formOf(opts.Form), Period: opts.Period, Text: text}
	if !opts.Whole && filing.HasItems(f.Form) {
		var missing []string
		f.Text, missing = filing.Items(f.Form, text)
		if note := filing.Note(f.Form, missing); note != "" {
			r.Report.Notes = append(r.Report.Notes, note)
		}
	}
	if f.Text == "" {
		return errors.New("has no text")
	}
	if err := f.Validate(); err != nil {
		return err
	}
	r.Report.Read++
	return r.add(0, f)
}

// documentText is the text of a document in HTML, Markdown or plain text.
func documentText(name string, content []byte) (string, error) {
	content = bytes.TrimPrefix(content, []byte("\ufeff"))
	switch {
	case bytes.HasPrefix(content, []byte("%PDF")):
		return "", errors.New("is a PDF; save it as HTML or text")
	case bytes.HasPrefix(content, []byte("\xff\xfe")), bytes.HasPrefix(content, []byte("\xfe\xff")):
		return "", errors.New("the text is UTF-16; save it as UTF-8")
	case bytes.IndexByte(content, 0) >= 0:
		return "", fmt.Errorf("is no text: byte %d is 0", bytes.IndexByte(content, 0))
	}
	text := string(content)
	if !utf8.ValidString(text) {
		text = latin1(content) // filings from before 2005 are not UTF-8
	}
	switch strings.ToLower(filepath.Ext(name)) {
	case ".md", ".markdown":
		return markup.Markdown(text), nil
	}
	return markup.Text(text), nil
}

// latin1 reads bytes as characters; cleaning makes Windows-1252 of them.
func latin1(content []byte) string {
	runes := make([]rune, len(content))
	for i, b := range content {
		runes[i] = rune(b)
	}
	return string(runes)
}
