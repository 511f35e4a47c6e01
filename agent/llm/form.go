package llm

import (
	"encoding/json"
	"fmt"
	"slices"

	"finmem/agent/llm/transport"
)

// A Form is how a provider is made to give a JSON object.
type Form string

const (
	// BySchema holds the answer to the schema: as the format of the response, or as
	// the input of a tool that the model has to use.
	BySchema Form = "schema"
	// ByMode holds the answer to JSON of any shape.
	ByMode Form = "json"
	// ByPrompt leaves it to what the prompt says.
	ByPrompt Form = "prompt"
)

// Forms are those that a provider has, the best first. Of a server that only speaks
// a provider's form it is found out by asking.
func Forms(p transport.Provider) []Form {
	if p.Wire == transport.Anthropic {
		return []Form{BySchema, ByPrompt}
	}
	return []Form{BySchema, ByMode, ByPrompt}
}

// formParameters are the names under which a provider refuses a form.
var formParameters = []string{"response_format", "response_schema", "json_schema", "format", "tool_choice", "tools"}

// refused reports whether err is a refusal of the form alone.
func refused(err *transport.Error) bool {
	return err != nil && err.Kind == transport.BadRequest && slices.Contains(formParameters, err.Param)
}

// schemaName names the schema, and the tool that takes it.
const schemaName = "answer"

// ask puts the form into the body of a chat request.
func (form Form) ask(at transport.Provider, f fields, schema json.RawMessage) error {
	if len(schema) == 0 {
		form = ByPrompt
	}
	switch at.Wire {
	case transport.Ollama:
		switch form {
		case BySchema:
			return f.set("format", schema, true)
		case ByMode:
			return f.set("format", "json", true)
		}
		delete(f, "format")
	case transport.Anthropic:
		if form != BySchema {
			return nil
		}
		if err := f.set("tools", []any{map[string]any{
			"name": schemaName, "description": "Gives the answer.", "input_schema": schema,
		}}, true); err != nil {
			return err
		}
		return f.set("tool_choice", map[string]string{"type": "tool", "name": schemaName}, true)
	default:
		switch form {
		case BySchema:
			described := map[string]any{"name": schemaName, "schema": schema}
			if at.Name == "openai" && at.Home() {
				strict, err := strictSchema(schema)
				if err != nil {
					return err
				}
				described = map[string]any{"name": schemaName, "schema": strict, "strict": true}
			}
			return f.set("response_format", map[string]any{"type": "json_schema", "json_schema": described}, true)
		case ByMode:
			return f.set("response_format", map[string]string{"type": "json_object"}, true)
		}
		delete(f, "response_format")
	}
	return nil
}

// strictSchema is a schema as OpenAI holds a model to it: every field required,
// those that were not may be null, and no bounds on the length of a text. What it
// leaves open the validator checks.
func strictSchema(schema json.RawMessage) (map[string]any, error) {
	var s map[string]any
	if err := json.Unmarshal(schema, &s); err != nil {
		return nil, fmt.Errorf("reading the schema of an answer: %w", err)
	}
	properties, _ := s["properties"].(map[string]any)
	required, _ := s["required"].([]any)
	names := make([]string, 0, len(properties))
	for name, p := range properties {
		names = append(names, name)
		property, ok := p.(map[string]any)
		if !ok {
			return nil, fmt.Errorf("reading the schema of an answer: property %s is no object", name)
		}
		delete(property, "minLength")
		delete(property, "maxLength")
		if !slices.Contains(required, any(name)) {
			property["type"] = []any{property["type"], "null"}
		}
	}
	slices.Sort(names)
	s["required"] = names
	s["additionalProperties"] = false
	return s, nil
}
