package edgar

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"path"
	"strings"
	"time"

	"finmem/data/fetch"
	"finmem/data/markup"
)

// A missingDocument says why there is nothing to read of a filing that EDGAR
// lists.
type missingDocument string

func (m missingDocument) Error() string { return string(m) }

// document fetches the main document of a filing and gives its text and its
// address. A filed document never changes, so it is asked for once.
func (s *Source) document(ctx context.Context, company cik, f submission) (text, address string, err error) {
	switch ext := strings.ToLower(path.Ext(f.Document)); {
	case f.Document == "":
		return "", "", missingDocument("EDGAR names no main document of it")
	case !documentName.MatchString(f.Document):
		return "", "", missingDocument(fmt.Sprintf("its main document has the name %.60q, which is none", f.Document))
	case ext != ".htm" && ext != ".html" && ext != ".txt":
		return "", "", missingDocument(fmt.Sprintf("its main document %s is no text", f.Document))
	}
	address = fmt.Sprintf("%s/Archives/edgar/data/%d/%s/%s", s.www, int64(company), strings.ReplaceAll(f.Accession, "-", ""), f.Document)
	body, err := s.get(ctx, address, fetch.Forever, time.Time{}, func(body []byte) error {
		if len(strings.TrimSpace(string(body[:min(len(body), 512)]))) == 0 {
			return fetch.Errorf(fetch.Empty, "the document is blank")
		}
		return nil
	})
	var e *fetch.Error
	if errors.As(err, &e) && e.Status == http.StatusNotFound {
		return "", "", missingDocument(fmt.Sprintf("EDGAR does not have its document %s", address))
	}
	if err != nil {
		return "", "", err
	}
	return markup.Text(string(body)), address, nil
}
