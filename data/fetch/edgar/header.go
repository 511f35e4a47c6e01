package edgar

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"time"

	"finmem/data/fetch"
)

// A header is what EDGAR's own page about a filing says of it.
type header struct {
	// stamp is the time of acceptance on the clock of New York, whichever clock the
	// list of the company has; zero where the page has none.
	stamp     time.Time
	documents []listedDocument
}

// A listedDocument is a document of a filing by its type: "8-K", "EX-99.1".
type listedDocument struct{ kind, name string }

var (
	headerStamp    = regexp.MustCompile(`(?:<|&lt;)ACCEPTANCE-DATETIME(?:>|&gt;)([0-9]{14})\b`)
	headerDocument = regexp.MustCompile(`(?:<|&lt;)TYPE(?:>|&gt;)([^\s<&]{1,40})\s+(?:<|&lt;)SEQUENCE(?:>|&gt;)\s*[0-9]+\s+(?:<|&lt;)FILENAME(?:>|&gt;)([^\s<&]{1,200})`)
)

// maxDocuments bounds the documents of a filing.
const maxDocuments = 1000

// parseHeader reads the page that EDGAR makes of a filing's header, which is SGML
// with or without its angle brackets written as entities.
func parseHeader(page []byte) (header, error) {
	var h header
	m := headerStamp.FindSubmatch(page)
	if m == nil {
		return header{}, errors.New("there is no time of acceptance in it")
	}
	var err error
	if h.stamp, err = time.Parse("20060102150405", string(m[1])); err != nil {
		return header{}, fmt.Errorf("acceptance time %s: want one such as 20220204201127", m[1])
	}
	for _, m := range headerDocument.FindAllSubmatch(page, maxDocuments) {
		h.documents = append(h.documents, listedDocument{kind: strings.ToUpper(string(m[1])), name: string(m[2])})
	}
	return h, nil
}

// header fetches the page about a filing. It is empty where EDGAR has none, as of
// old filings, or one that does not say when the filing was accepted.
func (s *Source) header(ctx context.Context, company cik, f submission) (header, error) {
	address := s.folder(company, f) + f.Accession + "-index-headers.html"
	body, err := s.get(ctx, address, fetch.Forever, time.Time{}, func(body []byte) error {
		if !bytes.Contains(body, []byte(f.Accession)) {
			return fmt.Errorf("it is not about the filing %s", f.Accession)
		}
		_, err := parseHeader(body)
		return err
	})
	var e *fetch.Error
	if errors.As(err, &e) && (e.Status == http.StatusNotFound || e.Kind == fetch.BadFormat) {
		return header{}, nil
	}
	if err != nil {
		return header{}, err
	}
	return parseHeader(body)
}

// folder is the address of the folder of a filing.
func (s *Source) folder(company cik, f submission) string {
	return fmt.Sprintf("%s/Archives/edgar/data/%d/%s/", s.www, int64(company), strings.ReplaceAll(f.Accession, "-", ""))
}

// announcements are the documents that a company attaches to a current report to
// say what there is to say, such as its press release.
func (h header) announcements() []string {
	var names []string
	for _, d := range h.documents {
		if d.kind == "EX-99" || d.kind == "EX-99.1" || d.kind == "EX-99.01" {
			names = append(names, d.name)
		}
	}
	return names
}
