package edgar

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"finmem/data"
	"finmem/data/fetch"
	"finmem/data/filing"
)

// AgentVariable is the environment variable that by convention holds the user
// agent.
const AgentVariable = "FINMEM_EDGAR_AGENT"

// Options set where EDGAR is. The zero value is the real one.
type Options struct {
	// WWW serves the list of tickers and the documents, Data the lists of filings
	// and the figures.
	WWW, Data string
}

// Real addresses of EDGAR.
const (
	defaultWWW  = "https://www.sec.gov"
	defaultData = "https://data.sec.gov"
)

// perSecond is below the ten requests a second that the SEC allows, since
// requests do not reach it as evenly as they are sent.
const perSecond = 8

// A Source takes filings from EDGAR. It is a [fetch.FilingSource].
type Source struct {
	client    *fetch.Client
	www, data string
	eastern   *time.Location // the zone of EDGAR's clock
}

// New makes a source. agent says who asks and how to reach them, as the SEC
// demands of programs: "Example Research jane@example.org". Without one the error
// is a [*fetch.Error] of the kind [fetch.KeyMissing].
func New(network *fetch.Network, agent string, o Options) (*Source, error) {
	agent = strings.TrimSpace(agent)
	if agent == "" {
		return nil, agentError(fetch.KeyMissing, "the SEC wants to know who asks")
	}
	if !strings.Contains(agent, "@") || strings.ContainsFunc(agent, func(r rune) bool { return r < ' ' || r > '~' }) {
		return nil, agentError(fetch.KeyRefused, "the user agent is no name with an e-mail address, in plain letters on one line")
	}
	client := network.Client(fetch.Vendor{Name: "edgar", PerSecond: perSecond, UserAgent: agent})
	s := &Source{client: client, www: defaultWWW, data: defaultData, eastern: data.NYSE().Location()}
	if o.WWW != "" {
		s.www = strings.TrimRight(o.WWW, "/")
	}
	if o.Data != "" {
		s.data = strings.TrimRight(o.Data, "/")
	}
	return s, nil
}

// agentError says what is wrong with the user agent and what to do.
func agentError(kind fetch.Kind, what string) *fetch.Error {
	return &fetch.Error{Kind: kind, Vendor: "edgar", Message: fmt.Sprintf(`%s: set %s to your name and e-mail address, such as "Example Research jane@example.org"`, what, AgentVariable)}
}

// Name is "edgar".
func (s *Source) Name() string { return "edgar" }

// Filings are the reports and current reports of a company that became known on
// the dates of the range: see docs/filings.md for when that is. A document that EDGAR lists and does not have is
// left out and named in the tally; any other failure is an error, since a list
// with a hole in it looks like one without.
func (s *Source) Filings(ctx context.Context, symbol string, calendar *data.Calendar, r fetch.Range) (fetch.Filings, error) {
	out := fetch.Filings{Items: []data.Filing{}, News: []data.News{}}
	cik, err := s.company(ctx, symbol)
	if err != nil {
		return fetch.Filings{}, err
	}
	listed, name, clock, err := s.submissions(ctx, cik, calendar, r)
	if err != nil {
		return fetch.Filings{}, err
	}
	var known *facts
	guessed := 0 // filings whose time is known by the list alone
	for _, f := range listed {
		out.Read++
		h, err := s.header(ctx, cik, f)
		if err != nil {
			return fetch.Filings{}, fmt.Errorf("%s: %w", f, err)
		}
		clock := clock
		if !h.stamp.IsZero() {
			f.stamp, clock.utc = h.stamp, false
		} else {
			guessed++
		}
		stamp, dateOnly, err := f.known(calendar, clock)
		if err != nil {
			out.Skip(f.String(), "%v", err)
			continue
		}
		text, address, err := s.document(ctx, cik, f, f.Document)
		var gone missingDocument
		if errors.As(err, &gone) {
			out.Skip(f.String(), "%v", gone)
			continue
		}
		if err != nil {
			return fetch.Filings{}, fmt.Errorf("%s: %w", f, err)
		}
		if f.current() {
			text, missing, err := s.event(ctx, cik, f, h, text)
			if err != nil {
				return fetch.Filings{}, fmt.Errorf("%s: %w", f, err)
			}
			for _, m := range missing {
				out.Note("%s: %s", f, m)
			}
			out.News = append(out.News, data.News{
				Time: stamp, DateOnly: dateOnly, Title: f.title(name), Text: text, Source: s.Name(), URL: address, Copies: 1,
			})
			continue
		}
		if known == nil {
			if known, err = s.facts(ctx, cik, calendar, r); err != nil {
				return fetch.Filings{}, err
			}
		}
		body, missing := filing.Items(f.form(), text)
		if body == "" {
			out.Skip(f.String(), "its document %s has no text", address)
			continue
		}
		if note := filing.Note(f.form(), missing); note != "" {
			out.Note("%s: %s", f, note)
		}
		if table := known.table(f); table != "" {
			body = table + "\n\n" + body
		} else {
			out.Note("%s: EDGAR has no figures of its own for it", f)
		}
		out.Items = append(out.Items, data.Filing{Accepted: stamp, DateOnly: dateOnly, Form: f.form(), Period: f.ReportDate, Text: body})
	}
	if guessed > 0 {
		out.Note("%d filings have no page of their own that gives their time; %s", guessed, clock)
	}
	return out, nil
}

// json asks for an answer of JSON and reads it into v.
func (s *Source) json(ctx context.Context, address string, keepFor time.Duration, until time.Time, v any) error {
	a, err := s.get(ctx, address, keepFor, until, nil)
	if err != nil {
		return err
	}
	if err := fetch.DecodeJSON(a, v); err != nil {
		return s.unexpected(address, err)
	}
	return nil
}

// unexpected is the error of an answer that is not what was asked for.
func (s *Source) unexpected(address string, err error) error {
	var e *fetch.Error
	if !errors.As(err, &e) {
		e = &fetch.Error{Kind: fetch.BadFormat, Message: err.Error(), Err: err}
	}
	out := *e
	out.Vendor, out.Message = s.Name(), address+": "+e.Message
	return &out
}

// get asks for an answer. What the SEC says about the one who asks is the same
// on every address, so it is said in its own words.
func (s *Source) get(ctx context.Context, address string, keepFor time.Duration, until time.Time, accept func([]byte) error) ([]byte, error) {
	turnedAway := fetch.Kind("")
	a, err := s.client.Get(ctx, fetch.Request{
		URL: address, KeepFor: keepFor, Until: until,
		Accept: func(body []byte) error {
			if turnedAway = blocked(body); turnedAway != "" {
				return fetch.Errorf(fetch.Refused, "a page came that says so")
			}
			if accept == nil {
				var v struct{}
				return fetch.DecodeJSON(body, &v)
			}
			return accept(body)
		},
		Refusal: func(_ int, body []byte) fetch.Kind {
			if turnedAway = blocked(body); turnedAway != "" {
				return fetch.Refused // asking again at once only makes the block longer
			}
			return ""
		},
	})
	var e *fetch.Error
	switch {
	case turnedAway == fetch.RateLimited:
		return nil, &fetch.Error{
			Kind: turnedAway, Vendor: s.Name(), RetryAfter: blockedFor,
			Message: "the SEC takes no requests from this address for ten minutes, since there were too many; wait, and ask again",
		}
	case turnedAway == fetch.KeyRefused, fetch.KindOf(err) == fetch.KeyRefused:
		return nil, agentError(fetch.KeyRefused, "the SEC refuses the user agent")
	case errors.As(err, &e):
		return nil, s.unexpected(address, err)
	case err != nil:
		return nil, err
	}
	return a.Body, nil
}

// blockedFor is how long the SEC blocks an address that asks too fast.
const blockedFor = 10 * time.Minute

// blocked tells the pages by which the SEC turns programs away, whatever their
// status.
func blocked(body []byte) fetch.Kind {
	start := strings.ToLower(string(body[:min(len(body), 8192)]))
	switch {
	case !fetch.IsWebPage(body):
		return ""
	case strings.Contains(start, "request rate threshold exceeded"):
		return fetch.RateLimited
	case strings.Contains(start, "undeclared automated tool"):
		return fetch.KeyRefused
	}
	return ""
}
