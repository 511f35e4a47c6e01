package embed

import (
	"context"
	"fmt"
	"strings"
)

// A Source is what determines the vector of a text besides the text itself.
type Source struct {
	Provider, Model string
	// URL is where the requests go. Two servers may have different models under
	// one name.
	URL string
	// InputTokens is the length above which texts are cut.
	InputTokens int
}

// A Cache keeps vectors by source and text.
type Cache interface {
	// Vectors gives the kept vector of each text, nil where there is none.
	Vectors(ctx context.Context, from Source, texts []string) ([][]float32, error)
	// KeepVectors keeps one vector for each text, which are all different, and
	// gives those that count: where another user of the cache has kept one since
	// it was looked for, that one. Servers do not repeat themselves to the last
	// bit, and one text must not have two vectors.
	KeepVectors(ctx context.Context, from Source, texts []string, vectors [][]float32) ([][]float32, error)
}

// kept gives the vectors that the cache has, and the texts that it has none of,
// each once.
func (r *Remote) kept(ctx context.Context, texts []string) (vectors [][]float32, missing []string, err error) {
	vectors = make([][]float32, len(texts))
	if r.options.Cache != nil && len(texts) > 0 {
		if vectors, err = r.options.Cache.Vectors(ctx, r.source(), texts); err != nil {
			return nil, nil, fmt.Errorf("looking for vectors of embedder %s: %w", r.id.Name, err)
		}
		// Checked like an answer, since the file may be anybody's.
		for i, v := range vectors {
			if v == nil {
				continue
			}
			one, err := r.checked([][]float32{v}, 1)
			if err != nil {
				return nil, nil, fmt.Errorf("the kept vector of text %d of %d: %w", i+1, len(texts), err)
			}
			vectors[i] = one[0]
		}
	}
	seen := map[string]bool{}
	for i, text := range texts {
		if vectors[i] == nil && !seen[text] {
			seen[text] = true
			missing = append(missing, text)
		}
	}
	return vectors, missing, nil
}

// keep gives the cache vectors for texts, and gives those that count.
func (r *Remote) keep(ctx context.Context, texts []string, vectors [][]float32) ([][]float32, error) {
	if r.options.Cache == nil {
		return vectors, nil
	}
	vectors, err := r.options.Cache.KeepVectors(ctx, r.source(), texts, vectors)
	if err == nil {
		vectors, err = r.checked(vectors, len(texts))
	}
	if err != nil {
		return nil, fmt.Errorf("keeping vectors of embedder %s: %w", r.id.Name, err)
	}
	return vectors, nil
}

func (r *Remote) source() Source {
	provider, model, _ := strings.Cut(r.id.Name, "/")
	return Source{Provider: provider, Model: model, URL: r.options.BaseURL + r.wire.path(), InputTokens: r.options.InputTokens}
}
