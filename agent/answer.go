package agent

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/invopop/jsonschema"
)

// An Answer is what a model may say. The JSON schema in the prompt is generated
// from this type, and [Format.Parse] reads its limits back from that schema, so
// the two cannot disagree.
type Answer struct {
	Decision   Action   `json:"investment_decision" jsonschema:"enum=buy,enum=sell,enum=hold,description=what to do from the next session on"`
	Reason     string   `json:"summary_reason" jsonschema:"minLength=1,maxLength=2000,description=why; in two or three sentences"`
	Short      []int    `json:"short_memory_index" jsonschema:"minimum=0,description=numbers of the short-term memories that support the decision"`
	Mid        []int    `json:"middle_memory_index" jsonschema:"minimum=0,description=numbers of the mid-term memories that support it"`
	Long       []int    `json:"long_memory_index" jsonschema:"minimum=0,description=numbers of the long-term memories that support it"`
	Reflection []int    `json:"reflection_memory_index" jsonschema:"minimum=0,description=numbers of the reflections that support it"`
	Confidence *float64 `json:"confidence,omitempty" jsonschema:"minimum=0,maximum=1,description=how sure you are; 0 to 1"`
}

// The names of the fields, as the tags of [Answer] have them.
const (
	fieldDecision   = "investment_decision"
	fieldReason     = "summary_reason"
	fieldShort      = "short_memory_index"
	fieldMid        = "middle_memory_index"
	fieldLong       = "long_memory_index"
	fieldReflection = "reflection_memory_index"
	fieldConfidence = "confidence"
)

// A Format is the shape that a valid answer has: the schema and its reader.
type Format struct {
	schema *jsonschema.Schema
	text   json.RawMessage
}

// NewFormat is the format of answers to prompts that offer at most so many
// memories. Where actions are given, only those are valid; a warm-up session has
// one.
func NewFormat(most int, actions ...Action) Format {
	reflector := jsonschema.Reflector{Anonymous: true, DoNotReference: true, ExpandedStruct: true}
	schema := reflector.Reflect(Answer{})
	schema.Version = ""
	for _, field := range []string{fieldShort, fieldMid, fieldLong, fieldReflection} {
		items := uint64(most)
		property(schema, field).MaxItems = &items
	}
	if len(actions) > 0 {
		decision := property(schema, fieldDecision)
		decision.Enum = slices.DeleteFunc(decision.Enum, func(v any) bool {
			return !slices.Contains(actions, Action(v.(string)))
		})
	}
	text, err := json.Marshal(schema)
	if err != nil {
		panic(fmt.Sprintf("agent: the schema of Answer cannot be written: %v", err))
	}
	return Format{schema: schema, text: text}
}

// Schema is the JSON schema of a valid answer.
func (f Format) Schema() json.RawMessage { return f.text }

func property(schema *jsonschema.Schema, field string) *jsonschema.Schema {
	p, ok := schema.Properties.Get(field)
	if !ok {
		panic(fmt.Sprintf("agent: Answer has no field %q", field))
	}
	return p
}

// actions are the valid decisions, in the schema's order.
func (f Format) actions() []Action {
	var actions []Action
	for _, v := range property(f.schema, fieldDecision).Enum {
		actions = append(actions, Action(v.(string)))
	}
	return actions
}

// reasonChars is the most characters that a reason may have.
func (f Format) reasonChars() int { return int(*property(f.schema, fieldReason).MaxLength) }

// mostNumbers is how long a list may be.
func (f Format) mostNumbers() int { return int(*property(f.schema, fieldShort).MaxItems) }

// confidenceRange is where a confidence must lie.
func (f Format) confidenceRange() (low, high float64) {
	p := property(f.schema, fieldConfidence)
	low, errLow := p.Minimum.Float64()
	high, errHigh := p.Maximum.Float64()
	if errLow != nil || errHigh != nil {
		panic("agent: the range of confidence in the tags of Answer is not a number")
	}
	return low, high
}
