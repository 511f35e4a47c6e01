package importer

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"

	"finmem/internal/shared"
)

// parquetRow has a column of each kind that files of news and filings use.
type parquetRow struct {
	Title  string    `parquet:"title"`
	Body   *string   `parquet:"body,optional,zstd"`
	Tags   []string  `parquet:"tags,list"`
	Stamp  time.Time `parquet:"stamp,timestamp(millisecond)"`
	Local  int64     `parquet:"local,timestamp(microsecond:local)"`
	Date   int32     `parquet:"date,date"`
	Count  int32     `parquet:"count"`
	Score  float64   `parquet:"score"`
	Flag   bool      `parquet:"flag"`
	Source struct {
		Name string `parquet:"name"`
	} `parquet:"source"`
}

func parquetRows(n int) []parquetRow {
	rows := make([]parquetRow, n)
	for i := range rows {
		r := &rows[i]
		body := strings.Repeat("word ", i%7)
		if i%3 != 0 {
			r.Body = &body
		}
		r.Title, r.Tags = "title", slices.Repeat([]string{"TSLA", "MSFT"}, i%3)
		r.Stamp = time.UnixMilli(1_700_000_000_123 + int64(i)).UTC()
		r.Local, r.Date, r.Count, r.Score, r.Flag = 1_776_908_580_000_000, 19_000, int32(i), 0.5, i%2 == 0
		r.Source.Name = "wire"
	}
	return rows
}

func writeParquet(t testing.TB, rows []parquetRow, options ...parquet.WriterOption) []byte {
	t.Helper()
	var out bytes.Buffer
	w := parquet.NewGenericWriter[parquetRow](&out, options...)
	if _, err := w.Write(rows); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// readParquetBytes reads all rows of the columns.
func readParquetBytes(t testing.TB, content []byte, columns ...string) ([][]any, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "x.parquet")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	table, err := openParquet(path)
	if err != nil {
		return nil, err
	}
	defer table.Close()
	if columns == nil {
		columns = table.columns()
	}
	var rows [][]any
	err = table.read(t.Context(), columns, func(n int64, values []any) error {
		if n != int64(len(rows))+1 {
			t.Errorf("row %d follows row %d", n, len(rows))
		}
		rows = append(rows, slices.Clone(values))
		return nil
	})
	return rows, err
}

func TestParquetRows(t *testing.T) {
	in := parquetRows(1000)
	for name, options := range map[string][]parquet.WriterOption{
		"one row group":     nil,
		"many row groups":   {parquet.MaxRowsPerRowGroup(70)},
		"small pages":       {parquet.PageBufferSize(256), parquet.DataPageVersion(1)},
		"gzip":              {parquet.Compression(&parquet.Gzip)},
		"Snappy, version 1": {parquet.Compression(&parquet.Snappy), parquet.DataPageVersion(1)},
		"zstd, version 2":   {parquet.Compression(&parquet.Zstd), parquet.DataPageVersion(2)},
	} {
		t.Run(name, func(t *testing.T) {
			rows, err := readParquetBytes(t, writeParquet(t, in, options...),
				"flag", "tags", "body", "not there", "stamp", "local", "date", "count", "score", "title", "source.name")
			if err != nil {
				t.Fatal(err)
			}
			if len(rows) != len(in) {
				t.Fatalf("%d rows, want %d", len(rows), len(in))
			}
			for i, got := range rows {
				tags := []any{}
				for _, tag := range in[i].Tags {
					tags = append(tags, tag)
				}
				var body any
				if in[i].Body != nil {
					body = *in[i].Body
				}
				want := []any{
					in[i].Flag, tags, body, nil, parquetTime{in[i].Stamp, instantStamp},
					parquetTime{time.Date(2026, 4, 23, 1, 43, 0, 0, time.UTC), localStamp},
					parquetTime{time.Date(2022, 1, 8, 0, 0, 0, 0, time.UTC), dateStamp},
					int64(i), 0.5, "title", "wire",
				}
				if !reflect.DeepEqual(got, want) {
					t.Fatalf("row %d\n got %v\nwant %v", i+1, got, want)
				}
			}
		})
	}
}

func TestParquetStopsWhereTold(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.parquet")
	if err := os.WriteFile(path, writeParquet(t, parquetRows(10)), 0o600); err != nil {
		t.Fatal(err)
	}
	table, err := openParquet(path)
	if err != nil {
		t.Fatal(err)
	}
	defer table.Close()
	stop := errors.New("stop")
	seen := 0
	if err := table.read(t.Context(), []string{"title"}, func(int64, []any) error { seen++; return stop }); !errors.Is(err, stop) || seen != 1 {
		t.Errorf("read = %v after %d rows, want %v after 1", err, seen, stop)
	}
}

// A page that gives more than it says, and codecs whose decoder has no bounds.
func TestParquetUnpacksNoMoreThanSaid(t *testing.T) {
	zeros := make([]byte, 1<<20)
	var gzipped bytes.Buffer
	z := gzip.NewWriter(&gzipped)
	if _, err := z.Write(zeros); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	encoder, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name  string
		codec format.CompressionCodec
		data  []byte
		size  int64
		want  string // of the error, "" for none
	}{
		{"gzip", format.Gzip, gzipped.Bytes(), 1 << 20, ""},
		{"gzip of more", format.Gzip, gzipped.Bytes(), 1<<20 - 1, "more than the 1048575 bytes"},
		{"zstd", format.Zstd, encoder.EncodeAll(zeros, nil), 1 << 20, ""},
		{"zstd of more", format.Zstd, encoder.EncodeAll(zeros, nil), 1000, "more than the 1000 bytes"},
		{"zstd, twice", format.Zstd, encoder.EncodeAll(zeros, encoder.EncodeAll(zeros, nil)), 1 << 20, "more than"},
		{"Snappy that says more", format.Snappy, []byte{0xff, 0xff, 0xff, 0xff, 0x07}, 1 << 20, "bytes of Snappy"},
		{"Snappy without a length", format.Snappy, []byte{0xff}, 1 << 20, "Snappy"},
		{"no gzip", format.Gzip, []byte("x"), 1, "damaged"},
		{"no zstd", format.Zstd, []byte("x"), 1, "damaged"},
		{"LZ4", format.Lz4Raw, []byte("x"), 1, "write it with zstd, Snappy or gzip"},
		{"Brotli", format.Brotli, []byte("x"), 1, "write it with zstd, Snappy or gzip"},
		{"none", format.Uncompressed, []byte("x"), 1, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err := checkUnpacked(io.NewSectionReader(bytes.NewReader(tt.data), 0, int64(len(tt.data))), tt.codec, tt.size)
			if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %q", err, tt.want)
			}
		})
	}
}

// One long text to which a list refers very often is small in the file.
func TestParquetBoundsLists(t *testing.T) {
	long := strings.Repeat("a", 1<<20)
	var out bytes.Buffer
	type row struct {
		Tags []string `parquet:"tags,list,dict"`
	}
	w := parquet.NewGenericWriter[row](&out)
	if _, err := w.Write([]row{{Tags: slices.Repeat([]string{long}, 100)}}); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := readParquetBytes(t, out.Bytes()); err == nil || !strings.Contains(err.Error(), "a list of more than 64 MiB") {
		t.Errorf("error %v, want one about the list (%d bytes)", err, out.Len())
	}
}

func TestParquetRefuses(t *testing.T) {
	good := writeParquet(t, parquetRows(100))
	n := len(good)
	damage := func(change func(b []byte) []byte) []byte { return change(bytes.Clone(good)) }
	for _, tt := range []struct {
		name    string
		content []byte
		want    string
	}{
		{"empty", nil, "no Parquet file"},
		{"another format", []byte(`{"content": "text", "date": "2024-01-01"}`), "does not begin with PAR1"},
		{"cut", good[:n-100], "does not end with PAR1"},
		{"encrypted", damage(func(b []byte) []byte { copy(b[n-4:], "PARE"); return b }), "encrypted"},
		{"description longer than the file", damage(func(b []byte) []byte {
			binary.LittleEndian.PutUint32(b[n-8:], 1<<31)
			return b
		}), "damaged"},
		{"list that claims more than there is", append(append([]byte("PAR1"), 0x29, 0xfc, 0xff, 0xff, 0xff, 0xff, 0x07), "\x07\x00\x00\x00PAR1"...), "damaged"},
		{"pages of zeros", damage(func(b []byte) []byte {
			clear(b[4 : n/2])
			return b
		}), "x.parquet"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := readParquetBytes(t, tt.content)
			if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), "x.parquet") {
				t.Errorf("error %v, want one with %q and the file", err, tt.want)
			}
		})
	}
}

// The counts of the README of the shared data.
func TestParquetOfRealFiles(t *testing.T) {
	for file, want := range map[string]int{
		"data/filings/mdna_10k_10q_2024_2026_five_tickers.parquet":      31,
		"data/filings/summaries_10k_10q_2024_2026_five_tickers.parquet": 31,
		"data/news/alpaca_news_NFLX_2025_2026.parquet":                  1341,
	} {
		table, err := openParquet(shared.Path(t, file))
		if err != nil {
			t.Fatal(err)
		}
		defer table.Close()
		n := 0
		if err := table.read(t.Context(), table.columns(), func(_ int64, values []any) error { n++; return nil }); err != nil {
			t.Fatal(err)
		}
		if n != want || table.rows() != int64(want) {
			t.Errorf("%s: %d rows read, %d said, want %d", file, n, table.rows(), want)
		}
	}
}

func FuzzParquet(f *testing.F) {
	f.Add(writeParquet(f, parquetRows(3)))
	f.Add(writeParquet(f, parquetRows(20), parquet.MaxRowsPerRowGroup(7), parquet.DataPageVersion(1)))
	f.Add([]byte("PAR1\x15\x00\x00\x01\x00\x00\x00PAR1"))
	f.Fuzz(func(t *testing.T, content []byte) {
		if _, err := readParquetBytes(t, content); err != nil && !strings.Contains(err.Error(), "x.parquet") {
			t.Errorf("error without the file: %v", err)
		}
	})
}
