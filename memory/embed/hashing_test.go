package embed_test

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"finmem/internal/shared"
	"finmem/memory/embed"
)

func embedAll(t rapid.TB, texts ...string) [][]float32 {
	t.Helper()
	vectors, err := embed.NewHashing().Embed(context.Background(), texts)
	if err != nil {
		t.Fatal(err)
	}
	return vectors
}

func cosine(a, b []float32) float64 {
	var dot float64
	for i := range a {
		dot += float64(a[i]) * float64(b[i])
	}
	return dot
}

func TestIdentity(t *testing.T) {
	id := embed.NewHashing().Identity()
	if id.Name != "offline-hash-v1" || id.Dim != 512 {
		t.Errorf("identity %s", id)
	}
}

// Stored vectors outlive the program: a change of any rule needs a new name.
func TestVectorsAreTheSameAsEver(t *testing.T) {
	h := sha256.New()
	for _, v := range embedAll(t,
		"Tesla's deliveries beat estimates; shares of the company rise 4.5% to $1,234.50",
		"MODEL 3 and Model Y: 10-K of 2025, Q3, 466,140 units, 3m more than in 2024",
		"Ünïcode WÖRDS, naïve café, ΣΊΣΥΦΟΣ, 特斯拉 股价 上涨",
		"the of and",
		"🚀🚀🚀",
		strings.Repeat("word ", 1000)+"other",
	) {
		for _, x := range v {
			fmt.Fprintf(h, "%08x", math.Float32bits(x))
		}
	}
	const want = "52f10b8be683d8395a482a89def8f97bb86b9f35b2919901eb81cec3e9d6da41"
	if got := hex.EncodeToString(h.Sum(nil)); got != want {
		t.Errorf("hash of the vectors %s, want %s", got, want)
	}
}

// The hashes of "tesla", "beats" and "tesla beats" modulo 512 are 228, 130 and
// 9, all without the top bit; the weights 1, 1 and 1/2 have length 3/2.
func TestVectorByHand(t *testing.T) {
	want := make([]float32, 512)
	want[228], want[130], want[9] = 2.0/3, 2.0/3, 1.0/3
	if got := embedAll(t, "The Tesla beats")[0]; !slices.Equal(got, want) {
		for i := range got {
			if got[i] != want[i] {
				t.Errorf("dimension %d: %v, want %v", i, got[i], want[i])
			}
		}
	}
}

func TestSimilarity(t *testing.T) {
	for _, tt := range []struct {
		name     string
		a, b     string
		min, max float64
	}{
		{"case, white space and punctuation", "Tesla beats estimates!", "  tesla\nBEATS, estimates", 1 - 1e-6, 1 + 1e-6},
		{"function words", "Tesla beats estimates", "Tesla has beaten: the beats of the estimates", 0.5, 0.95},
		{"only function words", "what is it", "what is that", 0.1, 0.9},
		{"apostrophes", "Tesla's plan", "Tesla’s plan", 1 - 1e-6, 1 + 1e-6},
		{"long numbers are alike", "sold 466,140 cars", "sold 12,345.67 cars", 1 - 1e-6, 1 + 1e-6},
		{"short numbers are not", "Model 3 recall", "Model 4 recall", 0.3, 0.9},
		{"order", "Tesla sues Ford", "Ford sues Tesla", 0.5, 0.95},
		{"shared words", "Tesla opens a factory in Berlin", "Berlin factory of Tesla cuts jobs", 0.3, 0.8},
		{"nothing shared", "Tesla opens a factory in Berlin", "wheat harvest falls short", -0.2, 0.2},
		{"Chinese, word by word", "特斯拉股价上涨", "特斯拉股价下跌", 0.4, 0.95},
		{"repetition counts less and less", "loss loss loss loss profit", "loss profit", 0.5, 0.95},
	} {
		v := embedAll(t, tt.a, tt.b)
		if got := cosine(v[0], v[1]); got < tt.min || got > tt.max {
			t.Errorf("%s: similarity of %q and %q = %.3f, want %v to %v", tt.name, tt.a, tt.b, got, tt.min, tt.max)
		}
	}
}

// B41: whatever a text is, its vector has length 1, unless it is blank.
func TestB41EveryTextHasADirection(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		text := rapid.OneOf(
			rapid.String(),
			rapid.StringOfN(rapid.RuneFrom([]rune("ab ")), 0, 4, -1),
			rapid.Map(rapid.SliceOfN(rapid.Byte(), 0, 8), func(b []byte) string { return string(b) }),
		).Draw(rt, "text")
		vectors, err := embed.NewHashing().Embed(context.Background(), []string{text})
		if strings.TrimSpace(text) == "" {
			if err == nil {
				rt.Fatalf("blank %q: no error", text)
			}
			return
		}
		if err != nil {
			rt.Fatal(err)
		}
		if length := math.Sqrt(cosine(vectors[0], vectors[0])); math.Abs(length-1) > 1e-6 {
			rt.Fatalf("%q: length %v", text, length)
		}
	})
}

func TestEmbedRefuses(t *testing.T) {
	for _, blank := range []string{"", "  ", "\n\t", "\u2003"} {
		if _, err := embed.NewHashing().Embed(t.Context(), []string{"fine", blank}); err == nil || !strings.Contains(err.Error(), "text 2 of 2") {
			t.Errorf("%q: %v, want an error naming text 2 of 2", blank, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := embed.NewHashing().Embed(ctx, []string{"fine"}); err == nil {
		t.Error("cancelled: no error")
	}
	if v, err := embed.NewHashing().Embed(t.Context(), nil); err != nil || len(v) != 0 {
		t.Errorf("no texts: %v, %v", v, err)
	}
}

// Among news of four companies, the nearest ones are mostly of the same
// company, where chance would give a quarter.
func TestNeighboursOfRealNews(t *testing.T) {
	var texts, companies []string
	for _, company := range []string{"hon", "jnj", "msft", "uvv"} {
		b, err := os.ReadFile(shared.Path(t, "data", "investorbench", company+".json"))
		if err != nil {
			t.Fatal(err)
		}
		var days map[string]struct{ News []string }
		if err := json.Unmarshal(b, &days); err != nil {
			t.Fatal(err)
		}
		var all []string
		for _, d := range days {
			all = append(all, d.News...)
		}
		slices.Sort(all)
		all = slices.Compact(all)
		for i := range 60 {
			texts = append(texts, all[i*len(all)/60])
			companies = append(companies, company)
		}
	}
	vectors := embedAll(t, texts...)
	const k = 5
	same := 0
	for i := range texts {
		similarity := make([]float64, len(texts))
		var others []int
		for j := range texts {
			similarity[j] = cosine(vectors[i], vectors[j])
			if j != i {
				others = append(others, j)
			}
		}
		slices.SortStableFunc(others, func(a, b int) int { return cmp.Compare(similarity[b], similarity[a]) })
		for _, j := range others[:k] {
			if companies[j] == companies[i] {
				same++
			}
		}
	}
	share := float64(same) / float64(k*len(texts))
	t.Logf("share of the same company among the nearest %d: %.3f", k, share)
	if share < 0.55 {
		t.Errorf("share of the same company among the nearest %d = %.3f, want at least 0.55", k, share)
	}
}
