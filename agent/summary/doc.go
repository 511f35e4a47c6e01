// Package summary puts summaries in place of the long news and filings of a
// dataset, before an agent reads it.
//
// A [Summarizer] makes one text shorter. [Extract] picks sentences of the text by
// a rule and needs no model; [Chat] has a language model write summaries of its
// parts, and summaries of those, until they are short enough. Neither is given
// anything but the item's own title, form and text, so what a summary says was
// public when the item was. What a language model adds from its training is
// another matter, and the dataset says which model it was.
package summary
