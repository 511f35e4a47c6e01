package embed

import "testing"

// Whatever a server sends, it is vectors for the texts that were sent, in their
// number and of length 1, or an error.
func FuzzVectors(f *testing.F) {
	for _, seed := range []string{
		`{"embeddings":[[1,2],[3,4]]}`, `{"data":[{"index":1,"embedding":[1,2]},{"index":0,"embedding":[3,4]}]}`,
		`{"data":[{"embedding":[1,2]},{"embedding":[3,4]}]}`, `{"data":[{"index":-1,"embedding":[1]},{"index":9}]}`,
		`{"error":{"message":"no"}}`, `{"error":"no"}`, `{"embeddings":null}`, `{"embeddings":[[1e39,0],[0,0]]}`, `[]`, ``, `{"data":[null,null]}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, w := range []wire{ollama{}, openAI{}} {
			r := &Remote{wire: w}
			r.id.Dim = 2
			vectors, err := w.vectors(body, 2)
			if err == nil {
				vectors, err = r.checked(vectors, 2)
			}
			if err != nil {
				continue
			}
			if len(vectors) != 2 || len(vectors[0]) != 2 || len(vectors[1]) != 2 {
				t.Errorf("%q gave %v for two texts", body, vectors)
			}
		}
		if message := (&Remote{}).refusal(500, body).Error(); len([]rune(message)) > longestMessage+100 {
			t.Errorf("a refusal of %d characters", len(message))
		}
	})
}
