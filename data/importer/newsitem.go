package importer

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode"

	"finmem/data"
	"finmem/data/markup"
	"finmem/internal/printable"
)

// A NewsFault is why an item was left out, apart from its words.
type NewsFault string

// The faults.
const (
	FaultMalformed NewsFault = "the row or object is malformed"
	FaultRelative  NewsFault = "the time counts from the time of fetching"
	FaultTime      NewsFault = "the time is missing or cannot be read"
	FaultCalendar  NewsFault = "the time lies outside the calendar"
	FaultWords     NewsFault = "no words"
	FaultSymbol    NewsFault = "names no symbol"
)

// A faultyItem is an item that is left out.
type faultyItem struct {
	fault  NewsFault
	reason string
}

func (f *faultyItem) Error() string { return f.reason }

func faulty(fault NewsFault, format string, args ...any) *faultyItem {
	return &faultyItem{fault, fmt.Sprintf(format, args...)}
}

// A newsReading is one item, or several of one time, as a row has them.
type newsReading struct {
	items []data.News
	// symbols are those that the row names, canonical; named is set where it has a
	// place for them.
	symbols []string
	named   bool
	// tones are the sentiments that the row has of single symbols. They go before
	// that of the item.
	tones map[string]*data.Sentiment
}

// of is an item as an item of one symbol.
func (r newsReading) of(symbol string, item data.News) data.News {
	if tone := r.tones[symbol]; tone != nil {
		item.Sentiment = tone
	}
	return item
}

// A newsReader turns rows into items.
type newsReader struct {
	mapper   *newsMapper
	stamps   *stampReader
	calendar *data.Calendar
	counts   newsCounts
}

// newsCounts are what the notes of a report say.
type newsCounts struct{ midnight, labels, scores, unread int }

// read understands one row. An error that is no [faultyItem] is one of the file.
func (r *newsReader) read(row newsRow) (newsReading, error) {
	if row.fault != "" {
		return newsReading{}, faulty(FaultMalformed, "%s", row.fault)
	}
	parts := r.mapper.parts(row)
	item, err := r.frame(parts)
	if err != nil {
		return newsReading{}, err
	}
	var reading newsReading
	if reading.symbols, reading.named, err = symbolsOf(parts[newsSymbols]); err != nil {
		return newsReading{}, err
	}
	reading.tones = tonesOf(parts[newsSymbols])
	title := newsTitleOf(parts[newsTitle])
	for _, text := range newsTextsOf(parts[newsText]) {
		n := item
		n.Title, n.Text = title, text
		if len(text) < 2*len(title) && strings.EqualFold(printable.Line(text), title) {
			n.Text = ""
		}
		if !hasWord(n.Title) && !hasWord(n.Text) {
			continue
		}
		r.sentiment(&n, parts)
		reading.items = append(reading.items, n)
	}
	if len(reading.items) == 0 {
		return newsReading{}, faulty(FaultWords, "%s", noWords(title, parts[newsText]))
	}
	return reading, nil
}

// noWords says what stands where the words should be.
func noWords(title string, texts []any) string {
	found := title
	for _, v := range texts {
		if found == "" {
			found = textOf(v)
		}
	}
	if found = printable.Line(found); found == "" {
		return "title and text are empty"
	}
	return fmt.Sprintf("no words: %q is all there is", printable.Cut(found, 40))
}

// hasWord reports whether a text has a letter in it. Vendors write 0 or - for
// texts that they do not have.
func hasWord(text string) bool { return strings.IndexFunc(text, unicode.IsLetter) >= 0 }

// frame is the item without its words.
func (r *newsReader) frame(parts newsParts) (data.News, error) {
	s, err := r.stamp(parts[newsTime])
	switch {
	case errors.Is(err, ErrNoZone), errors.Is(err, ErrDateOrder):
		return data.News{}, err
	case errors.Is(err, errRelative):
		return data.News{}, faulty(FaultRelative, "%v", err)
	case err != nil:
		return data.News{}, faulty(FaultTime, "%v", err)
	}
	n := data.News{Time: s.time, DateOnly: s.dateOnly, Copies: 1}
	if _, err := r.calendar.NewsSession(n, 0); err != nil {
		return data.News{}, faulty(FaultCalendar, "%v", err)
	}
	if s.midnight {
		r.counts.midnight++
	}
	n.Source = printable.Line(markup.Clean(firstText(parts[newsSource])))
	n.URL = printable.Line(markup.Clean(firstText(parts[newsURL])))
	if copies, err := strconv.Atoi(firstText(parts[newsCopies])); err == nil && copies > 1 && copies <= math.MaxInt32 {
		n.Copies = copies
	}
	return n, nil
}

// firstText is the first value that says anything.
func firstText(values []any) string {
	for _, v := range values {
		if text := strings.TrimSpace(textOf(v)); !missingText(text) {
			return text
		}
	}
	return ""
}

// stamp reads the time. Where one field has the date and another the clock, it is
// both together.
func (r *newsReader) stamp(values []any) (stamp, error) {
	text := firstText(values)
	s, err := r.stamps.read(text)
	if !errors.Is(err, errNoDate) {
		return s, err
	}
	for _, v := range values {
		date := strings.TrimSpace(textOf(v))
		if d, dateErr := r.stamps.read(date); dateErr == nil && d.dateOnly && !d.midnight {
			return r.stamps.read(date + " " + text)
		}
	}
	return s, err
}

// newsTitleOf is the first title with words in it, on one line.
func newsTitleOf(values []any) string {
	for _, v := range values {
		if title := printable.Line(markup.Text(textOf(v))); hasWord(title) && !missingText(title) {
			return title
		}
	}
	return ""
}

// newsTextsOf are the bodies: of a list all, else the first that has words, and ""
// where none has.
func newsTextsOf(values []any) []string {
	for _, v := range values {
		var texts []string
		for _, text := range listOf(v) {
			if text = markup.Text(text); hasWord(text) && !missingText(text) {
				texts = append(texts, text)
			}
		}
		if len(texts) > 0 {
			return texts
		}
	}
	return []string{""}
}

// listOf are the texts of a field, which may be a list or the printed form of
// one.
func listOf(v any) []string {
	switch v := v.(type) {
	case []any:
		texts := make([]string, 0, len(v))
		for _, item := range v {
			texts = append(texts, textOf(item))
		}
		return texts
	case string:
		if items, ok := listLiteral(v); ok {
			return items
		}
	}
	return []string{textOf(v)}
}

// symbolsOf are the symbols that a row names, canonical, each once. Names that
// are no symbols are passed over as long as there is one that is.
func symbolsOf(values []any) (symbols []string, named bool, err error) {
	var wrong error
	for _, v := range values {
		for _, name := range tickersOf(v) {
			symbol, err := data.Canonical(name)
			if err != nil {
				wrong = err
				continue
			}
			known := false
			for _, s := range symbols {
				known = known || s == symbol
			}
			if !known {
				symbols = append(symbols, symbol)
			}
		}
	}
	if len(values) > 0 && len(symbols) == 0 {
		if wrong != nil {
			return nil, true, faulty(FaultSymbol, "%v", wrong)
		}
		return nil, true, faulty(FaultSymbol, "names no symbol")
	}
	return symbols, len(values) > 0, nil
}

// tickersOf are the tickers of a field: a list of texts or objects, or one text
// such as "WORK,NFLX" or "$TSLA".
func tickersOf(v any) []string {
	var names []string
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			switch item := item.(type) {
			case map[string]any:
				names = append(names, tickerOf(item))
			case string:
				names = append(names, item)
			}
		}
	case string:
		items, ok := listLiteral(v)
		if !ok {
			items = strings.FieldsFunc(v, func(c rune) bool { return strings.ContainsRune(",;| \t\r\n", c) })
		}
		names = items
	}
	tickers := names[:0:0]
	for _, name := range names {
		name = strings.TrimPrefix(strings.TrimSpace(name), "$")
		if exchange, rest, ok := strings.Cut(name, ":"); ok {
			switch strings.ToUpper(exchange) {
			case "NASDAQ", "NYSE", "AMEX", "NYSEARCA", "ARCA", "BATS", "OTC":
				name = rest
			}
		}
		if !missingText(name) {
			tickers = append(tickers, name)
		}
	}
	return tickers
}

// tonesOf are the sentiments of single symbols, as Alpha Vantage and Polygon have
// them: by score, or by a label.
func tonesOf(values []any) map[string]*data.Sentiment {
	var tones map[string]*data.Sentiment
	for _, v := range values {
		entries, _ := v.([]any)
		for _, entry := range entries {
			object, ok := entry.(map[string]any)
			if !ok {
				continue
			}
			symbol, err := data.Canonical(tickerOf(object))
			if err != nil {
				continue
			}
			parts := newsParts{newsScore: {object["ticker_sentiment_score"]}, newsSentiment: {object["ticker_sentiment_label"], object["sentiment"]}}
			tone, _ := columnSentiment(parts, false)
			if tone == nil || tone.Validate() != nil {
				continue
			}
			if tones == nil {
				tones = make(map[string]*data.Sentiment)
			}
			tones[symbol] = tone
		}
	}
	return tones
}

// tickerOf is the ticker in an object that has one.
func tickerOf(object map[string]any) string {
	for _, key := range []string{"ticker", "symbol", "name"} {
		if s, ok := object[key].(string); ok {
			return s
		}
	}
	return ""
}

// sentiment takes the tone that comes with the item: behind the text, as an
// object, as three shares, as one score, or as a word.
func (r *newsReader) sentiment(n *data.News, parts newsParts) {
	text, s, unread := splitSentiment(n.Text)
	n.Text = text
	if s == nil {
		s, unread = columnSentiment(parts, unread)
	}
	switch {
	case s == nil:
	case s.Validate() != nil:
		s, unread = nil, true
	case s.Method == methodLabel:
		r.counts.labels++
	default:
		r.counts.scores++
	}
	if unread {
		r.counts.unread++
	}
	n.Sentiment = s
}

// methodColumns is the method of scores that came in fields of their own.
const methodColumns = "source"

// columnSentiment reads the fields of sentiment. unread says so far whether
// something about the tone could not be read.
func columnSentiment(parts newsParts, unread bool) (*data.Sentiment, bool) {
	label := ""
	for _, v := range parts[newsSentiment] {
		switch v := v.(type) {
		case map[string]any:
			if s, ok := objectSentiment(v); ok {
				return s, unread
			}
			unread = true
		case string:
			if label == "" {
				label = strings.TrimSpace(v)
			}
		}
	}
	score, hasScore, bad := scoreOf(parts[newsScore], -1)
	unread = unread || bad
	positive, hasPositive, bad := scoreOf(parts[newsPositive], 0)
	neutral, hasNeutral, badNeutral := scoreOf(parts[newsNeutral], 0)
	negative, hasNegative, badNegative := scoreOf(parts[newsNegative], 0)
	unread = unread || bad || badNeutral || badNegative
	switch {
	case hasPositive && hasNeutral && hasNegative:
		if !hasScore {
			score = positive - negative
		}
		return &data.Sentiment{Positive: positive, Neutral: neutral, Negative: negative, Compound: score, Method: methodColumns}, unread
	case hasScore:
		return scoreSentiment(score), unread
	case label != "":
		if _, s := splitLabel("(sentiment:" + plainLabel(label) + ")"); s != nil {
			return s, unread
		}
	}
	return nil, unread
}

// plainLabel is a label without the words by which vendors shade it.
func plainLabel(label string) string {
	switch label = strings.ToLower(label); label {
	case "bullish", "somewhat-bullish", "somewhat_bullish", "pos":
		return "positive"
	case "bearish", "somewhat-bearish", "somewhat_bearish", "neg":
		return "negative"
	case "neu":
		return "neutral"
	}
	return label
}

// scoreSentiment is the sentiment of one score: what is neither good nor bad of
// it is neutral.
func scoreSentiment(score float64) *data.Sentiment {
	return &data.Sentiment{
		Positive: max(score, 0),
		Neutral:  1 - math.Abs(score),
		Negative: max(-score, 0),
		Compound: score,
		Method:   methodColumns,
	}
}

// scoreOf is the first value as a number from low to 1. bad is set where there is
// one that is none.
func scoreOf(values []any, low float64) (x float64, ok, bad bool) {
	text := firstText(values)
	if text == "" {
		return 0, false, false
	}
	if strings.Trim(text, "0123456789.eE+-") == "" { // which keeps out "NaN" and hexadecimal numbers
		if x, err := strconv.ParseFloat(text, 64); err == nil && x >= low && x <= 1 {
			return x, true, false
		}
	}
	return 0, false, true
}

// objectSentiment reads a sentiment as a dataset writes it.
func objectSentiment(object map[string]any) (*data.Sentiment, bool) {
	text, err := json.Marshal(object)
	if err != nil {
		return nil, false
	}
	var s data.Sentiment
	if json.Unmarshal(text, &s) != nil || s.Method == "" || s.Validate() != nil {
		return nil, false
	}
	return &s, true
}
