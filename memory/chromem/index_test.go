package chromem_test

import (
	"testing"

	"finmem/memory"
	"finmem/memory/chromem"
	"finmem/memory/memorytest"
)

func TestIndex(t *testing.T) {
	memorytest.TestIndex(t, func() memory.Index { return chromem.New() })
}
