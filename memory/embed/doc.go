// Package embed turns texts into vectors.
//
// [Hashing] needs nothing and works everywhere. A [Remote] asks a server: Ollama
// or any with OpenAI's interface. All vectors have length 1, and those of two
// embedders have nothing to do with each other, which is what an
// [memory.Identity] is for.
package embed
