package memory_test

import (
	"testing"

	"finmem/memory"
	"finmem/memory/memorytest"
)

func TestExact(t *testing.T) {
	memorytest.TestIndex(t, func() memory.Index { return memory.NewExact() })
}
