package main

import (
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// asCommand makes the test binary be finmem, so that tests can start, and kill,
// a real process.
const asCommand = "FINMEM_TEST_AS_COMMAND"

func TestMain(m *testing.M) {
	if os.Getenv(asCommand) != "" {
		main()
		return
	}
	testscript.Main(m, map[string]func(){"finmem": main, "sha": sha, "same-digest": sameDigest, "grep-sentinel": grepSentinel})
}

// TestScripts runs what a user sees, command by command: output, exit code and
// files. Scripts that need the shared data find its folder in $SHARED and skip
// where there is none.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("SHARED", sharedRoot())
			return nil
		},
		Condition: func(cond string) (bool, error) {
			if cond == "shared" {
				_, err := os.Stat(sharedRoot())
				return err == nil, nil
			}
			return false, nil
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"exitcode": exitCodeCmd,
			"one-line": oneLineCmd,
			"vendors":  vendorsCmd,
		},
	})
}
