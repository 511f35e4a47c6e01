package importer_test

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"finmem/data/importer"
	"finmem/internal/shared"
)

func gzipped(t testing.TB, content string) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := io.WriteString(w, content); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// zipped holds files, name and content by turns.
func zipped(t testing.TB, files ...string) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(files); i += 2 {
		w, err := z.Create(files[i])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, files[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func fileNamed(t testing.TB, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// A packed file is read as what it holds, whatever it is called.
func TestPackedFiles(t *testing.T) {
	for _, tt := range []struct{ name, content, inner, packing string }{
		{"TSLA.csv", threeBars, "TSLA.csv", ""},
		{"TSLA.csv.gz", gzipped(t, threeBars), "TSLA.csv", "gzip"},
		{"TSLA.csv", gzipped(t, threeBars), "TSLA.csv", "gzip"},
		{"prices.zip", zipped(t, "TSLA.csv", threeBars), "TSLA.csv", "zip"},
		{"prices.zip", zipped(t, "folder/", "", "folder/TSLA.csv", threeBars, "__MACOSX/folder/._TSLA.csv", "x", "folder/.DS_Store", "x"), "TSLA.csv", "zip"},
		{"prices.zip", zipped(t, "../../../etc/TSLA.csv", threeBars), "TSLA.csv", "zip"}, // B14: a name in a zip is no path
		{"prices.zip", zipped(t, `..\..\TSLA.csv`, threeBars), "TSLA.csv", "zip"},
	} {
		path := fileNamed(t, tt.name, tt.content)
		sample, err := importer.Peek(path)
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		if sample.Name != tt.inner || sample.Packing != tt.packing || string(sample.Start) != threeBars || !sample.Whole {
			t.Errorf("%s: sample %q packed with %q, %d bytes", tt.name, sample.Name, sample.Packing, len(sample.Start))
		}
		r, err := importer.Yahoo(context.Background(), path, "TSLA", importer.CSVOptions{})
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		if diff := diffBars(wantThreeBars(), r.History.Bars); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

func TestPackedFilesRefused(t *testing.T) {
	many := make([]string, 0, 2004)
	for range 1001 {
		many = append(many, "a.csv", "")
	}
	encrypted := []byte(zipped(t, "TSLA.csv", threeBars))
	// The flag of encryption, in the header of the file and in the directory.
	encrypted[6] |= 1
	encrypted[bytes.Index(encrypted, []byte("PK\x01\x02"))+8] |= 1
	for _, tt := range []struct{ name, content, says string }{
		{"several", zipped(t, "TSLA.csv", threeBars, "b/NFLX.csv", threeBars), "the zip holds 2 files (TSLA.csv, NFLX.csv); unpack it and give those to import"},
		{"none", zipped(t), "the zip holds no file"},
		{"a folder alone", zipped(t, "folder/", ""), "the zip holds no file"},
		{"too many", zipped(t, many...), "the zip holds 1001 files, more than 1000"},
		{"encrypted", string(encrypted), "TSLA.csv in the zip is encrypted"},
		{"a zip in a zip", zipped(t, "a.zip", zipped(t, "TSLA.csv", threeBars)), "a zip file in a zip file; unpack it first"},
		{"a gzip in a zip", zipped(t, "TSLA.csv.gz", gzipped(t, threeBars)), "a gzip file in a zip file"},
		{"gzip twice", gzipped(t, gzipped(t, threeBars)), "a gzip file in a gzip file"},
		{"bzip2", "BZh91AY&SY", "packed with bzip2; unpack it first"},
		{"xz", "\xfd7zXZ\x00\x00", "packed with xz"},
		{"zstd", "\x28\xb5\x2f\xfd\x04", "packed with zstd"},
		{"torn gzip", gzipped(t, threeBars)[:40], "unpack: unexpected EOF"},
		{"torn zip", zipped(t, "TSLA.csv", threeBars)[:60], "unpack: zip: not a valid zip file"},
		{"bad sum", strings.Replace(gzipped(t, threeBars), gzipped(t, threeBars)[len(gzipped(t, threeBars))-8:], "00000000", 1), "unpack: gzip: invalid checksum"},
		{"bad header", "\x1f\x8b\x00\x00", "unpack:"},
	} {
		path := fileNamed(t, "prices", tt.content)
		if _, err := importer.CSV(context.Background(), path, "TSLA", importer.CSVOptions{}); err == nil || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%s: error = %v, want it to say %q", tt.name, err, tt.says)
		}
	}
	if _, err := importer.Open(t.TempDir()); err == nil || !strings.Contains(err.Error(), "a folder; give the files in it") {
		t.Errorf("a folder: %v", err)
	}
}

// What unpacks to a multiple that no data has is refused on the way, by all that
// read files.
func TestPackedBomb(t *testing.T) {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := io.WriteString(w, threeBars); err != nil {
		t.Fatal(err)
	}
	row := strings.Repeat("2024-03-12,110,122,109,121,121,3000\n", 4096)
	for range 600 { // 86 MB of one row
		if _, err := io.WriteString(w, row); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	path := fileNamed(t, "TSLA.csv.gz", b.String())
	in, err := importer.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	const says = "unpacks to more than 200 times its size"
	n, err := io.Copy(io.Discard, in)
	if err == nil || !strings.Contains(err.Error(), says) || n > 70<<20 {
		t.Errorf("%d bytes, error = %v, want it to say %q within 70 MB", n, err, says)
	}
	if _, err := importer.Pickle(context.Background(), path, "TSLA", importer.EnvOptions{}); err == nil || !strings.Contains(err.Error(), says) {
		t.Errorf("a pickle: %v", err)
	}
	// A table of prices ends sooner, at the rows of 500 years.
	if _, err := importer.CSV(context.Background(), path, "TSLA", importer.CSVOptions{}); err == nil || !strings.Contains(err.Error(), "more than 200000 rows of TSLA") {
		t.Errorf("a table: %v", err)
	}
}

// A packed file is told by what it holds, also where that is read from its end.
func TestDetectPackedNews(t *testing.T) {
	content, err := os.ReadFile(shared.Path(t, "data", "news", "alpaca_news_NFLX_2025_2026.parquet"))
	if err != nil {
		t.Fatal(err)
	}
	for name, packed := range map[string]string{"as it is": string(content), "gzip": gzipped(t, string(content)), "zip": zipped(t, "a.parquet", string(content))} {
		sample, err := importer.Peek(fileNamed(t, "news", packed))
		if err != nil {
			t.Fatal(err)
		}
		if why := importer.DetectNews(sample); why != "parquet with a time and words in each item" {
			t.Errorf("%s: taken for %q", name, why)
		}
		if why := importer.DetectFilings(sample); why != "" {
			t.Errorf("%s: taken for filings: %s", name, why)
		}
	}
}
