package importer_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"

	"finmem/data"
	"finmem/data/importer"
)

func TestImportNewsParquet(t *testing.T) {
	type row struct {
		ID        int64     `parquet:"id"`
		CreatedAt time.Time `parquet:"created_at,timestamp(microsecond)"`
		Headline  string    `parquet:"headline"`
		Content   string    `parquet:"content,zstd"`
		Symbols   []string  `parquet:"symbols,list"`
		Score     *float64  `parquet:"sentiment_score,optional"`
	}
	half := 0.5
	path := filepath.Join(t.TempDir(), "news.parquet")
	err := parquet.WriteFile(path, []row{
		{1, time.Date(2024, 3, 11, 14, 0, 0, 0, time.UTC), "later", "<p>Body</p>", []string{"brk-b", "KO"}, nil},
		{2, time.Date(2024, 3, 8, 14, 0, 0, 1000, time.UTC), "first", "", []string{"KO"}, &half},
		{3, time.Date(2024, 3, 8, 14, 0, 0, 0, time.UTC), "", "0", []string{"KO"}, nil},
		{4, time.Date(2024, 3, 8, 14, 0, 0, 0, time.UTC), "none", "x", nil, nil},
	})
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "ds")
	report, err := importer.ImportNews(t.Context(), dir, []string{path}, importer.NewsOptions{Symbols: []string{"KO", "BRK.B"}})
	if err != nil {
		t.Fatal(err)
	}
	ds, err := data.ReadDataset(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	ko := newsOf(t, ds, "KO")
	if len(ko) != 2 || ko[0].Title != "first" || !ko[0].Time.Equal(time.Date(2024, 3, 8, 14, 0, 0, 1000, time.UTC)) || ko[0].Sentiment == nil || ko[0].Sentiment.Compound != 0.5 || ko[1].Text != "Body" {
		t.Errorf("KO has %+v", ko)
	}
	if b := newsOf(t, ds, "BRK.B"); len(b) != 1 || b[0].Title != "later" {
		t.Errorf("BRK.B has %+v", b)
	}
	var skipped []string
	for _, s := range report.Skipped {
		skipped = append(skipped, s.String())
	}
	if want := []string{`news.parquet: row 3: no words: "0" is all there is`, "news.parquet: row 4: names no symbol"}; !slices.Equal(skipped, want) {
		t.Errorf("left out %q, want %q", skipped, want)
	}
	if f := report.Files[0]; f.Format != "parquet" || !slices.Equal(f.Unused, []string{"id"}) || f.Read != 4 {
		t.Errorf("file %+v", f)
	}

	type odd struct {
		When string `parquet:"when"`
	}
	if err := parquet.WriteFile(path, []odd{{"2024-03-08"}}); err != nil {
		t.Fatal(err)
	}
	_, err = importer.ImportNews(t.Context(), dir, []string{path}, importer.NewsOptions{Symbols: []string{"KO"}})
	if err == nil || !strings.Contains(err.Error(), `no field is known to hold the time of the news; it has "when"`) {
		t.Errorf("columns that nobody uses: %v", err)
	}
}
