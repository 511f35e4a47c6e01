package embed

// isFunctionWord reports whether a lower-case word only holds English sentences
// together and says nothing of what they are about. Words that tell more from
// less, up from down or yes from no are none here, for on a market they do.
func isFunctionWord(word string) bool {
	switch word {
	case "a", "about", "again", "all", "also", "an", "and", "any", "are", "as",
		"at", "be", "because", "been", "being", "between", "both", "but", "by",
		"can", "could", "did", "do", "does", "during", "each", "for", "from",
		"had", "has", "have", "having", "he", "her", "here", "hers", "him", "his",
		"how", "i", "if", "in", "into", "is", "it", "its", "itself", "just", "me",
		"might", "my", "now", "of", "on", "once", "only", "or", "other", "our",
		"out", "own", "same", "she", "should", "so", "some", "such", "than",
		"that", "the", "their", "them", "then", "there", "these", "they", "this",
		"those", "through", "to", "too", "until", "was", "we", "were", "what",
		"when", "where", "which", "while", "who", "whom", "why", "will", "with",
		"would", "you", "your":
		return true
	}
	return false
}
