// Package fetch asks vendors on the internet for prices, news and filings, and
// puts what they answer into a dataset folder.
//
// Its nouns are the [Network] (the clock, the limits and the kept answers that
// all requests share), the [Client] of one vendor, and the sources: a
// [PriceSource], a [NewsSource] and a [FilingSource], each asked for one symbol
// and a half-open range of dates. A package below this one is one vendor.
// [Fetch] makes or extends a dataset, [Update] brings one up to the clock's time.
//
// A Client is polite: it keeps to the vendor's rate, waits as long as it is told
// to, tries again only what may pass by itself, and only so often. What goes
// wrong is an [*Error] with a [Kind]; a limit that comes as friendly text in an
// answer of status 200 is a limit, a page of HTML is no data, and no answer is
// never the same as no news.
//
// Keys are sent as headers or query values. They are in no error, no kept answer
// and no file.
//
// About time: the clock is handed in. A bar of a session that is not over at the
// clock's time is never stored, and an answer from before the end of what it was
// asked for is never used again.
package fetch
