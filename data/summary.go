package data

import (
	"encoding/hex"
	"fmt"
)

// A Summary says that the text of a document stands for a longer one that is not
// in the dataset.
type Summary struct {
	// Method names how it was made, such as "extract" or "model".
	Method string `json:"method"`
	// Model is the language model that wrote it, "" for none.
	Model string `json:"model,omitempty"`
	// SHA256 is that of the original text, in hexadecimal.
	SHA256 string `json:"sha256"`
	// Characters is the length of the original text.
	Characters int `json:"characters"`
}

// Validate reports the first field that does not make sense.
func (s Summary) Validate() error {
	if s.Method == "" {
		return fmt.Errorf("summary method is empty; want what made the summary, such as extract")
	}
	if sum, err := hex.DecodeString(s.SHA256); err != nil || len(sum) != 32 {
		return fmt.Errorf("summary sha256 %q: want the SHA-256 of the original text, 64 hexadecimal digits", s.SHA256)
	}
	if s.Characters < 1 {
		return fmt.Errorf("summary characters %d: want the length of the original text, 1 or more", s.Characters)
	}
	return nil
}
