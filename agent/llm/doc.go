// Package llm brings language models to the agent through langchaingo.
//
// [New] makes an [agent.Model] from a name; [Chat] makes one from any langchaingo
// model. The [Analyst] is such a model without a language model in it: a few
// rules, for running everything without a key or a network. A [Script] repeats
// given answers, for tests.
//
// langchaingo's types do not leave this package.
package llm
