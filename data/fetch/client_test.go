package fetch_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"finmem/data/fetch"
	"finmem/data/fetch/fetchtest"
)

const (
	sentinel = fetchtest.Sentinel
	monday   = "2024-03-11T11:00:00-04:00"
)

func TestGetTriesAgainOnlyWhatMayPass(t *testing.T) {
	limit := func(body []byte) error {
		if bytes.Contains(body, []byte("Note")) {
			return fetch.Errorf(fetch.RateLimited, "%s", body)
		}
		if bytes.Contains(body, []byte("invalid api key")) {
			return fetch.Errorf(fetch.KeyRefused, "%s", body)
		}
		return nil
	}
	at := fetchtest.NewClock(t, monday).Now()
	for _, c := range []struct {
		name    string
		answers []http.HandlerFunc
		kind    fetch.Kind // "" for success
		calls   int
		slept   []time.Duration
	}{
		{"success", []http.HandlerFunc{fetchtest.Status(200, "ok")}, "", 1, nil},
		{"told to wait seconds", []http.HandlerFunc{fetchtest.Status(429, "slow", "Retry-After", "7"), fetchtest.Status(200, "ok")}, "", 2, []time.Duration{7 * time.Second}},
		{
			"told to wait to a date",
			[]http.HandlerFunc{fetchtest.Status(503, "slow", "Retry-After", at.UTC().Add(30*time.Second).Format(http.TimeFormat)), fetchtest.Status(200, "ok")},
			"", 2, []time.Duration{30 * time.Second},
		},
		{"told to wait too long", []http.HandlerFunc{fetchtest.Status(429, "slow", "Retry-After", "3600")}, fetch.RateLimited, 1, nil},
		{"outage that lasts", []http.HandlerFunc{fetchtest.Status(500, "broken")}, fetch.Unavailable, 4, []time.Duration{time.Second, 2 * time.Second, 4 * time.Second}},
		{"B20: a limit as text, then data", []http.HandlerFunc{fetchtest.Status(200, `{"Note":"x"}`), fetchtest.Status(200, "ok")}, "", 2, []time.Duration{time.Second}},
		{"B20: a limit as text that lasts", []http.HandlerFunc{fetchtest.Status(200, `{"Note":"x"}`)}, fetch.RateLimited, 4, []time.Duration{time.Second, 2 * time.Second, 4 * time.Second}},
		{"B24: 401", []http.HandlerFunc{fetchtest.Status(401, "rate limit? no: bad key")}, fetch.KeyRefused, 1, nil},
		{"B24: invalid key in a 200", []http.HandlerFunc{fetchtest.Status(200, "invalid api key")}, fetch.KeyRefused, 1, nil},
		{"not found", []http.HandlerFunc{fetchtest.Status(404, "nothing")}, fetch.Refused, 1, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, clock := fetchtest.Answers(t, c.answers...), fetchtest.NewClock(t, monday)
			client := clock.Network().Client(fetch.Vendor{Name: "test"})
			a, err := client.Get(t.Context(), fetch.Request{URL: s.URL, Accept: limit})
			if fetch.KindOf(err) != c.kind || (err == nil) != (c.kind == "") {
				t.Fatalf("Get = %v, want kind %q", err, c.kind)
			}
			if err == nil && string(a.Body) != "ok" {
				t.Errorf("body %q, want ok", a.Body)
			}
			if s.Calls() != c.calls {
				t.Errorf("%d calls, want %d", s.Calls(), c.calls)
			}
			if fmt.Sprint(clock.Slept()) != fmt.Sprint(c.slept) {
				t.Errorf("slept %v, want %v", clock.Slept(), c.slept)
			}
		})
	}
}

func TestGetTriesAgainAfterACutAnswer(t *testing.T) {
	cut := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		fmt.Fprint(w, "half")
	}
	s := fetchtest.Answers(t, cut, fetchtest.Status(200, "whole"))
	a, err := fetchtest.NewClock(t, monday).Network().Client(fetch.Vendor{Name: "test"}).Get(t.Context(), fetch.Request{URL: s.URL})
	if err != nil || string(a.Body) != "whole" {
		t.Fatalf("Get = %q, %v", a.Body, err)
	}
	s = fetchtest.Answers(t, cut)
	_, err = fetchtest.NewClock(t, monday).Network().Client(fetch.Vendor{Name: "test"}).Get(t.Context(), fetch.Request{URL: s.URL})
	if fetch.KindOf(err) != fetch.Cut {
		t.Fatalf("Get = %v, want a cut answer", err)
	}
}

func TestGetUnpacksAndBoundsAnswers(t *testing.T) {
	packed := func(w http.ResponseWriter, r *http.Request) {
		if !strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
			t.Error("gzip is not offered")
		}
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		fmt.Fprint(z, strings.Repeat("a", 1000))
		_ = z.Close()
	}
	s := fetchtest.Answers(t, packed)
	n := fetchtest.NewClock(t, monday).Network()
	a, err := n.Client(fetch.Vendor{Name: "test", MaxBytes: 1000}).Get(t.Context(), fetch.Request{URL: s.URL})
	if err != nil || len(a.Body) != 1000 {
		t.Fatalf("Get = %d bytes, %v", len(a.Body), err)
	}
	_, err = n.Client(fetch.Vendor{Name: "test", MaxBytes: 999}).Get(t.Context(), fetch.Request{URL: s.URL})
	if fetch.KindOf(err) != fetch.TooLarge {
		t.Fatalf("Get = %v, want too large", err)
	}
}

func TestGetReportsANetworkWithoutTheKey(t *testing.T) {
	s := fetchtest.Answers(t, fetchtest.Status(200, "ok"))
	s.Close()
	_, err := fetchtest.NewClock(t, monday).Network().Client(fetch.Vendor{Name: "test", KeyQuery: url.Values{"apikey": {sentinel}}}).Get(t.Context(), fetch.Request{URL: s.URL})
	if fetch.KindOf(err) != fetch.NetworkFailed || strings.Contains(err.Error(), sentinel) {
		t.Fatalf("Get = %v, want a network error without the key", err)
	}
}

// B87: a server that echoes the key in what it says.
func TestKeysAreShownNowhere(t *testing.T) {
	echo := func(code int) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(code)
			fmt.Fprintf(w, `{"message": "no access with %s"}`, r.URL.Query().Get("apikey")+r.Header.Get("Authorization"))
		}
	}
	for name, v := range map[string]fetch.Vendor{
		"query":  {Name: "test", KeyQuery: url.Values{"apikey": {sentinel + "&="}}},
		"header": {Name: "test", KeyHeader: http.Header{"Authorization": {"Token " + sentinel}}},
	} {
		t.Run(name, func(t *testing.T) {
			s := fetchtest.Answers(t, echo(401), echo(200))
			n := fetchtest.NewClock(t, monday).Network()
			dir := t.TempDir()
			n.Cache = fetch.NewCache(dir)
			client := n.Client(v)
			_, err := client.Get(t.Context(), fetch.Request{URL: s.URL})
			if fetch.KindOf(err) != fetch.KeyRefused || strings.Contains(err.Error(), sentinel) {
				t.Fatalf("Get = %v, want a refused key that is not shown", err)
			}
			if !strings.Contains(err.Error(), "[key]") {
				t.Fatalf("the server did not see the key: %v", err)
			}
			if _, err := client.Get(t.Context(), fetch.Request{URL: s.URL, KeepFor: time.Hour}); err != nil {
				t.Fatal(err)
			}
			kept := 0
			err = filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
				if err != nil || d.IsDir() {
					return err
				}
				kept++
				text, err := os.ReadFile(path)
				if strings.Contains(string(text), sentinel) {
					t.Errorf("%s has the key", path)
				}
				return err
			})
			if err != nil || kept != 1 {
				t.Fatalf("%d kept answers, want 1 (%v)", kept, err)
			}
		})
	}
}

func TestRedirects(t *testing.T) {
	other := fetchtest.Answers(t, fetchtest.Status(200, "other"))
	var s *fetchtest.Server
	s = fetchtest.Answers(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/same":
			http.Redirect(w, r, "/end", http.StatusFound)
		case "/loop":
			http.Redirect(w, r, "/loop", http.StatusFound)
		case "/scheme":
			http.Redirect(w, r, strings.Replace(s.URL, "http:", "https:", 1)+"/end", http.StatusFound)
		case "/other":
			http.Redirect(w, r, other.URL, http.StatusFound)
		default:
			fmt.Fprint(w, "end")
		}
	})
	keyed := fetch.Vendor{Name: "test", KeyHeader: http.Header{"X-Key": {sentinel}}}
	for _, c := range []struct {
		path   string
		vendor fetch.Vendor
		want   string // of the body, or of the error
	}{
		{"/same", keyed, "end"},
		{"/loop", keyed, "more than 5 redirects"},
		{"/scheme", fetch.Vendor{Name: "test"}, "from http to https is not followed"},
		{"/other", keyed, "not followed with a key"},
		{"/other", fetch.Vendor{Name: "test"}, "other"},
	} {
		a, err := fetchtest.NewClock(t, monday).Network().Client(c.vendor).Get(t.Context(), fetch.Request{URL: s.URL + c.path})
		got := string(a.Body)
		if err != nil {
			got = err.Error()
		}
		if !strings.Contains(got, c.want) {
			t.Errorf("%s: got %q, want %q", c.path, got, c.want)
		}
	}
}

func TestCacheServesWhatWasCompleteAndIsNotOld(t *testing.T) {
	s := fetchtest.Answers(t, fetchtest.Status(200, "one"), fetchtest.Status(200, "two"), fetchtest.Status(200, "three"), fetchtest.Status(200, "four"))
	c := fetchtest.NewClock(t, monday)
	n := c.Network()
	dir := t.TempDir()
	n.Cache = fetch.NewCache(dir)
	client := n.Client(fetch.Vendor{Name: "test"})
	get := func(until time.Time, want string, kept bool) {
		t.Helper()
		a, err := client.Get(t.Context(), fetch.Request{URL: s.URL, KeepFor: time.Hour, Until: until})
		if err != nil || string(a.Body) != want || a.Kept != kept {
			t.Fatalf("Get = %q, kept %v, %v; want %q, kept %v", a.Body, a.Kept, err, want, kept)
		}
	}
	end := c.Now().Add(time.Minute)
	get(end, "one", false) // before the end of the range: B10, a partial answer
	get(end, "two", false) // is not served again
	sleep(t, c, time.Minute)
	get(end, "three", false)
	get(end, "three", true)
	sleep(t, c, time.Hour+1)
	if err := n.Cache.Prune(c.Now()); err != nil {
		t.Fatal(err)
	}
	if left, err := filepath.Glob(filepath.Join(dir, "*", "*")); err != nil || len(left) != 0 {
		t.Errorf("Prune left %v, %v", left, err)
	}
	get(end, "four", false)
	if sent, kept := n.Requests(); sent != 4 || kept != 1 {
		t.Errorf("Requests = %d, %d, want 4 sent and 1 kept", sent, kept)
	}
}

func sleep(t *testing.T, c *fetchtest.Clock, d time.Duration) {
	t.Helper()
	if err := c.Sleep(t.Context(), d); err != nil {
		t.Fatal(err)
	}
}

func TestACacheFileThatIsBrokenIsAskedForAgain(t *testing.T) {
	s := fetchtest.Answers(t, fetchtest.Status(200, "one"), fetchtest.Status(200, "two"))
	n := fetchtest.NewClock(t, monday).Network()
	dir := t.TempDir()
	n.Cache = fetch.NewCache(dir)
	client := n.Client(fetch.Vendor{Name: "test"})
	r := fetch.Request{URL: s.URL, KeepFor: time.Hour}
	if _, err := client.Get(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "test", "*"))
	if err != nil || len(files) != 1 {
		t.Fatalf("kept %v, %v", files, err)
	}
	if err := os.WriteFile(files[0], []byte("half a li"), 0o644); err != nil {
		t.Fatal(err)
	}
	if a, err := client.Get(t.Context(), r); err != nil || string(a.Body) != "two" {
		t.Fatalf("Get = %q, %v", a.Body, err)
	}
}

func TestOneLimiterForAllClientsOfAVendor(t *testing.T) {
	s, c := fetchtest.Answers(t, fetchtest.Status(200, "ok")), fetchtest.NewClock(t, monday)
	n := c.Network()
	v := fetch.Vendor{Name: "test", PerSecond: 2, Burst: 2}
	for range 3 {
		for _, client := range []*fetch.Client{n.Client(v), n.Client(v)} {
			if _, err := client.Get(t.Context(), fetch.Request{URL: s.URL}); err != nil {
				t.Fatal(err)
			}
		}
	}
	// Two go out at once, the other four half a second apart.
	if want := fetchtest.NewClock(t, monday).Now().Add(2 * time.Second); !c.Now().Equal(want) {
		t.Errorf("six requests took until %v, want %v (slept %v)", c.Now(), want, c.Slept())
	}
}

func TestWaitingEndsWithTheContext(t *testing.T) {
	s := fetchtest.Answers(t, fetchtest.Status(429, "slow", "Retry-After", "60"))
	ctx, cancel := context.WithCancel(t.Context())
	n := &fetch.Network{Now: time.Now, Notify: func(fetch.Notice) { cancel() }}
	_, err := n.Client(fetch.Vendor{Name: "test"}).Get(ctx, fetch.Request{URL: s.URL})
	if !errors.Is(err, context.Canceled) || s.Calls() != 1 {
		t.Fatalf("Get = %v after %d calls, want a cancelled context after 1", err, s.Calls())
	}
}

func TestJitterLengthensWaits(t *testing.T) {
	s, c := fetchtest.Answers(t, fetchtest.Status(429, "slow", "Retry-After", "8"), fetchtest.Status(200, "ok")), fetchtest.NewClock(t, monday)
	n := c.Network()
	n.Jitter = func() float64 { return 0.5 }
	if _, err := n.Client(fetch.Vendor{Name: "test"}).Get(t.Context(), fetch.Request{URL: s.URL}); err != nil {
		t.Fatal(err)
	}
	if len(c.Slept()) != 1 || c.Slept()[0] != 9*time.Second {
		t.Errorf("slept %v, want 8 s and an eighth", c.Slept())
	}
}

func TestDecodeJSON(t *testing.T) {
	for _, c := range []struct {
		body string
		kind fetch.Kind
	}{
		{`{"a": 1}`, ""},
		{"", fetch.Empty},
		{"<!DOCTYPE html><p>busy", fetch.BadFormat},
		{"<html>", fetch.BadFormat},
		{`{"a": `, fetch.Cut},
		{"Exceeded the limit", fetch.BadFormat},
		{`{"a": "x"}`, fetch.BadFormat},
		{`{"a": 1} {"a": 2}`, fetch.BadFormat},
	} {
		var v struct{ A int }
		err := fetch.DecodeJSON([]byte(c.body), &v)
		if fetch.KindOf(err) != c.kind || (err == nil) != (c.kind == "") {
			t.Errorf("DecodeJSON(%q) = %v, want kind %q", c.body, err, c.kind)
		}
	}
}
