package agent_test

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	validator "github.com/santhosh-tekuri/jsonschema/v6"

	"finmem/agent"
	"finmem/internal/shared"
)

const goodAnswer = `{"investment_decision": "buy", "summary_reason": "Deliveries rose.", "short_memory_index": [0, 2], "middle_memory_index": [], "long_memory_index": [], "reflection_memory_index": []}`

// B48: what stands around the object does not matter.
func TestParseFindsTheObject(t *testing.T) {
	tests := []struct{ name, text string }{
		{"bare", goodAnswer},
		{"prose and a fence", "Here it is:\n```json\n" + goodAnswer + "\n```"},
		{"fence in capitals", "```JSON\n" + goodAnswer + "\n```"},
		{"fence without a tag", "```\n" + goodAnswer + "\n```"},
		{"fence with an odd tag", "~~~javascript\n" + goodAnswer + "\n~~~"},
		{"trailing prose", goodAnswer + "\nLet me know!"},
		{"trailing brace", goodAnswer + "\nThat is {my view"},
		{"byte-order mark", "\uFEFF" + goodAnswer},
		{"braces in prose", "I weigh {news} and {price}: " + goodAnswer},
		{"said twice alike", goodAnswer + "\n\n" + goodAnswer},
		{"another object beside it", `{"step": "weighing"}` + goodAnswer},
		{"thought aloud", `<think>Perhaps {"investment_decision": "sell"}? No.</think>` + goodAnswer},
		{"line breaks in a string", strings.Replace(goodAnswer, "Deliveries ", "Deliveries\n", 1)},
		{"in a list", "[" + goodAnswer + "]"},
		{"field names in capitals", strings.ReplaceAll(strings.ReplaceAll(goodAnswer, "investment_decision", "Investment_Decision"), "summary_reason", "SUMMARY_REASON")},
		{"decision in capitals", strings.Replace(goodAnswer, `"buy"`, `" BUY "`, 1)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, warnings, err := agent.NewFormat(20).Parse(tt.text)
			if err != nil {
				t.Fatalf("Parse(%q): %v", tt.text, err)
			}
			if got.Decision != agent.Buy || got.Reason != "Deliveries rose." || !slices.Equal(got.Short, []int{0, 2}) || len(warnings) > 0 {
				t.Errorf("Parse(%q) = %+v, warnings %q", tt.text, got, warnings)
			}
		})
	}
}

// B49, B52: what is no answer is refused by name, whatever words it contains.
func TestParseFaults(t *testing.T) {
	tests := []struct {
		name, text string
		want       agent.FaultKind
	}{
		{"empty", "", agent.FaultEmpty},
		{"white space", " \n\t", agent.FaultEmpty},
		{"only thoughts", "<think>buy?</think>", agent.FaultEmpty},
		{"B49 cut in a name", `{"action":"BUY","quant`, agent.FaultCut},
		{"B49 cut in the reason", `{"investment_decision": "buy", "summary_reason": "Del`, agent.FaultCut},
		{"B49 cut before the last brace", strings.TrimSuffix(goodAnswer, "}"), agent.FaultCut},
		{"B49 whole, then a cut second thought", goodAnswer + ` On reflection: {"investment_decision": "se`, agent.FaultCut},
		{"B52 negated", "Do not buy; wait.", agent.FaultProse},
		{"B52 conditional", "I would sell only if margins fell.", agent.FaultProse},
		{"decision in prose, object without it", `I would buy. {"confidence": 0.9}`, agent.FaultNoDecision},
		{"missing comma", `{"investment_decision": "buy" "summary_reason": "x"}`, agent.FaultMalformed},
		{"single quotes", `{'investment_decision': 'buy'}`, agent.FaultMalformed},
		{"html", "<!DOCTYPE html><html><style>body{color:red}</style>buy</html>", agent.FaultHTML},
		{"two decisions", goodAnswer + strings.Replace(goodAnswer, "buy", "sell", 1), agent.FaultAmbiguous},
		{"same decision, other reason", goodAnswer + strings.Replace(goodAnswer, "Deliveries", "Margins", 1), agent.FaultAmbiguous},
		{"field given twice", `{"investment_decision": "buy", "investment_decision": "sell", "summary_reason": "x"}`, agent.FaultAmbiguous},
		{"sentence as decision", `{"investment_decision": "do not buy", "summary_reason": "x"}`, agent.FaultDecision},
		{"number as decision", `{"investment_decision": 1, "summary_reason": "x"}`, agent.FaultDecision},
		{"null decision", `{"investment_decision": null, "summary_reason": "x"}`, agent.FaultDecision},
		{"no reason", `{"investment_decision": "buy"}`, agent.FaultNoReason},
		{"blank reason", `{"investment_decision": "buy", "summary_reason": " \n"}`, agent.FaultNoReason},
		{"reason of control characters", `{"investment_decision": "buy", "summary_reason": "\u0007\u001b"}`, agent.FaultNoReason},
		{"decision one level down", `{"answer": ` + goodAnswer + `}`, agent.FaultNoDecision},
		{"endless", strings.Repeat("x", 300_000), agent.FaultLong},
		{"braces without end", strings.Repeat("{", 200_000), agent.FaultProse},
		{"nested without end", strings.Repeat(`{"a":`, 40_000), agent.FaultProse},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, _, err := agent.NewFormat(20).Parse(tt.text)
			var fault *agent.Fault
			if !errors.As(err, &fault) {
				t.Fatalf("Parse = %+v, %v, want a fault", got, err)
			}
			if fault.Kind != tt.want {
				t.Errorf("fault = %s (%s), want %s", fault.Kind, fault.Detail, tt.want)
			}
		})
	}
}

// B32: every way to write a list of numbers that models use.
func TestParseNumbers(t *testing.T) {
	tests := []struct {
		list    string // "" leaves the field out
		want    []int
		warning string
	}{
		{"-1", []int{}, ""},
		{"[-1]", []int{}, ""},
		{"3", []int{3}, ""},
		{`"3"`, []int{3}, ""},
		{"[3]", []int{3}, ""},
		{`["3"]`, []int{3}, ""},
		{"3.0", []int{3}, ""},
		{`[{"memory_index": 3}]`, []int{3}, ""},
		{`{"memory_index": "3"}`, []int{3}, ""},
		{`[{"memory_index": -1}]`, []int{}, ""},
		{"null", []int{}, ""},
		{"[]", []int{}, ""},
		{"[null]", []int{}, ""},
		{"", []int{}, ""},
		{"[1, 0, 1]", []int{1, 0}, ""},
		{"[1.5]", []int{}, `short_memory_index: dropped what is no memory's number: 1.5`},
		{"[1e300]", []int{}, `short_memory_index: dropped what is no memory's number: 1e300`},
		{`["Inf", "0x1p4"]`, []int{}, `short_memory_index: dropped what is no memory's number: "Inf", "0x1p4"`},
		{`[true, {"id": 4}]`, []int{}, `short_memory_index: dropped what is no memory's number: true, {"id": 4}`},
		// B31, as far as the text alone tells.
		{`[2, 12, 2, -5, "x"]`, []int{2, 12}, `short_memory_index: dropped what is no memory's number: -5, "x"`},
		{"[0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20]", []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19},
			`short_memory_index: dropped all after the first 20 numbers`},
	}
	for _, tt := range tests {
		text := `{"investment_decision": "hold", "summary_reason": "x"`
		if tt.list != "" {
			text += `, "short_memory_index": ` + tt.list
		}
		got, warnings, err := agent.NewFormat(20).Parse(text + "}")
		if err != nil {
			t.Errorf("list %s: %v", tt.list, err)
			continue
		}
		if !slices.Equal(got.Short, tt.want) || strings.Join(warnings, "|") != tt.warning {
			t.Errorf("list %s: got %v, warnings %q, want %v, %q", tt.list, got.Short, warnings, tt.want, tt.warning)
		}
	}
}

func TestParseConfidence(t *testing.T) {
	tests := []struct {
		confidence string
		want       float64 // NaN for none
		warned     bool
	}{
		{"0.7", 0.7, false},
		{`"0.7"`, 0.7, false},
		{"0", 0, false},
		{"1", 1, false},
		{"null", math.NaN(), false},
		{"8", math.NaN(), true}, // of 10, or per cent: not for us to guess
		{"-0.1", math.NaN(), true},
		{`"NaN"`, math.NaN(), true},
		{`"high"`, math.NaN(), true},
		{`"80 %"`, math.NaN(), true},
	}
	for _, tt := range tests {
		got, warnings, err := agent.NewFormat(20).Parse(`{"investment_decision": "hold", "summary_reason": "x", "confidence": ` + tt.confidence + "}")
		if err != nil {
			t.Errorf("confidence %s: %v", tt.confidence, err)
			continue
		}
		value := math.NaN()
		if got.Confidence != nil {
			value = *got.Confidence
		}
		if value != tt.want && !(math.IsNaN(value) && math.IsNaN(tt.want)) || (len(warnings) > 0) != tt.warned {
			t.Errorf("confidence %s: got %v, warnings %q, want %v, warned %t", tt.confidence, value, warnings, tt.want, tt.warned)
		}
	}
}

func TestParseReason(t *testing.T) {
	text := `{"investment_decision": "hold", "summary_reason": "\u001b[31mred\u0000 \ud83d\ude42` + strings.Repeat("é", 3000) + `"}`
	got, warnings, err := agent.NewFormat(20).Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	if n := utf8.RuneCountInString(got.Reason); n != 2000 || !utf8.ValidString(got.Reason) || strings.ContainsAny(got.Reason, "\x1b\x00") {
		t.Errorf("reason has %d characters, valid %t: %.40q", n, utf8.ValidString(got.Reason), got.Reason)
	}
	if want := []string{"summary_reason: cut to 2000 characters"}; !slices.Equal(warnings, want) {
		t.Errorf("warnings = %q, want %q", warnings, want)
	}
}

// A warm-up session has one valid decision.
func TestParseOnlyGivenActions(t *testing.T) {
	format := agent.NewFormat(20, agent.Sell)
	_, _, err := format.Parse(goodAnswer)
	if want := `investment_decision is "buy": want "sell"`; err == nil || err.Error() != want {
		t.Errorf("error = %v, want %s", err, want)
	}
	if got, _, err := format.Parse(strings.Replace(goodAnswer, "buy", "sell", 1)); err != nil || got.Decision != agent.Sell {
		t.Errorf("Parse = %+v, %v", got, err)
	}
	if schema := string(format.Schema()); !strings.Contains(schema, `"enum":["sell"]`) {
		t.Errorf("schema does not say so: %s", schema)
	}
}

func compileSchema(t testing.TB, format agent.Format) *validator.Schema {
	t.Helper()
	doc, err := validator.UnmarshalJSON(strings.NewReader(string(format.Schema())))
	if err != nil {
		t.Fatal(err)
	}
	compiler := validator.NewCompiler()
	if err := compiler.AddResource("answer.json", doc); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile("answer.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// conforms reports whether v, written as JSON, satisfies the schema.
func conforms(t testing.TB, schema *validator.Schema, text string) bool {
	t.Helper()
	v, err := validator.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return schema.Validate(v) == nil
}

// B32: the schema in the prompt and the reader agree. What satisfies the schema
// is read without a warning, and what breaks one of its rules is refused or
// warned of.
func TestSchemaAndReaderAgree(t *testing.T) {
	format := agent.NewFormat(3)
	schema := compileSchema(t, format)
	base := map[string]string{
		"investment_decision":     `"hold"`,
		"summary_reason":          `"x"`,
		"short_memory_index":      `[]`,
		"middle_memory_index":     `[]`,
		"long_memory_index":       `[]`,
		"reflection_memory_index": `[]`,
	}
	fields := []string{"investment_decision", "summary_reason", "short_memory_index", "middle_memory_index", "long_memory_index", "reflection_memory_index", "confidence"}
	with := func(field, value string) string {
		var parts []string
		for _, f := range fields {
			v, ok := base[f]
			if f == field {
				v, ok = value, true
			}
			if ok {
				parts = append(parts, `"`+f+`":`+v)
			}
		}
		return "{" + strings.Join(parts, ",") + "}"
	}
	list := []string{`[]`, `[0]`, `[0,1,2]`, `[0,1,2,3]`, `[-2]`, `["x"]`, `[1.5]`}
	for field, values := range map[string][]string{
		"investment_decision":     {`"buy"`, `"sell"`, `"hold"`, `"wait"`, `""`, `1`, `null`},
		"summary_reason":          {`"y"`, `""`, `3`, `null`, `"` + strings.Repeat("a", 2000) + `"`, `"` + strings.Repeat("a", 2001) + `"`},
		"short_memory_index":      list,
		"middle_memory_index":     list,
		"long_memory_index":       list,
		"reflection_memory_index": list,
		"confidence":              {`0`, `0.5`, `1`, `1.01`, `-0.01`},
	} {
		for _, value := range values {
			text := with(field, value)
			_, warnings, err := format.Parse(text)
			if clean, valid := err == nil && len(warnings) == 0, conforms(t, schema, text); clean != valid {
				t.Errorf("%s: schema says %t, the reader %v %q", text, valid, err, warnings)
			}
		}
	}
}

// Answers of a real model to a prompt that did not ask for a decision: the object
// is found in each, and each lacks the decision.
func TestParseRecordedReplies(t *testing.T) {
	for _, file := range []string{
		"llm_replies_TSLA_2022_2024.csv",
		"llm_replies_MSFT_2022_2024.csv",
		"llm_replies_TSLA_fenced_2022_2024.csv",
	} {
		t.Run(file, func(t *testing.T) {
			f, err := os.Open(shared.Path(t, "data/news", file))
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			rows, err := csv.NewReader(bufio.NewReader(f)).ReadAll()
			if err != nil {
				t.Fatal(err)
			}
			for _, row := range rows[1:] {
				_, _, err := agent.NewFormat(20).Parse(row[1])
				var fault *agent.Fault
				if !errors.As(err, &fault) || fault.Kind != agent.FaultNoDecision {
					t.Errorf("%s: error = %v, want one that finds no decision, in %q", row[0], err, row[1])
				}
			}
			if len(rows) != 822 {
				t.Errorf("%d rows, want 822", len(rows))
			}
		})
	}
}

// repliesOf are the recorded answers of a file, by date.
func repliesOf(t *testing.T, file string) map[string]string {
	t.Helper()
	text, err := os.ReadFile(shared.Path(t, "data/news", file))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(string(text))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	replies := map[string]string{}
	for _, row := range rows[1:] {
		replies[row[0]] = row[1]
	}
	return replies
}

// The recorded answers, given a decision and the reason's right name, are read: with
// and without the fence that the model put around them they are the same, and their
// confidence, a number of ten, a text or nothing, is dropped and not rescaled.
func TestRecordedRepliesFencedAndBare(t *testing.T) {
	decided := strings.NewReplacer(`"reason":`, `"investment_decision": "hold", "summary_reason":`)
	bare := repliesOf(t, "llm_replies_TSLA_2022_2024.csv")
	same, warned, blank := 0, 0, 0
	for date, fenced := range repliesOf(t, "llm_replies_TSLA_fenced_2022_2024.csv") {
		want, warnings, err := agent.NewFormat(20).Parse(decided.Replace(bare[date]))
		var fault *agent.Fault
		if errors.As(err, &fault) && fault.Kind == agent.FaultNoReason {
			blank++
			continue
		}
		if err != nil || want.Decision != agent.Hold || want.Reason == "" {
			t.Errorf("%s: %+v, %v", date, want, err)
			continue
		}
		// 0 and 1 of ten are indeed between 0 and 1.
		if c := want.Confidence; c != nil && *c != 0 && *c != 1 {
			t.Errorf("%s: confidence %v", date, *c)
		}
		warned += len(warnings)
		// Some days were asked a second time for the other file.
		inside := strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(fenced), "```json"), "```")
		if strings.TrimSpace(inside) != strings.TrimSpace(bare[date]) {
			continue
		}
		same++
		got, _, err := agent.NewFormat(20).Parse(decided.Replace(fenced))
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: fenced %+v, %v, bare %+v", date, got, err, want)
		}
	}
	if same < 500 || warned < 500 || blank > 1 {
		t.Errorf("%d answers are the same in both files, %d warnings of a confidence, %d without a reason", same, warned, blank)
	}
}

// Decisions of a real model in the published form: every one is read, and says
// what its record says.
func TestParseReplicationAnswers(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(shared.Path(t, "data/replication"), "*-answers.jsonl"))
	if err != nil || len(files) != 5 {
		t.Fatalf("found %d files, %v, want 5", len(files), err)
	}
	schema := compileSchema(t, agent.NewFormat(1000))
	for _, file := range files {
		f, err := os.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		lines := bufio.NewScanner(f)
		lines.Buffer(nil, 1<<20)
		n := 0
		for ; lines.Scan(); n++ {
			var record struct {
				Date   string          `json:"date"`
				Answer json.RawMessage `json:"answer"`
			}
			var want struct {
				Decision string `json:"investment_decision"`
				Reason   string `json:"summary_reason"`
				Short    []struct {
					Index int `json:"memory_index"`
				} `json:"short_memory_index"`
			}
			if err := errors.Join(json.Unmarshal(lines.Bytes(), &record), json.Unmarshal(record.Answer, &want)); err != nil {
				t.Fatal(err)
			}
			got, warnings, err := agent.NewFormat(1000).Parse(string(record.Answer))
			if err != nil || len(warnings) > 0 {
				t.Errorf("%s %s: %v %q", filepath.Base(file), record.Date, err, warnings)
				continue
			}
			if string(got.Decision) != want.Decision || got.Reason != want.Reason {
				t.Errorf("%s %s: read %s %q, want %s %q", filepath.Base(file), record.Date, got.Decision, got.Reason, want.Decision, want.Reason)
			}
			for i, n := range want.Short {
				if got.Short[i] != n.Index {
					t.Errorf("%s %s: short memories %v, want %v", filepath.Base(file), record.Date, got.Short, want.Short)
				}
			}
			if text, err := json.Marshal(got); err != nil || !conforms(t, schema, string(text)) {
				t.Errorf("%s %s: what was read does not satisfy the schema: %s", filepath.Base(file), record.Date, text)
			}
		}
		if n != 102 {
			t.Errorf("%s has %d answers, want 102", filepath.Base(file), n)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		goodAnswer, "```json\n" + goodAnswer + "\n```", "\uFEFF" + goodAnswer, goodAnswer + goodAnswer,
		`{"investment_decision": "SELL", "summary_reason": "x", "short_memory_index": [{"memory_index": 3}, "4", -1, null], "confidence": "0.5"}`,
		`{"investment_decision": "buy", "summ`, "Do not buy; wait.", "", "<html>", `{"a":{"b":[{"c":"}"}]}}`, "{\"\xff\": 1}",
		`{"reason": "Recorded demand.", "confidence": 8}`,
	} {
		f.Add(seed)
	}
	format := agent.NewFormat(20)
	schema := compileSchema(f, format)
	f.Fuzz(func(t *testing.T, text string) {
		answer, warnings, err := format.Parse(text)
		if err != nil {
			var fault *agent.Fault
			if !errors.As(err, &fault) || fault.Kind == "" || !utf8.ValidString(fault.Detail) {
				t.Fatalf("error %#v, want a fault in valid UTF-8", err)
			}
			return
		}
		for _, w := range warnings {
			if !utf8.ValidString(w) {
				t.Errorf("warning %q is not valid UTF-8", w)
			}
		}
		again, err := json.Marshal(answer)
		if err != nil {
			t.Fatal(err)
		}
		if !conforms(t, schema, string(again)) {
			t.Errorf("what was read does not satisfy the schema: %s", again)
		}
		// Reading what was read changes nothing.
		if same, warnings, err := format.Parse(string(again)); err != nil || len(warnings) > 0 || same.Decision != answer.Decision || same.Reason != answer.Reason || !slices.Equal(same.Short, answer.Short) {
			t.Errorf("read %+v again as %+v, %q, %v", answer, same, warnings, err)
		}
	})
}
