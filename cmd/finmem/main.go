// Command finmem is a trading agent with a layered memory: it backtests, and
// shows what the agent remembered and why it decided as it did.
//
// Results go to stdout, everything else to stderr. Exit codes: 0 done, 1
// failed, 2 wrong use or configuration, 3 finished but with error days or with
// symbols that could not be fetched, 4 key missing or refused, 130 interrupted.
package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // exchange time zones on machines that have none installed
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run is main without the process: arguments and streams in, exit code out.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	root := newRootCmd(&streams{in: stdin, out: stdout, err: stderr})
	root.SetArgs(args)
	return exitCode(root.ExecuteContext(ctx), stderr)
}
