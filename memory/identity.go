package memory

import "fmt"

// An Identity tells embedders apart. Vectors of different identities have
// nothing to do with each other.
type Identity struct {
	Name string
	Dim  int // number of dimensions
}

func (i Identity) String() string { return fmt.Sprintf("%s (%d dimensions)", i.Name, i.Dim) }

// Check compares the embedder at hand with the one that a memory was written
// with. Its error names both.
func (i Identity) Check(written Identity) error {
	if i != written {
		return fmt.Errorf("the memory was written with embedder %s, but %s is configured: configure the former, or embed the memory anew", written, i)
	}
	return nil
}
