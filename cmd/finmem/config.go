package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"

	"finmem/agent"
	"finmem/backtest/audit"
	"finmem/data"
	"finmem/memory"
)

// config is everything that decides a run's results, as the config file has it.
// A run keeps the resolved one beside its results; it can be fed back.
type config struct {
	// Data is the dataset's folder; "" is the built-in synthetic sample.
	Data    string       `toml:"data"`
	Symbols []string     `toml:"symbols"`
	Window  windowConfig `toml:"window"`

	Profile profileConfig `toml:"profile"`
	Agent   agentConfig   `toml:"agent"`
	Model   modelConfig   `toml:"model"`
	Memory  memory.Config `toml:"memory"`
	Broker  brokerConfig  `toml:"broker"`
	Limits  limitsConfig  `toml:"limits"`
	Run     runConfig     `toml:"run"`
	// Paper is what only a paper-trading loop goes by, nil where the file says
	// nothing of it.
	Paper *paperConfig `toml:"paper"`

	// calling is how models are called, which decides no result.
	calling calling
}

type windowConfig struct {
	WarmupFrom data.Session `toml:"warmup_from"`
	From       data.Session `toml:"from"`
	To         data.Session `toml:"to"`
}

type profileConfig struct {
	// Files are profiles of the user's own, used for the symbols they name.
	Files []string `toml:"files"`
	// Inclination overrides the profiles' risk inclination where set.
	Inclination string `toml:"inclination"`
	// Query overrides the profiles' kind of query where set.
	Query string `toml:"query"`
}

type agentConfig struct {
	LookBack     int `toml:"look_back"`
	ReflectEvery int `toml:"reflect_every"`
	Retries      int `toml:"retries"`
	PassageChars int `toml:"passage_chars"`
	MaxErrorDays int `toml:"max_error_days"`
	// LayerTokens are the most tokens that the memories of each layer take in a
	// prompt, 0 for no bound of the layer's own.
	LayerTokens layerTokens `toml:"layer_tokens"`
}

type layerTokens struct {
	Short      int `toml:"short"`
	Mid        int `toml:"mid"`
	Long       int `toml:"long"`
	Reflection int `toml:"reflection"`
}

type modelConfig struct {
	Name     string `toml:"name"`
	Embedder string `toml:"embedder"`
	// BaseURL is where the model's provider is, "" for its own address.
	BaseURL string `toml:"base_url"`
	// What is not set is not sent to the provider.
	Temperature *float64 `toml:"temperature"`
	TopP        *float64 `toml:"top_p"`
	Seed        *int64   `toml:"seed"`
	// AnswerTokens bounds an answer, 0 for the provider's bound.
	AnswerTokens int `toml:"max_answer_tokens"`
	// ContextTokens is the window that prompts are made to fit into, 0 for no limit.
	ContextTokens int             `toml:"context_tokens"`
	Embedding     embeddingConfig `toml:"embedding"`
	// TrainingCutoff is the end of the model's training, "" where it is not known.
	// It decides nothing but what is said about the results.
	TrainingCutoff audit.Cutoff `toml:"training_cutoff"`
}

type brokerConfig struct {
	Cash          string  `toml:"cash"`
	CommissionBps float64 `toml:"commission_bps"`
	SlippageBps   float64 `toml:"slippage_bps"`
	TargetWeight  float64 `toml:"target_weight"`
	Lot           string  `toml:"lot"`
	Short         bool    `toml:"short"`
}

// limitsConfig are the risk limits between decisions and orders. Zero switches a
// limit off; docs/limits.md says what each does.
type limitsConfig struct {
	// VolTarget is a yearly volatility, as a fraction.
	VolTarget float64 `toml:"vol_target" json:"volTarget"`
	// MaxWeight is a share of equity.
	MaxWeight float64 `toml:"max_weight" json:"maxWeight"`
	// CoolDown is in sessions.
	CoolDown int `toml:"cool_down" json:"coolDown"`
	// DrawdownStop is a fraction of the peak, StopSessions how long it lasts.
	DrawdownStop float64 `toml:"drawdown_stop" json:"drawdownStop"`
	StopSessions int     `toml:"stop_sessions" json:"stopSessions"`
}

type runConfig struct {
	Seed uint64 `toml:"seed"`
	// LookBackBars is how many bars the agent sees.
	LookBackBars int `toml:"look_back_bars"`
	// RiskFree is a yearly rate, as a fraction, for Sharpe and Sortino.
	RiskFree float64 `toml:"risk_free"`
	// Variants is how many configurations were tried before this one was shown,
	// this one included. It decides nothing but the deflated Sharpe ratio.
	Variants int `toml:"variants"`
}

// defaultConfig is the sample with the offline analyst.
func defaultConfig() config {
	preset, err := memory.Preset("layered")
	if err != nil {
		panic(err) // the preset is built in
	}
	a := agent.DefaultConfig()
	return config{
		Agent:  agentConfig{LookBack: a.LookBack, ReflectEvery: a.ReflectEvery, Retries: a.Retries, PassageChars: a.PassageChars, MaxErrorDays: 5},
		Model:  modelConfig{Name: "offline", Embedder: "offline"},
		Memory: preset,
		Broker: brokerConfig{Cash: "100000", CommissionBps: 5, SlippageBps: 5, TargetWeight: 1, Lot: "1"},
		Limits: limitsConfig{StopSessions: 20},
		Run:    runConfig{Seed: 1, LookBackBars: 120, Variants: 1},
	}
}

// agent is the part of c that the agent thinks by.
func (c config) agent() agent.Config {
	a := agent.DefaultConfig()
	a.TopK, a.LookBack, a.ReflectEvery = c.Memory.TopK, c.Agent.LookBack, c.Agent.ReflectEvery
	a.Retries, a.PassageChars = c.Agent.Retries, c.Agent.PassageChars
	a.ContextTokens, a.LayerTokens = c.Model.ContextTokens, agent.LayerTokens(c.Agent.LayerTokens)
	if n := c.Model.AnswerTokens; n > 0 {
		a.AnswerTokens = n
	}
	return a
}

// readConfig lays a file over the defaults. A memory preset named in the file is
// taken first and the file's other constants over it.
func readConfig(path string) (config, error) {
	c := defaultConfig()
	text, err := os.ReadFile(path)
	if err != nil {
		return c, fmt.Errorf("reading the configuration: %w", err)
	}
	var named struct {
		Memory struct{ Preset string }
		Paper  map[string]any
	}
	if _, err := toml.Decode(string(text), &named); err != nil {
		return c, fmt.Errorf("%s: %w", path, tomlError(err))
	}
	if named.Memory.Preset != "" {
		if c.Memory, err = memory.Preset(named.Memory.Preset); err != nil {
			return c, fmt.Errorf("%s: %w", path, err)
		}
	}
	if named.Paper != nil {
		c.Paper = new(paperConfig)
		*c.Paper = defaultPaper()
	}
	found, err := toml.Decode(string(text), &c)
	if err != nil {
		return c, fmt.Errorf("%s: %w", path, tomlError(err))
	}
	if unknown := found.Undecoded(); len(unknown) > 0 {
		where := path
		if n := lineOf(string(text), unknown[0]); n > 0 {
			where = fmt.Sprintf("%s line %d", path, n)
		}
		return c, fmt.Errorf("%s: unknown setting %q; finmem config show lists those there are", where, unknown[0].String())
	}
	return c, nil
}

// lineOf is the line of a TOML text on which a key is set, or its table begins; 0
// where it is not found, such as in an inline table.
func lineOf(text string, key toml.Key) int {
	table := ""
	name := key[len(key)-1]
	within := strings.Join(key[:len(key)-1], ".")
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if head, ok := strings.CutPrefix(line, "["); ok {
			table, _, _ = strings.Cut(strings.TrimPrefix(head, "["), "]")
			table = strings.TrimSpace(table)
			if table == strings.Join(key, ".") {
				return i + 1
			}
			continue
		}
		left, _, ok := strings.Cut(line, "=")
		left = strings.Trim(strings.TrimSpace(left), `"'`)
		if ok && (table == within && left == name || strings.TrimPrefix(table+"."+left, ".") == strings.Join(key, ".")) {
			return i + 1
		}
	}
	return 0
}

// tomlError is the library's error on one line, with its position.
func tomlError(err error) error {
	var p toml.ParseError
	if errors.As(err, &p) {
		return fmt.Errorf("line %d: %s", p.Position.Line, p.Message)
	}
	return err
}

// TOML writes c as a file that readConfig reads back.
func (c config) TOML() (string, error) {
	var b bytes.Buffer
	enc := toml.NewEncoder(&b)
	enc.Indent = ""
	if err := enc.Encode(c); err != nil {
		return "", err
	}
	return b.String(), nil
}

// settings flattens c into names and values, so that two runs can be compared
// setting by setting.
func (c config) settings() (map[string]string, error) {
	text, err := c.TOML()
	if err != nil {
		return nil, err
	}
	var tree map[string]any
	if _, err := toml.Decode(text, &tree); err != nil {
		return nil, err
	}
	flat := map[string]string{}
	flatten("", tree, flat)
	return flat, nil
}

func flatten(prefix string, v any, into map[string]string) {
	if m, ok := v.(map[string]any); ok {
		for k, x := range m {
			flatten(strings.TrimPrefix(prefix+"."+k, "."), x, into)
		}
		return
	}
	into[prefix] = fmt.Sprint(v)
}

// canonicalSymbols makes the symbols canonical, sorted and unique, so that the
// order in which they were typed does not matter.
func canonicalSymbols(list []string) ([]string, error) {
	var out []string
	for _, s := range list {
		c, err := data.Canonical(s)
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}
