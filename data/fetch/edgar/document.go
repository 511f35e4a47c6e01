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
	"finmem/data/filing"
	"finmem/data/markup"
)

// A missingDocument says why there is nothing to read of a filing that EDGAR
// lists.
type missingDocument string

func (m missingDocument) Error() string { return string(m) }

// document fetches a document of a filing and gives its text and its address. A
// filed document never changes, so it is asked for once.
func (s *Source) document(ctx context.Context, company cik, f submission, name string) (text, address string, err error) {
	switch ext := strings.ToLower(path.Ext(name)); {
	case name == "":
		return "", "", missingDocument("EDGAR names no main document of it")
	case !documentName.MatchString(name):
		return "", "", missingDocument(fmt.Sprintf("its document has the name %.60q, which is none", name))
	case ext != ".htm" && ext != ".html" && ext != ".txt":
		return "", "", missingDocument(fmt.Sprintf("its document %s is no text", name))
	}
	address = s.folder(company, f) + name
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

// event is the text of a current report: of its main document, and of what the
// company announces in the first attachments for it.
func (s *Source) event(ctx context.Context, company cik, f submission, h header, main string) (text string, missing []string, err error) {
	text = eventText(main)
	for _, name := range h.announcements() {
		attached, _, err := s.document(ctx, company, f, name)
		var gone missingDocument
		if errors.As(err, &gone) {
			missing = append(missing, gone.Error())
			continue
		}
		if err != nil {
			return "", nil, err
		}
		text = strings.TrimSpace(text + "\n\n" + filing.WithoutFurniture(attached))
	}
	return text, missing, nil
}
