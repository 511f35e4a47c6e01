package fetch_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"finmem/data"
	"finmem/data/fetch"
	"finmem/data/fetch/fetchtest"
	"finmem/data/fetch/yahoo"
)

// A fetch that is interrupted stores nothing, and the next one asks only for what
// was not answered yet.
func TestAnInterruptedFetchGoesOn(t *testing.T) {
	s := fetchtest.Serve(t, func(w http.ResponseWriter, r *http.Request) {
		symbol := r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:]
		open := data.NYSE().Open("2024-03-08").Unix()
		fmt.Fprintf(w, `{"chart":{"result":[{"meta":{"symbol":%q,"currency":"USD","exchangeTimezoneName":"America/New_York"},"timestamp":[%d],
			"indicators":{"quote":[{"open":[1],"high":[1],"low":[1],"close":[1],"volume":[1]}],"adjclose":[{"adjclose":[1]}]}}]}}`, symbol, open)
	})
	dir := filepath.Join(t.TempDir(), "ds")
	c := fetchtest.NewClock(t, "2024-03-20T12:00:00-04:00")
	fetchAll := func(ctx context.Context, progress func(fetch.Step)) (*fetch.Network, error) {
		n := c.Network()
		n.Cache = fetch.NewCache(filepath.Join(dir, fetch.HiddenFolder))
		_, err := fetch.Fetch(ctx, dir, []string{"AAA", "BBB", "CCC"}, fetch.Days("2024-03-08", "2024-03-08"),
			fetch.Sources{Prices: yahoo.New(n, s.URL)}, fetch.Options{Now: c.Now, Progress: progress})
		return n, err
	}
	ctx, cancel := context.WithCancel(t.Context())
	_, err := fetchAll(ctx, func(s fetch.Step) {
		if s.Symbol == "CCC" {
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) || s.Calls() != 2 || folder(t, dir) != "" {
		t.Fatalf("interrupted: %v after %d calls, left %q", err, s.Calls(), folder(t, dir))
	}
	n, err := fetchAll(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if sent, kept := n.Requests(); sent != 1 || kept != 2 {
		t.Errorf("%d requests and %d kept answers, want 1 and 2", sent, kept)
	}
	if d, err := data.ReadDataset(t.Context(), dir); err != nil || len(d.Symbols()) != 3 {
		t.Errorf("stored %v, %v", d.Symbols(), err)
	}
}

// A server that does not answer is a failure of the network after a while.
func TestAServerThatDoesNotAnswer(t *testing.T) {
	hang := make(chan struct{})
	s := fetchtest.Serve(t, func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-hang:
		case <-r.Context().Done():
		}
	})
	defer close(hang)
	n := fetchtest.NewClock(t, monday).Network()
	n.Timeout, n.Tries = 20*time.Millisecond, 2
	_, err := n.Client(fetch.Vendor{Name: "test"}).Get(t.Context(), fetch.Request{URL: s.URL})
	if fetch.KindOf(err) != fetch.NetworkFailed || s.Calls() != 2 {
		t.Errorf("Get = %v after %d calls", err, s.Calls())
	}
}
