package main

import (
	"bytes"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"path/filepath"
	"strings"
	"testing"

	"finmem/backtest/journal"
	"finmem/data"
)

// inProcess runs a command line and gives its exit code and what it wrote.
func inProcess(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, err bytes.Buffer
	code = run(t.Context(), args, strings.NewReader(""), &out, &err)
	return code, out.String(), err.String()
}

// plant puts another prompt into the record of a session.
func plant(t *testing.T, path string, session data.Session, change func(string) string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	const at = ` WHERE session = (SELECT number FROM session WHERE date = ?)`
	var text string
	if err := db.QueryRow(`SELECT p.text FROM decision d JOIN prompt p ON p.hash = d.prompt_hash`+at, session).Scan(&text); err != nil {
		t.Fatal(err)
	}
	text = change(text)
	sum := sha256.Sum256([]byte(text))
	hash := hex.EncodeToString(sum[:])
	if _, err := db.Exec(`INSERT INTO prompt (hash, text) VALUES (?, ?)`, hash, text); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec(`UPDATE decision SET prompt_hash = ?`+at, hash, session); err != nil {
		t.Fatal(err)
	}
}

// A record that shows what its data cannot have shown is found, with where and
// what: this one was told of the next day.
func TestAuditFindsWhatTheDataDidNotShow(t *testing.T) {
	t.Chdir(t.TempDir())
	code, _, stderr := inProcess(t, "backtest", "--symbol", "NOKELP", "--warmup-from", "2023-12-15", "--from", "2024-01-02", "--to", "2024-01-12", "--name", "r")
	if code != exitDone {
		t.Fatalf("exit code %d\n%s", code, stderr)
	}
	plant(t, filepath.Join("runs", "r", journal.FileName), "2024-01-09", func(prompt string) string {
		return strings.Replace(prompt, "Momentum over", "Tomorrow: up\nMomentum over", 1)
	})
	code, stdout, stderr := inProcess(t, "audit", "r", "--sessions", "100", "--kinds", "none")
	for _, line := range []string{
		"NOKELP, session 2024-01-09, with all after 2024-01-09 replaced: another prompt\n  recorded: Tomorrow: up\n  repeated: Momentum over",
		"NOKELP, session 2024-01-09, with all after 2024-01-11 replaced: another prompt\n",
	} {
		if !strings.Contains(stdout, line) {
			t.Errorf("the audit does not say %q:\n%s", line, stdout)
		}
	}
	if code != exitFailed || strings.Contains(stdout, "none of it rests") || !strings.Contains(stderr, "finmem: r: 3 traces of the future found") {
		t.Errorf("exit code %d, want %d\n%s\n%s", code, exitFailed, stdout, stderr)
	}

	code, stdout, stderr = inProcess(t, "audit", "r", "--sessions", "0", "--kinds", "flip")
	if code != exitFailed || stdout != "" || !strings.Contains(stderr, "asking NOKELP, session 2024-01-09 again: the recorded prompt cannot be put together again") {
		t.Errorf("exit code %d, want %d\n%s\n%s", code, exitFailed, stdout, stderr)
	}
}

// B60: a run says where its test window lies to the end of the model's training;
// of the offline analyst, which has none, it says nothing.
func TestPlanWarnsOfTraining(t *testing.T) {
	for _, tt := range []struct{ model, cutoff, want string }{
		{"openai/some-model", "2024-01-31", "the model may know the test period: 5 of 9 test sessions lie on or before the end of its training, 2024-01-31"},
		{"openai/some-model", "2023-12-31", "the test window lies after the end of the model's training, 2023-12-31"},
		{"openai/some-model", "", "the end of the model's training is unknown: the model may know the test period"},
		{"offline", "", ""},
		{"offline", "2025-12-31", ""},
	} {
		c := defaultConfig()
		c.Symbols = []string{"NOKELP"}
		c.Window = windowConfig{WarmupFrom: "2024-01-02", From: "2024-01-25", To: "2024-02-06"}
		c.Model.Name = tt.model
		if err := c.Model.TrainingCutoff.UnmarshalText([]byte(tt.cutoff)); err != nil {
			t.Fatal(err)
		}
		p, err := newPlan(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		var said []string
		for _, w := range p.warnings {
			if strings.Contains(w, "training") {
				said = append(said, w)
			}
		}
		if got := strings.Join(said, "; "); got != tt.want {
			t.Errorf("model %s with cut-off %q: %q, want %q", tt.model, tt.cutoff, got, tt.want)
		}
		if _, set := p.settings["model.training_cutoff"]; set {
			t.Error("the cut-off counts as a setting that decides results")
		}
	}
}
