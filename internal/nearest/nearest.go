// Package nearest finds the word that was probably meant, for errors about
// unknown keys, flags and symbols.
package nearest

// To is the candidate closest to word by edit distance, ties to the first, or ""
// where none is close: more than a third of the word would have to change.
func To(word string, candidates []string) string {
	best, limit := "", max(len(word)/3, 1)+1
	for _, c := range candidates {
		if d := distance(word, c); d < limit {
			best, limit = c, d
		}
	}
	return best
}

// Hint is `; did you mean "x"?` for the nearest candidate, or "" where there is
// none.
func Hint(word string, candidates []string) string {
	if n := To(word, candidates); n != "" {
		return `; did you mean "` + n + `"?`
	}
	return ""
}

// distance is the number of bytes to insert, delete or replace to turn a into b
// (Levenshtein 1966).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		diagonal := row[0]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := diagonal
			if a[i-1] != b[j-1] {
				cost++
			}
			diagonal = row[j]
			row[j] = min(cost, row[j]+1, row[j-1]+1)
		}
	}
	return row[len(b)]
}
