package importer

import (
	"cmp"
	"encoding/json"

	"fmt"
	"slices"
	"strings"
)

// A newsField is a part of an item of news, by the name that --map and messages
// use.
type newsField string

const (
	newsTime      newsField = "time"
	newsTitle     newsField = "title"
	newsText      newsField = "text"
	newsSource    newsField = "source"
	newsURL       newsField = "url"
	newsSymbols   newsField = "symbols"
	newsSentiment newsField = "sentiment"
	newsScore     newsField = "score" // one number from -1 to 1
	newsPositive  newsField = "positive"
	newsNeutral   newsField = "neutral"
	newsNegative  newsField = "negative"
	newsCopies    newsField = "copies"
)

// NewsParts are the parts of an item, by the names that [NewsOptions.Fields] takes.
func NewsParts() []string {
	return []string{"time", "title", "text", "source", "url", "symbols", "sentiment", "score", "positive", "neutral", "negative", "copies"}
}

// newsNames are the names that vendors give the parts of an item, reduced as by
// [plainName]. Where an item has several names of one part, the first that says
// anything counts; of symbols all count.
func newsNames() map[newsField][]string {
	return map[newsField][]string{
		newsTime: {
			"timepublished", "publishedat", "publishedutc", "publisheddate", "publisheddatetime", "publishdate", "publishtime", "publishedtime", "publishedon",
			"publishon", "pubdate", "datepublished", "providerpublishtime", "published", "createdat", "datetime", "dateutc", "timestamp", "utctimestamp",
			"timestamputc", "newstime", "tweetdate", "postdate", "created", "time", "date",
		},
		newsTitle: {"title", "headline", "headlines", "articletitle", "newstitle", "newsheadline"},
		newsText: {
			"content", "contenttext", "contenthtml", "body", "fulltext", "articletext", "article", "text", "newtext", "newstext", "tweet", "tweets", "tweettext",
			"description", "summary", "articlesummary", "textranksummary", "lsasummary", "luhnsummary", "lexranksummary",
			"snippet", "teaser", "news",
		},
		newsSource:    {"source", "sourcename", "publisher", "site", "newssite", "provider", "outlet"},
		newsURL:       {"url", "link", "articleurl", "articlelink", "newsurl", "newslink"},
		newsSymbols:   {"symbols", "symbol", "tickers", "ticker", "stocks", "stock", "stocksymbol", "stockname", "related", "relatedtickers", "tickersentiment", "insights", "equity"},
		newsSentiment: {"sentiment", "sentimentlabel", "label"},
		newsScore:     {"overallsentimentscore", "sentimentscore", "compound"},
		newsPositive:  {"positive", "pos", "positivescore"},
		newsNeutral:   {"neutral", "neu", "neutralscore"},
		newsNegative:  {"negative", "neg", "negativescore"},
		newsCopies:    {"copies"},
	}
}

// A NewsLayoutError says that a file names its parts as nobody does.
type NewsLayoutError struct {
	Missing string   // what was not found: the time, the words
	Fields  []string // what the file has
	// Prices and Answers are set where the file is one of prices, or of answers of
	// a language model.
	Prices, Answers bool
}

func (e *NewsLayoutError) Error() string {
	has := list(quoted(e.Fields), 20)
	switch {
	case e.Prices:
		return "has prices and no news: " + has
	case e.Answers:
		return "has answers of a language model and no news: " + has
	}
	return fmt.Sprintf("no field is known to hold %s of the news; it has %s", e.Missing, has)
}

func quoted(names []string) []string {
	out := make([]string, len(names))
	for i, name := range names {
		out[i] = fmt.Sprintf("%.40q", name)
	}
	return out
}

// A newsMapper finds the parts of an item among the fields of a row.
type newsMapper struct {
	// by says what a field is, by its name as it is written; it grows as names are
	// met.
	by map[string]newsPlace
	// known are the names by plain name, without the parts that chosen holds.
	known  map[string]newsPlace
	chosen map[newsField]string // the fields that the user named
	used   map[newsField][]string
	unused []string
}

// A newsPlace is a part and how good a name for it is; 0 is the best.
type newsPlace struct {
	field newsField
	rank  int
}

// newNewsMapper makes a mapper; chosen are fields by the part they hold. A
// chosen field may lie inside objects, with dots: "attributes.publishOn". An
// empty one says that nothing holds the part.
func newNewsMapper(chosen map[string]string) (*newsMapper, error) {
	m := &newsMapper{
		by:     make(map[string]newsPlace),
		known:  make(map[string]newsPlace),
		chosen: make(map[newsField]string),
		used:   make(map[newsField][]string),
	}
	for _, part := range sortedKeys(chosen) {
		if !slices.Contains(NewsParts(), part) {
			return nil, fmt.Errorf("part %q: want one of %s", part, strings.Join(NewsParts(), ", "))
		}
		m.chosen[newsField(part)] = chosen[part]
	}
	for name, place := range knownNewsNames() {
		if _, ok := m.chosen[place.field]; !ok {
			m.known[name] = place
		}
	}
	return m, nil
}

// knownNewsNames are all names in use.
func knownNewsNames() map[string]newsPlace {
	known := make(map[string]newsPlace)
	for field, names := range newsNames() {
		for rank, name := range names {
			known[name] = newsPlace{field, rank}
		}
	}
	return known
}

// A newsParts is a row taken apart: the values of each part, the best name
// first.
type newsParts map[newsField][]any

// parts sorts the fields of a row.
func (m *newsMapper) parts(row newsRow) newsParts {
	type found struct {
		rank  int
		value any
	}
	all := make(map[newsField][]found, 8)
	for i, name := range row.names {
		place, met := m.by[name]
		if !met {
			place = m.meet(name)
		}
		if place.field != "" {
			all[place.field] = append(all[place.field], found{place.rank, row.values[i]})
		}
	}
	parts := make(newsParts, len(all))
	for field, values := range all {
		slices.SortStableFunc(values, func(a, b found) int { return a.rank - b.rank })
		for _, v := range values {
			parts[field] = append(parts[field], v.value)
		}
	}
	for field, path := range m.chosen {
		if v, ok := fieldAt(row, path); ok && path != "" {
			parts[field] = []any{v}
		}
	}
	return parts
}

// meet decides what a name means that was not met before.
func (m *newsMapper) meet(name string) newsPlace {
	place := m.known[plainName(name)]
	for _, path := range m.chosen {
		if path == name {
			place = newsPlace{} // it is what the user said and nothing else
		}
	}
	m.by[name] = place
	switch {
	case place.field != "":
		m.used[place.field] = append(m.used[place.field], name)
	case !m.isChosen(name) && plainName(name) != "" && plainName(name) != "unnamed0":
		m.unused = append(m.unused, name)
	}
	return place
}

// describe lists the fields that were met, by the part that they hold, and those
// that hold none.
func (m *newsMapper) describe() (used map[string][]string, unused []string) {
	used = make(map[string][]string)
	for field, names := range m.used {
		slices.SortFunc(names, func(a, b string) int { return cmp.Or(m.by[a].rank-m.by[b].rank, strings.Compare(a, b)) })
		used[string(field)] = names
	}
	for field, path := range m.chosen {
		if path != "" {
			used[string(field)] = []string{path}
		}
	}
	slices.Sort(m.unused)
	return used, append([]string{}, m.unused...)
}

// wants reports whether a field holds a part.
func (m *newsMapper) wants(name string) bool {
	place, met := m.by[name]
	if !met {
		place = m.meet(name)
	}
	return place.field != "" || m.isChosen(name)
}

// isChosen reports whether the user named the field, or something in it.
func (m *newsMapper) isChosen(name string) bool {
	for _, path := range m.chosen {
		if path == name || strings.HasPrefix(path, name+".") {
			return true
		}
	}
	return false
}

// fieldAt is the value of a field, or of one inside objects.
func fieldAt(row newsRow, path string) (any, bool) {
	if i := slices.Index(row.names, path); i >= 0 {
		return row.values[i], true
	}
	first, rest, nested := strings.Cut(path, ".")
	i := slices.Index(row.names, first)
	if !nested || i < 0 {
		return nil, false
	}
	v := row.values[i]
	for nested {
		object, ok := v.(map[string]any)
		if !ok {
			return nil, false
		}
		first, rest, nested = strings.Cut(rest, ".")
		if v, ok = object[first]; !ok {
			return nil, false
		}
	}
	return v, true
}

// check reports whether the first row of a file can be understood.
func (m *newsMapper) check(row newsRow) error {
	parts := m.parts(row)
	for _, part := range NewsParts() {
		path := m.chosen[newsField(part)]
		if _, ok := fieldAt(row, path); path != "" && !ok {
			return fmt.Errorf("has no field %q to be the %s; it has %s", path, part, list(quoted(row.names), 20))
		}
	}
	failure := &NewsLayoutError{Fields: row.names}
	seen := map[string]bool{}
	for _, name := range row.names {
		seen[plainName(name)] = true
	}
	failure.Prices = seen["open"] && seen["high"] && seen["low"] && seen["close"]
	failure.Answers = seen["llmoutput"]
	switch {
	case len(parts[newsTime]) == 0:
		failure.Missing = "the time"
	case len(parts[newsTitle]) == 0 && len(parts[newsText]) == 0:
		failure.Missing = "the words"
	default:
		return nil
	}
	return failure
}

// ParseNewsMap reads "time=published_at,title=headline" into fields by part.
func ParseNewsMap(pairs []string) (map[string]string, error) {
	chosen := make(map[string]string, len(pairs))
	for _, pair := range pairs {
		part, field, ok := strings.Cut(pair, "=")
		part = strings.TrimSpace(part)
		switch {
		case !ok || part == "":
			return nil, fmt.Errorf("%q: want PART=FIELD, such as time=published_at", pair)
		case !slices.Contains(NewsParts(), part):
			return nil, fmt.Errorf("%q: %q is no part of an item; want one of %s", pair, part, strings.Join(NewsParts(), ", "))
		}
		if _, twice := chosen[part]; twice {
			return nil, fmt.Errorf("%q: %s is given twice", pair, part)
		}
		chosen[part] = strings.TrimSpace(field)
	}
	return chosen, nil
}

// textOf is a value as text; "" for what is none.
func textOf(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	case map[string]any: // {"id": null, "name": "Reuters"}
		for _, name := range []string{"name", "title", "domain", "id"} {
			if s, ok := v[name].(string); ok && s != "" {
				return s
			}
		}
	}
	return ""
}
