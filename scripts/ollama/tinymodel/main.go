// Command tinymodel writes a language model that is small enough for tests: a Llama
// of one layer with random weights, as a GGUF file. What it says is noise, the same
// for the same seed, but it likes to close what it has opened, so that what a schema
// holds it to is soon said. It shows whether a server that holds its noise to a schema
// is understood.
package main

import (
	"bytes"
	"encoding/binary"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"strings"
)

const (
	layers      = 1
	dimensions  = 32
	heads       = 2
	feedForward = 64
	// context is how many tokens the model takes. With one token a character, prompts
	// are long.
	context = 131072
	// liking is by about how much the scores of closing are above those of the other
	// tokens, which spread by about 1.
	liking  = 4
	closing = `"]}`
	// firstAtOutput is about what the first dimension, which is 1 at first, has become
	// where the tokens are scored.
	firstAtOutput = 3
)

// The kinds of a token, as GGUF numbers them.
const (
	normal  = int32(1)
	unknown = int32(2)
	control = int32(3)
	aByte   = int32(6)
)

// alignment is that of the weights in the file.
const alignment = 32

func main() {
	out := flag.String("out", "tiny.gguf", "`file` to write")
	seed := flag.Uint64("seed", 1, "seed of the weights")
	flag.Parse()
	if err := os.WriteFile(*out, model(*seed), 0o644); err != nil {
		fmt.Fprintln(os.Stderr, "tinymodel:", err)
		os.Exit(1)
	}
}

// model is the file: header, settings, the list of tensors, the weights.
func model(seed uint64) []byte {
	tokens, scores, kinds := vocabulary()
	var settings file
	for _, s := range []struct {
		key   string
		value any
	}{
		{"general.architecture", "llama"},
		{"general.name", "tiny"},
		{"llama.block_count", uint32(layers)},
		{"llama.context_length", uint32(context)},
		{"llama.embedding_length", uint32(dimensions)},
		{"llama.feed_forward_length", uint32(feedForward)},
		{"llama.attention.head_count", uint32(heads)},
		{"llama.attention.head_count_kv", uint32(heads)},
		{"llama.attention.layer_norm_rms_epsilon", float32(1e-5)},
		{"llama.rope.dimension_count", uint32(dimensions / heads)},
		{"llama.vocab_size", uint32(len(tokens))},
		{"tokenizer.ggml.model", "llama"},
		{"tokenizer.ggml.tokens", tokens},
		{"tokenizer.ggml.scores", scores},
		{"tokenizer.ggml.token_type", kinds},
		{"tokenizer.ggml.unknown_token_id", uint32(0)},
		{"tokenizer.ggml.bos_token_id", uint32(1)},
		{"tokenizer.ggml.eos_token_id", uint32(2)},
	} {
		settings.setting(s.key, s.value)
	}

	w := weights{random: rand.New(rand.NewPCG(seed, 0))}
	// The first dimension is the same of every token and changed by no layer, so
	// what the output makes of it does not depend on the text.
	w.matrix("token_embd.weight", dimensions, len(tokens), func(_, in int) (float32, bool) { return 1, in == 0 })
	unchanged := func(out, _ int) (float32, bool) { return 0, out == 0 }
	for layer := range layers {
		of := func(name string) string { return fmt.Sprintf("blk.%d.%s.weight", layer, name) }
		w.ones(of("attn_norm"))
		for _, name := range []string{"attn_q", "attn_k", "attn_v"} {
			w.matrix(of(name), dimensions, dimensions, nil)
		}
		w.matrix(of("attn_output"), dimensions, dimensions, unchanged)
		w.ones(of("ffn_norm"))
		w.matrix(of("ffn_gate"), dimensions, feedForward, nil)
		w.matrix(of("ffn_up"), dimensions, feedForward, nil)
		w.matrix(of("ffn_down"), feedForward, dimensions, unchanged)
	}
	w.ones("output_norm.weight")
	w.matrix("output.weight", dimensions, len(tokens), func(out, in int) (float32, bool) {
		if in == 0 && strings.Contains(closing, tokens[out]) {
			return liking / firstAtOutput, true
		}
		return 0, in == 0
	})

	var f file
	f.WriteString("GGUF")
	f.put(uint32(3), w.count, settings.count)
	f.Write(settings.Bytes())
	f.Write(w.list.Bytes())
	f.align()
	f.Write(w.data.Bytes())
	return f.Bytes()
}

// vocabulary is that of SentencePiece, cut down: three special tokens, every byte,
// the space and the visible characters of ASCII.
func vocabulary() (tokens []string, scores []float32, kinds []int32) {
	add := func(kind int32, token string) {
		tokens, kinds = append(tokens, token), append(kinds, kind)
		scores = append(scores, -float32(len(scores)))
	}
	add(unknown, "<unk>")
	add(control, "<s>")
	add(control, "</s>")
	for b := range 256 {
		add(aByte, fmt.Sprintf("<0x%02X>", b))
	}
	add(normal, "\u2581")
	for c := '!'; c <= '~'; c++ {
		add(normal, string(c))
	}
	return tokens, scores, kinds
}

// weights are the tensors: what there is, and the numbers.
type weights struct {
	random *rand.Rand
	list   file
	data   file
	count  uint64
}

// matrix adds random numbers of a spread that neither swells nor shrinks what is
// multiplied with them, except where fixed, if it is set, has one.
func (w *weights) matrix(name string, in, out int, fixed func(out, in int) (float32, bool)) {
	values := make([]float32, in*out)
	for i := range values {
		values[i] = float32(w.random.NormFloat64() / math.Sqrt(float64(in)))
		if fixed == nil {
			continue
		}
		if v, ok := fixed(i/in, i%in); ok {
			values[i] = v
		}
	}
	w.add(name, values, uint64(in), uint64(out))
}

func (w *weights) ones(name string) {
	values := make([]float32, dimensions)
	for i := range values {
		values[i] = 1
	}
	w.add(name, values, dimensions)
}

func (w *weights) add(name string, values []float32, shape ...uint64) {
	w.data.align()
	w.list.text(name)
	w.list.put(uint32(len(shape)), shape, uint32(0), uint64(w.data.Len())) // 0 is F32
	w.data.put(values)
	w.count++
}

// A file is a part of a GGUF file.
type file struct {
	bytes.Buffer
	count uint64 // of settings
}

// put writes numbers and lists of them; a buffer takes all there is memory for.
func (f *file) put(values ...any) {
	for _, v := range values {
		if err := binary.Write(f, binary.LittleEndian, v); err != nil {
			panic(fmt.Sprintf("tinymodel: %v cannot be written: %v", v, err))
		}
	}
}

func (f *file) text(s string) {
	f.put(uint64(len(s)))
	f.WriteString(s)
}

// setting writes a key, the number of its type, and its value.
func (f *file) setting(key string, value any) {
	const (
		ofUint32, ofInt32, ofFloat32 = uint32(4), uint32(5), uint32(6)
		ofText, ofList               = uint32(8), uint32(9)
	)
	f.count++
	f.text(key)
	switch v := value.(type) {
	case string:
		f.put(ofText)
		f.text(v)
	case uint32:
		f.put(ofUint32, v)
	case float32:
		f.put(ofFloat32, v)
	case []string:
		f.put(ofList, ofText, uint64(len(v)))
		for _, s := range v {
			f.text(s)
		}
	case []float32:
		f.put(ofList, ofFloat32, uint64(len(v)), v)
	case []int32:
		f.put(ofList, ofInt32, uint64(len(v)), v)
	default:
		panic(fmt.Sprintf("tinymodel: setting %s: no type for %T", key, value))
	}
}

func (f *file) align() {
	f.Write(make([]byte, (alignment-f.Len()%alignment)%alignment))
}
