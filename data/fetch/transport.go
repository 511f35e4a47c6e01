package fetch

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
)

// HTTP is the client as an [http.Client], for a vendor's own library. Each of its
// requests goes through [Client.Get] with ctx and the settings of r; the library's
// own headers, keys and user agent are not sent. What fails is an [*Error] inside
// the library's error, so a library sees no status but 200 and has nothing to
// retry. To be sent from page to page in a circle is an error too. The client is
// for one goroutine.
func (c *Client) HTTP(ctx context.Context, r Request) *http.Client {
	asked := make(map[string]bool)
	return &http.Client{Transport: roundTripper(func(req *http.Request) (*http.Response, error) {
		if req.Method != http.MethodGet {
			return nil, fmt.Errorf("%s: a %s request is not sent", c.vendor.Name, req.Method)
		}
		page := r
		page.URL = req.URL.String()
		if asked[page.URL] {
			return nil, c.errorOf(Errorf(BadFormat, "the pages of the answer go round in a circle"))
		}
		asked[page.URL] = true
		a, err := c.Get(ctx, page)
		if err != nil {
			return nil, err
		}
		return &http.Response{
			Status: "200 OK", StatusCode: http.StatusOK, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
			Header:        http.Header{"Content-Type": {"application/json"}},
			Body:          io.NopCloser(bytes.NewReader(a.Body)),
			ContentLength: int64(len(a.Body)),
			Request:       req,
		}, nil
	})}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }
