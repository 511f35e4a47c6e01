package agent

import "unicode/utf8"

// EstimateTokens is about how many tokens a language model makes of s: one per
// four ASCII characters, rounded up, and one for every other character. It
// needs no vocabulary and no network, and it is an estimate: real counts of
// English prose are mostly within a fifth of it.
func EstimateTokens(s string) int {
	ascii, others := 0, 0
	for _, r := range s {
		if r < utf8.RuneSelf {
			ascii++
		} else {
			others++
		}
	}
	return (ascii+3)/4 + others
}
