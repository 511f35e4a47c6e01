package transport

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strconv"
	"strings"
)

// What providers say. A status is believed first; the words only tell apart what
// the status leaves open.
var (
	keyWords     = regexp.MustCompile(`(?i)(invalid|incorrect|missing|expired|not valid|no) (x-)?api[ _-]?key|api[ _-]?key (is |was )?(not valid|invalid|missing|expired|not found)|unauthori[sz]ed|authentication`)
	creditWords  = regexp.MustCompile(`(?i)insufficient_quota|enforced_spend_limit|credit balance|billing|usage limits|exceeded your current quota`)
	rateWords    = regexp.MustCompile(`(?i)rate.?limit|too many requests`)
	contextWords = regexp.MustCompile(`(?i)context_length_exceeded|exceed_context_size|context (length|window|size)|maximum context|prompt (is )?too long|input is too (long|large)|maximum input length|too many (input )?tokens|exceeds? the (model's )?(available )?context|input length and|max_input_tokens|maximum number of tokens|must have less than \d+ tokens|max_new_tokens.{0,5} must be <=`)
	modelWords   = regexp.MustCompile(`(?i)model_not_found|not_found_error|model .*(not found|does not exist|not exist)|unknown model|invalid model`)
	loadWords    = regexp.MustCompile(`(?i)overloaded|server (is )?busy|try again later|temporarily unavailable`)
	schemaWords  = regexp.MustCompile(`(?i)(invalid|failed|unsupported).*(json schema|grammar|format)`)
	retryDelay   = regexp.MustCompile(`"retryDelay":\s*"([0-9.]+)s"`)
)

// paramWords are the parameters that a refusal may name, by the names they have at
// some provider.
var paramWords = regexp.MustCompile(`\b(temperature|top_p|random_seed|seed|max_completion_tokens|max_tokens|num_ctx|num_predict|response_format|response_schema|json_schema|tool_choice|tools|format|dimensions)\b`)

// classify says what a refusal is by its status and words. Status 200 stands for
// a refusal in the place of an answer.
func classify(status int, body []byte) *Error {
	w := wordsOf(body)
	e := &Error{Kind: BadRequest, Message: w.message, Param: w.param}
	text := string(body)
	if status == http.StatusOK && w.status != 0 {
		status = w.status
	}
	switch {
	case status == http.StatusPaymentRequired,
		(status == http.StatusTooManyRequests || status == http.StatusBadRequest || status == http.StatusForbidden || status == http.StatusOK) && creditWords.MatchString(text):
		e.Kind = NoCredit
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		e.Kind = KeyRefused
	case status == http.StatusTooManyRequests:
		e.Kind = RateLimited
	case status == http.StatusInternalServerError && schemaWords.MatchString(text):
		// Ollama's answer to a schema that it cannot use.
		e.Param = "format"
	case status >= 500 && contextWords.MatchString(text) && !isWebPage(body):
		// llama.cpp and Ollama say so with a status 500. The words come before the
		// status: such a request is refused however often it is made.
		e.Kind = ContextTooLong
	case status >= 500, status == http.StatusRequestTimeout, status == http.StatusConflict, status == http.StatusTooEarly:
		e.Kind = Overloaded
	case status == http.StatusRequestEntityTooLarge, contextWords.MatchString(text):
		e.Kind = ContextTooLong
	case (status == http.StatusBadRequest || status == http.StatusOK) && keyWords.MatchString(text):
		e.Kind = KeyRefused
	case status == http.StatusNotFound && modelWords.MatchString(text), w.code == "model_not_found":
		e.Kind = UnknownModel
	case status == http.StatusNotFound:
		e.Message = strings.TrimSpace("there is no such address; is the base URL right? " + e.Message)
	case status == http.StatusOK && rateWords.MatchString(text):
		e.Kind = RateLimited
	case status == http.StatusOK && loadWords.MatchString(text):
		e.Kind = Overloaded
	}
	switch {
	case e.Kind != BadRequest:
		e.Param = ""
	case e.Param == "":
		e.Param = paramWords.FindString(w.message)
	}
	if e.Message == "" {
		e.Message = http.StatusText(status)
	}
	return e
}

// The words of a refusal.
type words struct {
	message, param, code string
	status               int // as the body has it; 0 for none
}

// wordsOf finds the words of a refusal in the forms that providers have for them:
//
//	{"error": {"message": …, "param": …, "code": …, "type": …}}   OpenAI, Anthropic
//	[{"error": {"message": …, "code": 400, "status": …}}]         Google
//	{"error": "…"}                                                Ollama, TGI
//	{"message": …} or {"detail": …}                               Mistral, vLLM
//
// A body that is none of these is its own message, unless it is a web page.
func wordsOf(body []byte) words {
	var list []json.RawMessage
	if json.Unmarshal(body, &list) == nil && len(list) > 0 {
		body = list[0]
	}
	var outer map[string]json.RawMessage
	if json.Unmarshal(body, &outer) != nil {
		if isWebPage(body) {
			return words{message: "a web page came in place of an answer"}
		}
		return words{message: shown(string(body))}
	}
	fields := outer
	var inner map[string]json.RawMessage
	if json.Unmarshal(outer["error"], &inner) == nil && inner != nil {
		fields = inner
	}
	w := words{param: str(fields["param"]), code: str(fields["code"])}
	for _, raw := range []json.RawMessage{fields["message"], outer["error"], fields["detail"], body} {
		if len(raw) == 0 || string(raw) == "null" {
			continue
		}
		if w.message = str(raw); w.message == "" {
			w.message = string(raw)
		}
		break
	}
	w.message = shown(w.message)
	for _, raw := range []json.RawMessage{fields["code"], fields["status"]} {
		if n, err := strconv.Atoi(string(raw)); err == nil && n >= 400 && n < 600 {
			w.status = n
		}
	}
	return w
}

// str is the JSON string in raw, "" for anything else.
func str(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) != nil {
		return ""
	}
	return s
}

func isWebPage(body []byte) bool {
	start := strings.ToLower(strings.TrimSpace(string(body[:min(len(body), 200)])))
	return strings.HasPrefix(start, "<!doctype") || strings.HasPrefix(start, "<html")
}
