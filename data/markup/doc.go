// Package markup turns foreign text, HTML or plain, into clean plain text.
//
// [Text] reads news bodies, filings and whatever else a vendor sends: tags,
// scripts, styles and hidden parts go, entities become characters, blocks and
// table rows become lines. [Clean] is what every foreign text goes through
// besides: control characters and half characters never reach a prompt or a
// terminal.
//
// Neither can fail. HTML is read as a stream of tags with a bounded memory of
// what is open, so nesting of any depth costs nothing and a tag that is never
// closed spoils no more than it would in a browser. The result is of the order
// of the input in size; whoever reads files bounds those.
package markup
