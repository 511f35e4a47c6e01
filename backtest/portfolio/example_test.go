package portfolio_test

import (
	"fmt"

	"github.com/quagmt/udecimal"

	"finmem/agent"
	"finmem/backtest/broker"
	"finmem/backtest/portfolio"
	"finmem/data"
)

// One decision on its way into the account: sized at Monday's close of 100,
// filled at Tuesday's open of 105, where the cash pays for 95 shares.
func Example() {
	ledger := portfolio.New(udecimal.MustParse("10000"), false)
	sim := broker.Sim{Costs: broker.Costs{CommissionBps: 10}}

	order, _, _, err := broker.DefaultSizing().Order("TSLA", "2024-03-04", agent.Buy, 100, ledger, sim.Costs, sim.Lot)
	if err != nil {
		panic(err)
	}
	fmt.Println(order.ID, order.Shares)

	tuesday := data.CloseBar("2024-03-05", 106)
	tuesday.Open = 105
	result, err := sim.Fill(order, tuesday, ledger)
	if err != nil {
		panic(err)
	}
	if err := ledger.Apply(*result.Fill); err != nil {
		panic(err)
	}
	fmt.Println(result.Note)
	fmt.Println("cash", ledger.Cash(), "shares", ledger.Shares(), "average cost", ledger.AverageCost())
	fmt.Println("equity", ledger.Equity(udecimal.MustParse("106")))
	// Output:
	// TSLA-2024-03-04-buy 99
	// 95 of 99 shares: cash 10000 pays for 95 at 105 with the fee
	// cash 15.025 shares 95 average cost 105.105
	// equity 10085.025
}
