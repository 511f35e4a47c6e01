package importer_test

import (
	"context"
	"strings"
	"testing"

	"finmem/data"
	"finmem/data/importer"
	"finmem/internal/shared"
)

// checkEnv imports a file of INVESTOR-BENCH's kind and checks it.
func checkEnv(t *testing.T, symbol string, elem ...string) data.SymbolReport {
	t.Helper()
	r, err := importer.InvestorBench(context.Background(), shared.Path(t, elem...), symbol, importer.EnvOptions{})
	if err != nil {
		t.Fatal(err)
	}
	d, err := data.NewDataset(r.Meta, r.History)
	if err != nil {
		t.Fatal(err)
	}
	report, err := data.Check(d, data.CheckOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return report.Symbols[0]
}

// INVESTOR-BENCH's NFLX lacks 57 of 291 sessions; its JNJ lacks none.
func TestCheckNamesMissingSessions(t *testing.T) {
	nflx := checkEnv(t, "NFLX", "data", "investorbench", "nflx.json")
	if nflx.Bars != 234 || nflx.ExpectedSessions != 291 || nflx.MissingCount != 57 {
		t.Errorf("NFLX: %d bars, %d of %d sessions missing; want 234 and 57 of 291", nflx.Bars, nflx.MissingCount, nflx.ExpectedSessions)
	}
	named := 0
	for _, gap := range nflx.Missing {
		named += gap.Sessions
	}
	if named != 57 {
		t.Errorf("the gaps name %d sessions, want 57", named)
	}
	if len(nflx.Findings) == 0 || !nflx.Findings[0].Warning || !strings.HasPrefix(nflx.Findings[0].Text, "57 of 291 sessions missing: ") {
		t.Errorf("findings = %+v", nflx.Findings)
	}
	jnj := checkEnv(t, "JNJ", "data", "investorbench", "jnj.json")
	if jnj.Bars != 291 || jnj.MissingCount != 0 || len(jnj.Missing) != 0 {
		t.Errorf("JNJ: %d bars, %d missing; want 291 and none", jnj.Bars, jnj.MissingCount)
	}
}

// The paper's period: 414 sessions, news on 318 of them from 2022 on.
func TestCheckPaperPeriod(t *testing.T) {
	tsla := checkEnv(t, "TSLA", "data", "finmem", "finmem_period", "TSLA.json")
	if tsla.Bars != 414 || tsla.MissingCount != 0 || tsla.First != "2021-08-17" || tsla.Last != "2023-04-10" {
		t.Errorf("%d bars from %s to %s, %d missing", tsla.Bars, tsla.First, tsla.Last, tsla.MissingCount)
	}
	if tsla.News.Items != 4089 || tsla.News.DateOnly != 4089 {
		t.Errorf("news = %+v, want 4089 items, all date-only", tsla.News)
	}
	news := 0
	for _, m := range tsla.Coverage {
		if m.Month < "2022-01" && m.News > 0 {
			t.Errorf("%d news in %s, want none before 2022", m.News, m.Month)
		}
		news += m.News
	}
	if news != 4089 || len(tsla.Coverage) != 21 {
		t.Errorf("%d news in %d months, want 4089 in 21", news, len(tsla.Coverage))
	}
}

// A market that never closes has sessions on weekends, and INVESTOR-BENCH's ETH
// lacks some of its days.
func TestCheckCrypto(t *testing.T) {
	btc := checkEnv(t, "BTC-USD", "data", "investorbench", "btc.json")
	if btc.Bars != 386 || btc.MissingCount != 0 || len(btc.NonSessions) != 0 {
		t.Errorf("BTC: %d bars, %d missing, %d on dates without a session; want 386 and none", btc.Bars, btc.MissingCount, len(btc.NonSessions))
	}
	eth := checkEnv(t, "ETH-USD", "data", "investorbench", "eth.json")
	if eth.Bars != 318 || eth.MissingCount != eth.ExpectedSessions-318 || eth.MissingCount == 0 {
		t.Errorf("ETH: %d bars, %d of %d missing", eth.Bars, eth.MissingCount, eth.ExpectedSessions)
	}
}
