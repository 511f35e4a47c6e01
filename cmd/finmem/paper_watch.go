package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"finmem/agent/llm/transport"
	"finmem/backtest/journal"
	"finmem/data"
	"finmem/data/fetch/alphavantage"
	"finmem/data/fetch/finnhub"
	"finmem/data/fetch/stooq"
	"finmem/data/fetch/tiingo"
	"finmem/internal/waiting"
	"finmem/paper"
	"finmem/paper/alpaca"
	"finmem/paper/watch"
)

// watchFlags say how a loop shows itself to the outside.
type watchFlags struct{ logFormat, listen string }

func (f *watchFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.logFormat, "log-format", "text", "form of the log on stderr: text or json")
	cmd.Flags().StringVar(&f.listen, "listen", "", "serve /healthz, /readyz and /metrics at this `address` of this machine, such as 127.0.0.1:9464")
}

// check refuses what cannot be meant, before anything is made.
func (f watchFlags) check(c webhookConfig, replay bool) error {
	if _, _, err := c.settings(os.LookupEnv); err != nil {
		return err
	}
	if f.logFormat != "text" && f.logFormat != "json" {
		return usagef(nil, "--log-format %q: want text or json", f.logFormat)
	}
	if f.listen == "" {
		return nil
	}
	if replay {
		return usagef(nil, "--listen is for a market that is still open, not for --replay")
	}
	if err := watch.Local(f.listen); err != nil {
		return usagef(nil, "--listen: %v", err)
	}
	return nil
}

// webhookConfig says where events are sent.
type webhookConfig struct {
	// URLEnv names the environment variable that holds the address. It often has a
	// token in it, so it stands in no file. Empty sends nothing.
	URLEnv string `toml:"url_env"`
	// Events are the kinds that are sent.
	Events []string `toml:"events"`
}

func defaultWebhook() webhookConfig {
	var c webhookConfig
	for _, k := range watch.DefaultKinds() {
		c.Events = append(c.Events, string(k))
	}
	return c
}

// settings are those of the webhook, checked; ok is false where there is none.
func (c webhookConfig) settings(lookup func(string) (string, bool)) (w watch.WebhookConfig, ok bool, err error) {
	if c.URLEnv == "" {
		return w, false, nil
	}
	text, _ := lookup(c.URLEnv)
	if w.URL = strings.TrimSpace(text); w.URL == "" {
		return w, false, usagef(nil, "paper.webhook.url_env names %s, and the environment does not have it", c.URLEnv)
	}
	for _, e := range c.Events {
		w.Kinds = append(w.Kinds, paper.Kind(e))
	}
	if err := w.Validate(); err != nil {
		return w, false, usagef(nil, "paper.webhook: %v", err)
	}
	return w, true, nil
}

// logger is the log of a loop, in which no secret stands.
func (f watchFlags) logger(w io.Writer, secrets []string) *slog.Logger {
	var h slog.Handler = slog.NewTextHandler(w, nil)
	if f.logFormat == "json" {
		h = slog.NewJSONHandler(w, nil)
	}
	return slog.New(watch.Masked(h, secrets...))
}

// secretVariables are the environment variables whose values are secrets: the keys
// of the broker, of the vendors of data and of the models.
func secretVariables() []string {
	names := []string{alpaca.KeyVariable, alpaca.SecretVariable, tiingo.KeyVariable, finnhub.KeyVariable,
		alphavantage.KeyVariable, stooq.KeyVariable}
	for _, p := range transport.Providers() {
		names = append(names, p.KeyVariables...)
	}
	return names
}

// secrets are the values that nothing of a loop may show. Of the webhook's address
// its parts are too: a token may be named without the rest.
func (c webhookConfig) secrets(lookup func(string) (string, bool)) []string {
	var list []string
	for _, name := range secretVariables() {
		if v, ok := lookup(name); ok {
			list = append(list, strings.TrimSpace(v))
		}
	}
	if c.URLEnv == "" {
		return list
	}
	text, _ := lookup(c.URLEnv)
	list = append(list, strings.TrimSpace(text))
	u, err := url.Parse(strings.TrimSpace(text))
	if err != nil {
		return list
	}
	parts := strings.Split(u.Path, "/")
	for _, values := range u.Query() {
		parts = append(parts, values...)
	}
	if password, ok := u.User.Password(); ok {
		parts = append(parts, password)
	}
	for _, p := range parts {
		// "services" and the like are words of the address and of all texts.
		if strings.Trim(p, "abcdefghijklmnopqrstuvwxyz") != "" {
			list = append(list, p)
		}
	}
	return list
}

// drainTime bounds how long the end of a loop waits for messages on their way.
const drainTime = 10 * time.Second

// observers make what happens in the loop seen: in the log, in a file of the
// folder, and as far as asked for as metrics and as messages. They are let go of
// when the loop is closed. A replay is seen in log and file alone.
func (l *paperLoop) observers(s *streams, c config, o paperOptions, tolerance time.Duration) (paper.Observer, error) {
	webhook, wanted, err := c.Paper.Webhook.settings(os.LookupEnv)
	if err != nil {
		return nil, err
	}
	log := o.watch.logger(s.err, c.Paper.Webhook.secrets(os.LookupEnv))
	file, err := watch.OpenEventFile(filepath.Join(l.dir, watch.EventsName))
	if err != nil {
		return nil, err
	}
	l.close = append(l.close, file.Close)
	list := []paper.Observer{watch.Log(log), file}
	if wanted && o.replay == "" {
		hook, err := l.webhook(webhook, log)
		if err != nil {
			return nil, err
		}
		list = append(list, hook)
	}
	if o.watch.listen != "" {
		metrics, err := l.serve(o.watch.listen, tolerance, log)
		if err != nil {
			return nil, err
		}
		list = append(list, metrics)
	}
	return watch.All(list...), nil
}

func (l *paperLoop) webhook(cfg watch.WebhookConfig, log *slog.Logger) (paper.Observer, error) {
	cfg.Sleep, cfg.Notify = waiting.Sleep, func(text string) { log.Warn(text) }
	hook, err := watch.NewWebhook(cfg)
	if err != nil {
		return nil, err
	}
	l.close = append(l.close, func() error {
		ctx, cancel := context.WithTimeout(context.Background(), drainTime)
		defer cancel()
		if n := hook.Close(ctx); n > 0 {
			log.Warn(fmt.Sprintf("the webhook did not take %s", count(n, "event")))
		}
		return nil
	})
	return hook, nil
}

// serve serves health and metrics until the loop is closed.
func (l *paperLoop) serve(address string, tolerance time.Duration, log *slog.Logger) (paper.Observer, error) {
	listener, err := watch.Listen(address)
	if err != nil {
		return nil, usagef(nil, "--listen: %v", err)
	}
	health := func() (paper.Health, error) {
		h, _, err := paper.ReadHealth(l.dir)
		return h, err
	}
	metrics := watch.NewMetrics(health, (&spentSoFar{loop: l}).usage)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := watch.Serve(ctx, listener, watch.Handler(watch.Checks{Health: health, Now: time.Now, Tolerance: tolerance}, metrics.Handler())); err != nil {
			log.Error("serving health and metrics ended", "error", err)
		}
	}()
	l.close = append(l.close, func() error {
		cancel()
		<-done
		return nil
	})
	log.Info("serving /healthz, /readyz and /metrics", "address", listener.Addr().String())
	return metrics, nil
}

// spentSoFar is what the model has cost in all of a loop's sessions. It is counted
// anew when there is one more of them.
type spentSoFar struct {
	loop *paperLoop

	mu    sync.Mutex
	last  data.Session
	spent watch.Usage
}

// usage is safe for several goroutines. What cannot be read just now stays as it
// was counted last.
func (u *spentSoFar) usage() watch.Usage {
	ctx := context.Background()
	u.mu.Lock()
	defer u.mu.Unlock()
	h, _, err := paper.ReadHealth(u.loop.dir)
	if err != nil || h.Last == "" || h.Last == u.last {
		return u.spent
	}
	j, err := journal.Read(ctx, u.loop.dir)
	if err != nil {
		return u.spent
	}
	defer j.Close()
	r, err := readUsage(ctx, j, u.loop.plan.symbols, u.loop.plan.spending.rates)
	if err != nil {
		return u.spent
	}
	u.last, u.spent = h.Last, watch.Usage{InputTokens: r.Total.InputTokens, OutputTokens: r.Total.OutputTokens, USD: r.Total.USD}
	return u.spent
}
