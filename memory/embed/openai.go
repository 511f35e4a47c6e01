package embed

import (
	"encoding/json"
	"fmt"
)

// openAI is OpenAI's interface, /embeddings, which vLLM, Text Embeddings
// Inference, llama.cpp, LocalAI, Mistral and others have too.
type openAI struct{}

func (openAI) path() string { return "/embeddings" }

type openAIRequest struct {
	Model string   `json:"model"`
	Input []string `json:"input"`
}

func (openAI) request(model string, texts []string) any {
	return openAIRequest{Model: model, Input: texts}
}

// vectors puts the answer in order: its items say which text they belong to. A
// server that never says so is taken to answer in order.
func (openAI) vectors(body []byte, n int) ([][]float32, error) {
	var answer struct {
		Data []struct {
			Index     *int      `json:"index"`
			Embedding []float32 `json:"embedding"`
		} `json:"data"`
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return nil, unreadable(body, err)
	}
	if len(answer.Data) != n {
		return nil, fmt.Errorf("the server gave %s for %s", count(len(answer.Data), "vector"), count(n, "text"))
	}
	vectors := make([][]float32, n)
	named := 0
	for i, d := range answer.Data {
		at := i
		if d.Index != nil {
			named++
			at = *d.Index
		}
		if at < 0 || at >= n || vectors[at] != nil || len(d.Embedding) == 0 {
			return nil, fmt.Errorf("the server's vector %d of %d is empty, or of a text that has one or that was not sent (index %d)", i+1, n, at)
		}
		vectors[at] = d.Embedding
	}
	if named != 0 && named != n {
		return nil, fmt.Errorf("the server says of %d of its %d vectors which text they belong to", named, n)
	}
	return vectors, nil
}
