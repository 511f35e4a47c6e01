package importer_test

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"finmem/data/importer"
)

// writeNewsFile writes a file of made-up news in the shape of Alpaca's, in no
// order of time; every twentieth item repeats the one before in capitals.
func writeNewsFile(tb testing.TB, path string, items int) {
	tb.Helper()
	words := strings.Fields("shares rose fell after the company reported revenue earnings guidance analysts upgrade price target demand margin growth profit loss deal recall launch record forecast beat miss")
	r := rand.New(rand.NewPCG(1, 2))
	f, err := os.Create(path)
	if err != nil {
		tb.Fatal(err)
	}
	defer f.Close()
	w := bufio.NewWriter(f)
	text := func(n int) string {
		out := make([]string, n)
		for i := range out {
			out[i] = words[r.IntN(len(words))]
		}
		return strings.Join(out, " ")
	}
	first := time.Date(2021, 1, 1, 0, 0, 1, 0, time.UTC)
	var at time.Time
	var title, body string
	for i := range items {
		if i%20 != 19 {
			at, title, body = first.Add(time.Duration(r.IntN(3*365*24*3600))*time.Second), fmt.Sprintf("%s %d", text(9), i), text(80)
		} else {
			title = strings.ToUpper(title)
		}
		fmt.Fprintf(w, "{\"id\":%d,\"created_at\":%q,\"headline\":%q,\"content\":\"<p>%s</p>\",\"source\":\"wire\",\"url\":\"https://example.com/%d\",\"symbols\":[\"AAA\",\"BB.B\"]}\n",
			i, at.Format(time.RFC3339), title, body, i)
	}
	if err := w.Flush(); err != nil {
		tb.Fatal(err)
	}
}

func BenchmarkImportNews(b *testing.B) {
	const items = 20_000
	path := filepath.Join(b.TempDir(), "news.jsonl")
	writeNewsFile(b, path, items)
	info, err := os.Stat(path)
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(info.Size())
	b.ReportAllocs()
	for b.Loop() {
		report, err := importer.ImportNews(b.Context(), filepath.Join(b.TempDir(), "ds"), []string{path}, importer.NewsOptions{Symbols: []string{"AAA"}, Memory: 4 << 20})
		if err != nil || report.Used != items {
			b.Fatal(report.Used, err)
		}
	}
	b.ReportMetric(float64(items*b.N)/b.Elapsed().Seconds(), "items/s")
}
