// Package transport carries calls to providers of language models and embeddings.
// A [Transport] is an [net/http.RoundTripper] that lies under a client library and
// is right where the library is not:
//
//   - What goes out: [Rewrite] changes the body of a request, so parameters and
//     schemas that the library cannot send are sent, and none that was not set.
//   - What comes back is read whole and checked before the library sees it. A
//     refusal, an empty, cut or foreign answer, a stalled body are an [*Error] with a
//     [Kind], never an empty success.
//   - Waiting: rate limits, overload and outages are waited for as told, or longer
//     and longer, up to a patience, under one [Limiter] for all users of a
//     provider. A wrong key fails at once.
//   - Keeping: answers are kept and replayed through [finmem/agent/llm/calls].
//
// Libraries turn errors into texts of their own. [Watch] gives the error, and what
// else became of a call, past the library.
//
// Keys never reach an error or a kept body, also where a server echoes them.
package transport
