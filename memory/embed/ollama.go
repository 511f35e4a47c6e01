package embed

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// ollama is the interface of an Ollama server, /api/embed.
type ollama struct{}

func (ollama) path() string { return "/api/embed" }

type ollamaRequest struct {
	Model string   `json:"model"`
	Input []string `json:"input"`
	// Truncate is always sent: left out, a text that is too long would be cut
	// without a word.
	Truncate bool `json:"truncate"`
}

func (ollama) request(model string, texts []string) any {
	return ollamaRequest{Model: model, Input: texts}
}

func (ollama) vectors(body []byte, _ int) ([][]float32, error) {
	var answer struct {
		Embeddings [][]float32 `json:"embeddings"`
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return nil, unreadable(body, err)
	}
	return answer.Embeddings, nil
}

// smallOllamaModel is the input limit of a model that takes less than the others
// as Ollama serves it, 0 for the others.
func smallOllamaModel(model string) int {
	name, _, _ := strings.Cut(model, ":")
	switch name {
	case "all-minilm":
		return 256
	case "mxbai-embed-large", "bge-large", "snowflake-arctic-embed", "granite-embedding", "paraphrase-multilingual":
		return 512
	}
	return 0
}

// unreadable is the error for an answer that is not what its language says.
func unreadable(body []byte, err error) error {
	if len(strings.TrimSpace(string(body))) == 0 {
		return errors.New("the server's answer is empty")
	}
	return fmt.Errorf("the server's answer of %d bytes cannot be read: %w", len(body), err)
}
