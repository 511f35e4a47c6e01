package profile_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"finmem/profile"
)

const example = `# a trader
name = "cars"
symbol = "TSLA"
sectors = ["electric vehicles", " batteries "]
expertise = """
You know cars."""
background = '''
First line.
Second line.
'''
inclination = "risk-averse"
adaptive_window = 5
query = "profile"
`

func TestParse(t *testing.T) {
	want := profile.Profile{
		Name: "cars", Symbol: "TSLA", Sectors: []string{"electric vehicles", "batteries"},
		Expertise: "You know cars.", Background: "First line.\nSecond line.",
		Inclination: profile.RiskAverse, AdaptiveWindow: 5, Query: profile.QueryProfile,
	}
	for name, src := range map[string]string{
		"as written":             example,
		"line breaks of Windows": strings.ReplaceAll(example, "\n", "\r\n"),
		"byte-order mark":        "\ufeff" + example,
	} {
		got, err := profile.Parse("cars.toml", strings.NewReader(src))
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: Parse = %+v, %v, want %+v", name, got, err, want)
		}
	}
}

func TestParseDefaults(t *testing.T) {
	got, err := profile.Parse("p.toml", strings.NewReader("name = \"n\"\nexpertise = \"e\"\n"))
	want := profile.Profile{Name: "n", Expertise: "e", Inclination: profile.SelfAdaptive, AdaptiveWindow: 3, Query: profile.QuerySituation}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("Parse = %+v, %v, want %+v", got, err, want)
	}
}

func TestParseRefuses(t *testing.T) {
	const rest = "name = \"n\"\nexpertise = \"e\"\n"
	for _, tt := range []struct{ src, want string }{
		{rest + "inclinaton = \"neutral\"\n", `p.toml line 3: unknown key "inclinaton"; did you mean "inclination"?`},
		{rest + "Symbol = \"TSLA\"\n", `p.toml line 3: unknown key "Symbol"; did you mean "symbol"?`},
		{rest + "leverage = 2\n", `p.toml line 3: unknown key "leverage"; a profile has name, symbol, sectors, expertise, background, inclination, adaptive_window, query`},
		{rest + "[risk]\nlevel = 2\n", `p.toml line 3: unknown key "risk"`},
		{rest + "\ninclination = \"bold\"\n", `p.toml line 4: inclination "bold": want "risk-seeking", "risk-averse", "self-adaptive" or "neutral"`},
		{rest + "inclination = \"\"\n", `p.toml line 3: inclination ""`},
		{rest + "query = \"news\"\n", `p.toml line 3: query "news": want "situation" or "profile"`},
		{rest + "adaptive_window = 0\n", `p.toml line 3: adaptive_window 0: want a number of sessions, 1 or more`},
		{rest + "adaptive_window = -3\n", `p.toml line 3: adaptive_window -3`},
		{rest + "adaptive_window = 9223372036854775807\n", `p.toml line 3: adaptive_window 9223372036854775807: want at most 10000 sessions`},
		{rest + "adaptive_window = \"3\"\n", `p.toml line 3: adaptive_window: want a number of sessions without quotes, not text`},
		{rest + "adaptive_window = 2.5\n", `p.toml line 3: adaptive_window: want a number of sessions without quotes, not a number with a fraction`},
		{rest + "sectors = \"cars\"\n", `p.toml line 3: sectors: want a list such as ["software", "retail"], not text`},
		{rest + "sectors = [\"cars\", 3]\n", `p.toml line 3: sectors: entry 2 is a number; want text in quotes`},
		{rest + "sectors = [\"\"]\n", `p.toml line 3: sectors: entry 1 is blank`},
		{rest + "symbol = \"tsla\"\n", `p.toml line 3: symbol "tsla": write it in capitals, TSLA`},
		{rest + "symbol = \"\"\n", `p.toml line 3: symbol is missing`},
		{rest + "background = true\n", `p.toml line 3: background: want text in quotes, not true or false`},
		{rest + "background = 2022-10-06\n", `p.toml line 3: background: want text in quotes, not a date or time`},
		{rest + "background = [\"a\"]\n", `p.toml line 3: background: want text in quotes, not a list`},
		{"name.first = \"n\"\nexpertise = \"e\"\n", `p.toml: name: want text in quotes, not a table`},
		{"name = \"n\"\n", `p.toml: profile "n": expertise is missing`},
		{"expertise = \"e\"\n", `p.toml: profile "": name is missing`},
		{"name = \" \"\nexpertise = \"e\"\n", `p.toml line 1: name is missing`},
		{rest + "background = \"\\u001b[31m\"\n", `background holds the control or invisible character U+001B`},
		{rest + "name = \"twice\"\n", `p.toml line 3: `},
		{rest + "query =\n", `p.toml line 3: `},
		{"name = \"\xff\"\n", `p.toml line 1: `},
		{"", `p.toml: profile "": name is missing`},
	} {
		_, err := profile.Parse("p.toml", strings.NewReader(tt.src))
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("Parse(%q): error\n %v\nwant\n %s", tt.src, err, tt.want)
		}
	}
}

func TestLoad(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cars.toml")
	if err := os.WriteFile(path, []byte(example), 0o600); err != nil {
		t.Fatal(err)
	}
	if p, err := profile.Load(path); err != nil || p.Name != "cars" {
		t.Errorf("Load = %+v, %v", p, err)
	}
	missing := filepath.Join(t.TempDir(), "none.toml")
	if _, err := profile.Load(missing); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), missing) {
		t.Errorf("Load of a missing file: %v", err)
	}
}

// What is written is read back the same, and the same profile gives the same bytes.
func TestWriteTOMLRoundTrips(t *testing.T) {
	line := rapid.StringOf(rapid.RuneFrom([]rune("abc \"'\\#=[]\té漢\U0001F600.,")))
	text := rapid.Custom(func(t *rapid.T) string {
		return strings.TrimSpace(strings.Join(rapid.SliceOfN(line, 1, 4).Draw(t, "lines"), "\n"))
	})
	oneLine := rapid.Custom(func(t *rapid.T) string { return strings.TrimSpace(line.Draw(t, "line")) })
	filled := func(s string) bool { return s != "" }
	rapid.Check(t, func(t *rapid.T) {
		want := profile.Profile{
			Name:           oneLine.Filter(filled).Draw(t, "name"),
			Symbol:         rapid.SampledFrom([]string{"", "TSLA", "BRK.B", "BTC-USD"}).Draw(t, "symbol"),
			Sectors:        rapid.SliceOf(oneLine.Filter(filled)).Draw(t, "sectors"),
			Expertise:      text.Filter(filled).Draw(t, "expertise"),
			Background:     text.Draw(t, "background"),
			Inclination:    rapid.SampledFrom([]profile.Inclination{profile.RiskSeeking, profile.RiskAverse, profile.SelfAdaptive, profile.Neutral}).Draw(t, "inclination"),
			AdaptiveWindow: rapid.IntRange(1, 10_000).Draw(t, "window"),
			Query:          rapid.SampledFrom([]profile.Query{profile.QuerySituation, profile.QueryProfile}).Draw(t, "query"),
		}
		if len(want.Sectors) == 0 {
			want.Sectors = nil
		}
		var first, second bytes.Buffer
		if err := want.WriteTOML(&first); err != nil {
			t.Fatal(err)
		}
		got, err := profile.Parse("written", bytes.NewReader(first.Bytes()))
		if err != nil {
			t.Fatalf("%v in\n%s", err, first.String())
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("read back %+v, want %+v, from\n%s", got, want, first.String())
		}
		if err := got.WriteTOML(&second); err != nil || !bytes.Equal(first.Bytes(), second.Bytes()) {
			t.Fatalf("written again: %v\n%s\nwant\n%s", err, second.String(), first.String())
		}
	})
}

func TestWriteTOMLRefusesAnInvalidProfile(t *testing.T) {
	var b bytes.Buffer
	if err := (profile.Profile{Name: "n"}).WriteTOML(&b); err == nil || b.Len() > 0 {
		t.Errorf("error %v and %d bytes, want an error and nothing written", err, b.Len())
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{example, "", "name.x = 1", "[[name]]\n", "sectors = [[1]]", "adaptive_window = 1e9", "\"\" = 1", "a.b.c = {}"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		p, err := profile.Parse("fuzz", bytes.NewReader(src))
		if err != nil {
			return
		}
		var b bytes.Buffer
		if err := p.WriteTOML(&b); err != nil {
			t.Fatalf("parsed but cannot be written: %v", err)
		}
		again, err := profile.Parse("again", &b)
		if err != nil || !reflect.DeepEqual(again, p) {
			t.Errorf("read back %+v, %v, want %+v", again, err, p)
		}
	})
}
