package watch_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"finmem/paper"
	"finmem/paper/watch"
)

var now = time.Date(2024, 11, 27, 21, 5, 0, 0, time.UTC)

func TestLog(t *testing.T) {
	var out bytes.Buffer
	l := watch.Log(slog.New(slog.NewTextHandler(&out, nil)))
	e := decision("buy: \x1b[31mrising\nsales")
	e.Fields["equity"] = "10000.00"
	l.Observe(e)
	l.Observe(paper.Event{Kind: paper.Halted, Text: "by hand"})
	l.Observe(paper.Event{Kind: paper.Breach, Symbol: "TSLA", Text: strings.Repeat("x", 1000)})
	want := `time=2024-11-27T21:05:00.000Z level=INFO msg="buy: [31mrising sales" event=decision session=2024-11-27 symbol=TSLA action=buy equity=10000.00
level=ERROR msg="by hand" event=halt
level=WARN msg=` + strings.Repeat("x", 399) + `… event=breach symbol=TSLA
`
	if got := out.String(); got != want {
		t.Errorf("log\n%swant\n%s", got, want)
	}
}

// B87: no line holds a secret, wherever it stood and in whichever form.
func TestMasked(t *testing.T) {
	const secret = `SENTINEL/KEY"1+2`
	for name, handler := range map[string]func(io.Writer) slog.Handler{
		"text": func(w io.Writer) slog.Handler { return slog.NewTextHandler(w, nil) },
		"JSON": func(w io.Writer) slog.Handler { return slog.NewJSONHandler(w, nil) },
	} {
		var out bytes.Buffer
		log := slog.New(watch.Masked(handler(&out), secret, "none", ""))
		err := fmt.Errorf("calling https://example.com/SENTINEL%%2FKEY%%221%%2B2: %w", errors.New(`key "SENTINEL/KEY\"1+2" is wrong`))
		log.With("key", secret).WithGroup("g").Error("failed with "+secret, "error", err, secret, 1,
			slog.Group("inner", "key", []string{secret}), "valuer", valuer(secret), "number", 7, "word", "none")
		watch.Log(log).Observe(paper.Event{Kind: paper.Trouble, Text: secret, Fields: map[string]string{"x": secret}})
		got := out.String()
		if strings.Contains(got, "SENTINEL") {
			t.Errorf("%s: %s", name, got)
		}
		if strings.Count(got, "[secret]") != 9 || !strings.Contains(got, "none") || !strings.Contains(got, "7") {
			t.Errorf("%s: %d secrets hidden in %s", name, strings.Count(got, "[secret]"), got)
		}
	}
}

type valuer string

func (v valuer) LogValue() slog.Value { return slog.StringValue(string(v)) }

func TestAll(t *testing.T) {
	var got []string
	note := func(name string) paper.Observer {
		return observer(func(e paper.Event) { got = append(got, name+" "+e.Text) })
	}
	watch.All(note("a"), note("b")).Observe(paper.Event{Text: "x"})
	if strings.Join(got, ", ") != "a x, b x" {
		t.Errorf("told %q", got)
	}
}

type observer func(paper.Event)

func (o observer) Observe(e paper.Event) { o(e) }

func healthy() paper.Health {
	return paper.Health{Beat: now.Add(-10 * time.Second), Ready: true, Doing: "waiting", Next: "2024-11-29", NextTime: now.Add(45 * time.Hour), Last: "2024-11-27", Orders: 2, ErrorDays: 1}
}

func TestHealthEndpoints(t *testing.T) {
	for _, tt := range []struct {
		name    string
		change  func(*paper.Health)
		alive   bool
		reasons string // of not being ready
	}{
		{"well", func(*paper.Health) {}, true, ""},
		{"silent while it waits", func(h *paper.Health) { h.Beat = now.Add(-6 * time.Minute) }, false, "no beat for 6m0s"},
		{"working", func(h *paper.Health) {
			h.Beat, h.Doing = now.Add(-time.Hour), "session 2024-11-27: deciding"
		}, true, ""},
		{"silent at work", func(h *paper.Health) {
			h.Beat, h.Doing = now.Add(-3*time.Hour), "session 2024-11-27: deciding"
		}, false, "no beat for 3h0m0s"},
		{"starting", func(h *paper.Health) { h.Ready = false }, true, "not reconciled with the broker"},
		{"halted", func(h *paper.Health) { h.Halted = "by\x1b hand" }, true, "halted: by hand"},
		{"a decision that is late but not too late", func(h *paper.Health) { h.NextTime = now.Add(-30 * time.Minute) }, true, ""},
		{"overdue", func(h *paper.Health) { h.NextTime = now.Add(-31 * time.Minute) }, true, "the decision of session 2024-11-29 was due at 2024-11-27T20:34:00Z"},
	} {
		h := healthy()
		tt.change(&h)
		handler := watch.Handler(watch.Checks{Health: func() (paper.Health, error) { return h, nil }, Now: func() time.Time { return now }, Tolerance: 30 * time.Minute}, nil)
		for path, ok := range map[string]bool{"/healthz": tt.alive, "/readyz": tt.reasons == ""} {
			w := get(handler, path)
			var a struct {
				OK      bool
				Reasons []string
				Health  paper.Health
			}
			if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil {
				t.Fatal(err)
			}
			if (w.Code == 200) != ok || (w.Code == 503) == ok || a.OK != ok || a.Health.Last != h.Last {
				t.Errorf("%s: %s is %d %s", tt.name, path, w.Code, w.Body)
			}
			if got := strings.Join(a.Reasons, "; "); path == "/readyz" && got != tt.reasons {
				t.Errorf("%s: reasons %q, want %q", tt.name, got, tt.reasons)
			}
		}
	}
	broken := watch.Handler(watch.Checks{Health: func() (paper.Health, error) { return paper.Health{}, errors.New("damaged") }, Now: func() time.Time { return now }}, nil)
	for _, path := range []string{"/healthz", "/readyz"} {
		if w := get(broken, path); w.Code != 503 || !strings.Contains(w.Body.String(), "damaged") {
			t.Errorf("%s is %d %s", path, w.Code, w.Body)
		}
	}
	if w := get(broken, "/metrics"); w.Code != 404 {
		t.Errorf("/metrics is %d without metrics", w.Code)
	}
}

func get(h http.Handler, path string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
	return w
}

func TestMetrics(t *testing.T) {
	usd := 0.25
	usage := func() watch.Usage { return watch.Usage{InputTokens: 1200, OutputTokens: 34, USD: &usd} }
	var err error
	m := watch.NewMetrics(func() (paper.Health, error) { return healthy(), err }, usage)
	tell := func(kind paper.Kind, text string, fields ...string) {
		e := paper.Event{Kind: kind, Symbol: "TSLA", Text: text, Fields: map[string]string{}}
		for i := 0; i < len(fields); i += 2 {
			e.Fields[fields[i]] = fields[i+1]
		}
		m.Observe(e)
	}
	tell(paper.Decided, "", "action", "buy")
	tell(paper.Decided, "", "action", "buy")
	tell(paper.Decided, "", "action", "hold")
	tell(paper.ErrorDay, "")
	tell(paper.Missed, "")
	tell(paper.Sent, "", "side", "buy", "order", "a")
	tell(paper.Fill, "", "side", "buy", "shares", "10", "price", "101.5")
	tell(paper.Fill, "", "side", "sell", "shares", "n/a", "price", "1")
	tell(paper.NotFilled, "rejected: (403) insufficient buying power", "order", "b")
	tell(paper.NotFilled, "rejected: (403) insufficient buying power", "order", "b") // told again when it is settled
	tell(paper.NotFilled, "not sent: halted", "order", "c")
	tell(paper.NotFilled, "0 of 5 shares filled: expired", "order", "d")
	tell(paper.Breach, "", "limit", "daily-loss")
	tell(paper.Corrected, "")
	tell(paper.Trouble, "")
	tell(paper.Finished, "", "equity", "10123.45", "cash", "9108.45", "shares", "10")
	text := get(m.Handler(), "/metrics").Body.String()
	for _, want := range []string{
		`finmem_decisions_total{action="buy",symbol="TSLA"} 2`, `finmem_decisions_total{action="hold",symbol="TSLA"} 1`,
		`finmem_error_days_total{symbol="TSLA"} 1`, `finmem_missed_sessions_total 1`, `finmem_orders_total{side="buy",symbol="TSLA"} 1`,
		`finmem_fills_total{side="buy",symbol="TSLA"} 1`, `finmem_filled_shares_total{side="buy",symbol="TSLA"} 10`,
		`finmem_filled_value_total{side="buy",symbol="TSLA"} 1015`, `finmem_fills_total{side="sell",symbol="TSLA"} 1`,
		`finmem_orders_unfilled_total{reason="rejected",symbol="TSLA"} 1`, `finmem_orders_unfilled_total{reason="not sent",symbol="TSLA"} 1`,
		`finmem_orders_unfilled_total{reason="not filled",symbol="TSLA"} 1`, `finmem_breaches_total{limit="daily-loss",symbol="TSLA"} 1`,
		`finmem_corrections_total{symbol="TSLA"} 1`, `finmem_troubles_total 1`, `finmem_equity{symbol="TSLA"} 10123.45`,
		`finmem_cash{symbol="TSLA"} 9108.45`, `finmem_position_shares{symbol="TSLA"} 10`, `finmem_ready 1`, `finmem_halted 0`,
		`finmem_open_orders 2`, `finmem_error_days_in_a_row 1`, `finmem_last_beat_timestamp_seconds 1.73274149e+09`,
		`finmem_last_session_timestamp_seconds 1.7326656e+09`, `finmem_next_decision_timestamp_seconds 1.7329035e+09`,
		`finmem_model_input_tokens_total 1200`, `finmem_model_output_tokens_total 34`, `finmem_model_cost_usd_total 0.25`, `finmem_health_unreadable 0`,
	} {
		if !strings.Contains(text, "\n"+want+"\n") {
			t.Errorf("no line %s", want)
		}
	}
	if err = errors.New("damaged"); !strings.Contains(get(m.Handler(), "/metrics").Body.String(), "\nfinmem_health_unreadable 1\n") {
		t.Error("a health that cannot be read is not shown")
	}
	if t.Failed() {
		t.Log(text)
	}
}

func TestListen(t *testing.T) {
	for _, address := range []string{"0.0.0.0:9464", ":9464", "192.168.1.1:9464", "example.com:80", "[::]:1", "127.0.0.1", "", "localhost.example.com:1"} {
		if l, err := watch.Listen(address); err == nil {
			l.Close()
			t.Errorf("%q: opened", address)
		}
	}
	l, err := watch.Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		done <- watch.Serve(ctx, l, watch.Handler(watch.Checks{Health: func() (paper.Health, error) { return healthy(), nil }, Now: func() time.Time { return now }}, nil))
	}()
	resp, err := http.Get("http://" + l.Addr().String() + "/readyz")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != 200 {
		t.Errorf("status %d", resp.StatusCode)
	}
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// The table of the documentation has every metric that there is, and no other.
func TestMetricsAreDocumented(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "paper-operations.md"))
	if err != nil {
		t.Fatal(err)
	}
	documented := map[string]bool{}
	for _, found := range regexp.MustCompile("(?m)^\\| `(finmem_[a-z_]+)` \\|").FindAllStringSubmatch(string(page), -1) {
		documented[found[1]] = true
	}
	usd := 1.0
	m := watch.NewMetrics(func() (paper.Health, error) { return healthy(), nil }, func() watch.Usage { return watch.Usage{USD: &usd} })
	for _, kind := range watch.Kinds() {
		m.Observe(paper.Event{Kind: kind, Fields: map[string]string{"shares": "1", "price": "1", "equity": "1", "cash": "1"}})
	}
	text := get(m.Handler(), "/metrics").Body.String()
	for _, found := range regexp.MustCompile(`(?m)^# TYPE (\S+)`).FindAllStringSubmatch(text, -1) {
		if !documented[found[1]] {
			t.Errorf("%s is not documented", found[1])
		}
		delete(documented, found[1])
	}
	for name := range documented {
		t.Errorf("%s is documented and does not exist", name)
	}
}
