package alpacatest

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// News is an article as the news service has it.
type News struct {
	ID                         int
	Headline, Summary, Content string
	Author, URL                string
	Created, Updated           time.Time // Updated is Created where it is zero
	Symbols                    []string
}

// AddNews adds articles. One of after the server's time is not served yet.
func (s *Server) AddNews(articles ...News) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, n := range articles {
		if n.Updated.IsZero() {
			n.Updated = n.Created
		}
		s.news = append(s.news, n)
	}
}

func (n News) json(content bool) map[string]any {
	out := map[string]any{"id": n.ID, "headline": n.Headline, "summary": n.Summary, "author": n.Author,
		"created_at": n.Created.UTC().Format(time.RFC3339), "updated_at": n.Updated.UTC().Format(time.RFC3339),
		"url": n.URL, "symbols": n.Symbols, "images": []any{}, "source": "benzinga", "content": ""}
	if content {
		out["content"] = n.Content
	}
	return out
}

// articles serves news by the time of their last update, newest first unless
// sort is asc, ten to a page unless limit says otherwise.
func (s *Server) articles(q url.Values) reply {
	start, end := time.Time{}, s.now
	for _, bound := range []struct {
		name string
		into *time.Time
	}{{"start", &start}, {"end", &end}} {
		if text := q.Get(bound.name); text != "" {
			t, err := time.Parse(time.RFC3339Nano, text)
			if err != nil {
				return refusal(http.StatusBadRequest, 0, "invalid %s", bound.name)
			}
			*bound.into = t
		}
	}
	limit, failed := s.page(q, 10, 50)
	if failed != nil {
		return *failed
	}
	wanted := strings.Split(q.Get("symbols"), ",")
	var list []News
	for _, n := range s.news {
		switch {
		case n.Updated.Before(start), n.Updated.After(end), n.Updated.After(s.now):
		case q.Get("exclude_contentless") == "true" && n.Content == "":
		case q.Get("symbols") != "" && !slices.ContainsFunc(n.Symbols, func(symbol string) bool { return slices.Contains(wanted, symbol) }):
		default:
			list = append(list, n)
		}
	}
	slices.SortStableFunc(list, func(a, b News) int {
		if c := b.Updated.Compare(a.Updated); c != 0 {
			return c
		}
		return b.ID - a.ID
	})
	if q.Get("sort") == "asc" {
		slices.Reverse(list)
	}
	token := func(n News) string {
		return base64.StdEncoding.EncodeToString([]byte(fmt.Sprintf("%d|%d", n.Updated.UnixNano(), n.ID)))
	}
	if text := q.Get("page_token"); text != "" {
		i := slices.IndexFunc(list, func(n News) bool { return token(n) == text })
		if i < 0 {
			return refusal(http.StatusBadRequest, 0, "invalid page_token")
		}
		list = list[i+1:]
	}
	var next any
	if len(list) > limit {
		list = list[:limit]
		next = token(list[limit-1])
	}
	out := []map[string]any{}
	for _, n := range list {
		out = append(out, n.json(q.Get("include_content") == "true"))
	}
	return reply{http.StatusOK, map[string]any{"news": out, "next_page_token": next}}
}

// AddAction adds a corporate action to a list of the answer, such as
// "forward_splits", "reverse_splits" or "cash_dividends", as JSON. Its fields
// "symbol" and "ex_date" say which requests it belongs to.
func (s *Server) AddAction(list, action string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !json.Valid([]byte(action)) {
		panic("alpacatest: not JSON: " + action)
	}
	s.actions[list] = append(s.actions[list], json.RawMessage(action))
}

// corporateActions serves the actions of the symbols and dates asked for, in one
// page.
func (s *Server) corporateActions(q url.Values) reply {
	wanted := strings.Split(q.Get("symbols"), ",")
	out := map[string][]json.RawMessage{}
	for _, name := range sortedKeys(s.actions) {
		for _, raw := range s.actions[name] {
			var of struct {
				Symbol string `json:"symbol"`
				Ex     string `json:"ex_date"`
			}
			if err := json.Unmarshal(raw, &of); err != nil {
				panic(fmt.Sprintf("alpacatest: %s: %v", raw, err))
			}
			types := q.Get("types")
			switch {
			case q.Get("symbols") != "" && !slices.Contains(wanted, of.Symbol):
			case q.Get("start") != "" && of.Ex < q.Get("start"), q.Get("end") != "" && of.Ex > q.Get("end"):
			case types != "" && !slices.Contains(strings.Split(types, ","), strings.TrimSuffix(name, "s")):
			default:
				out[name] = append(out[name], raw)
			}
		}
	}
	return reply{http.StatusOK, map[string]any{"corporate_actions": out, "next_page_token": nil}}
}
