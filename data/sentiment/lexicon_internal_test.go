package sentiment

import (
	"strings"
	"testing"
)

func TestLexiconText(t *testing.T) {
	l, err := parseLexicon(lexiconText)
	if err != nil {
		t.Fatal(err)
	}
	positive, negative := 0, 0
	for word, weight := range l.words {
		if word != strings.ToLower(word) || strings.Trim(word, punctuation) != word {
			t.Errorf("word %q can never be found in a text", word)
		}
		if weight > 0 {
			positive++
		} else if weight < 0 {
			negative++
		}
	}
	if positive < 50 || negative < 50 {
		t.Errorf("%d good and %d bad words", positive, negative)
	}
	for _, phrases := range l.phrases {
		for i, p := range phrases {
			if p.token != strings.ToLower(p.token) {
				t.Errorf("phrase %q can never be found in a text", p.token)
			}
			if i > 0 && len(p.words) > len(phrases[i-1].words) {
				t.Errorf("phrase %q comes after a shorter one", p.token)
			}
		}
	}
}

func TestParseLexicon(t *testing.T) {
	l, err := parseLexicon("# comment\n\nbeat|beats\t2\na|b c|d e\t-1.5\nskip\tthe its\n")
	if err != nil {
		t.Fatal(err)
	}
	if l.words["beat"] != 2 || l.words["beats"] != 2 || len(l.words) != 2 || !l.skip["its"] {
		t.Errorf("words %v, skip %v", l.words, l.skip)
	}
	var tokens []string
	for _, first := range []string{"a", "b"} {
		for _, p := range l.phrases[first] {
			tokens = append(tokens, p.token)
		}
	}
	if got, want := strings.Join(tokens, " "), "a_c_e a_d_e b_c_e b_d_e"; got != want {
		t.Errorf("phrases %q, want %q", got, want)
	}
}

func TestParseLexiconErrors(t *testing.T) {
	tests := []struct{ text, want string }{
		{"beats 2", `lexicon line 1: "beats 2" has no tab`},
		{"a\t1\nb\tx", `lexicon line 2: weight "x" of "b"`},
		{"a\t4.5", `weight "4.5" of "a": want a number from -4 to 4`},
		{"a\tNaN", `weight "NaN"`},
		{"a\t1\na\t2", `"a" stands twice`},
		{"a b\t1\na b\t2", `"a b" stands twice`},
		{"\t1", "a weight without a term"},
	}
	for _, tt := range tests {
		if _, err := parseLexicon(tt.text); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("parseLexicon(%q): error %v, want %q", tt.text, err, tt.want)
		}
	}
}
