package importer

import (
	"os"
	"path/filepath"
	"testing"
)

func BenchmarkParquetRows(b *testing.B) {
	const rows = 50_000
	path := filepath.Join(b.TempDir(), "x.parquet")
	if err := os.WriteFile(path, writeParquet(b, parquetRows(rows)), 0o600); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		table, err := openParquet(path)
		if err != nil {
			b.Fatal(err)
		}
		n := 0
		err = table.read(b.Context(), []string{"title", "body", "tags", "stamp"}, func(int64, []any) error { n++; return nil })
		if err != nil || n != rows {
			b.Fatalf("%d rows, %v", n, err)
		}
		if err := table.Close(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(rows*b.N)/b.Elapsed().Seconds(), "rows/s")
}
