package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/BurntSushi/toml"
	"github.com/spf13/cobra"

	"finmem/backtest/journal"
)

func newMemoryReembedCmd(s *streams) *cobra.Command {
	var o reembedOptions
	cmd := &cobra.Command{
		Use:   "reembed RUN --embedder NAME --out NEWRUN",
		Short: "Copy a run with its memory placed by another embedder",
		Long: `reembed copies a run and has every text that it ever remembered placed anew by
another embedder. The run itself stays as it is; the copy appears whole or not at
all. What was decided, and the scores of what was on offer, came about with the
vectors of before and are copied as they are.

The copy counts as not finished: with the command of the run, its new embedder and
name and --resume, it goes on or, where nothing is left to do, is scored.`,
		Example: `  finmem memory reembed r --embedder ollama/nomic-embed-text --out r-nomic`,
		Args:    args(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, a []string) error {
			if o.name == "" || o.out == "" {
				return usagef(cmd, "--embedder and --out are needed: which embedder, and what the copy is called")
			}
			c, err := o.calls.calling(cmd)
			if err != nil {
				return err
			}
			o.place.apply(cmd, &o.embedding)
			return o.reembed(cmd.Context(), s, c, a[0])
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.runsDir, "runs", defaultRunsDir, "`folder` that runs are kept in")
	f.StringVar(&o.name, "embedder", "", "`embedder` that places the texts anew")
	f.StringVar(&o.out, "out", "", "`name` of the copy")
	o.calls.add(cmd)
	o.place.add(cmd)
	return cmd
}

type reembedOptions struct {
	runsDir, name, out string
	calls              callFlags
	place              embedFlags
	embedding          embeddingConfig
}

func (o *reembedOptions) reembed(ctx context.Context, s *streams, c calling, run string) error {
	from, err := findRun(o.runsDir, run)
	if err != nil {
		return err
	}
	to, err := runDir(o.runsDir, o.out)
	if err != nil {
		return err
	}
	if _, err := os.Lstat(to); !errors.Is(err, os.ErrNotExist) {
		if err == nil {
			err = fmt.Errorf("%s is there already", to)
		}
		return err
	}
	j, err := journal.Read(ctx, from)
	if err != nil {
		return err
	}
	defer j.Close()
	meta, err := j.Meta(ctx)
	if err != nil {
		return err
	}
	was := meta.Embedder
	m := modelConfig{Embedder: o.name, Embedding: o.embedding}
	return withEmbedder(ctx, m, c, func(e embedder) error {
		meta.Embedder = e.Identity()
		if meta.Embedder == was {
			return fmt.Errorf("the memory of %s is placed by %s already", from, was)
		}
		if err := reconfigure(&meta, m); err != nil {
			return fmt.Errorf("%s: %w", from, err)
		}
		if err := copyRun(ctx, j, meta, from, to, e); err != nil {
			return err
		}
		fmt.Fprintf(s.out, "%s is %s with %s in place of %s\n", to, from, meta.Embedder, was)
		return nil
	})
}

// reconfigure makes the embedder of m that of a run.
func reconfigure(meta *journal.Meta, m modelConfig) error {
	c := defaultConfig()
	if _, err := toml.Decode(meta.Config, &c); err != nil {
		return fmt.Errorf("its configuration: %w", tomlError(err))
	}
	c.Model.Embedder, c.Model.Embedding = m.Embedder, m.Embedding
	text, err := c.TOML()
	if err != nil {
		return err
	}
	now, err := c.settings()
	if err != nil {
		return err
	}
	meta.Config = text
	for _, name := range []string{"model.embedder", "model.embedding.input_tokens"} {
		meta.Settings[name] = now[name]
	}
	return nil
}

// copyRun makes the copy beside its place and moves it there when it is whole.
func copyRun(ctx context.Context, j *journal.Journal, meta journal.Meta, from, to string, e embedder) (err error) {
	half := to + ".part"
	if err := os.Mkdir(half, 0o777); err != nil {
		if errors.Is(err, os.ErrExist) {
			return hinted{fmt.Errorf("%s is there: another copy is being made, or one was broken off", half), "remove it if nothing is working on it"}
		}
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(half)) }()
	if err := j.Reembed(ctx, half, meta, e.Embed); err != nil {
		return err
	}
	files, err := os.ReadDir(from)
	if err != nil {
		return err
	}
	for _, f := range files {
		if !strings.HasPrefix(f.Name(), "profile-") {
			continue
		}
		text, err := os.ReadFile(filepath.Join(from, f.Name()))
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(half, f.Name()), text, 0o666); err != nil {
			return err
		}
	}
	return os.Rename(half, to)
}
