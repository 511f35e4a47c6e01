package broker_test

import (
	"math"
	"math/big"
	"strconv"
	"testing"

	"github.com/quagmt/udecimal"
	"pgregory.net/rapid"

	"finmem/backtest/broker"
)

// dec is a decimal literal.
func dec(s string) broker.Decimal { return udecimal.MustParse(s) }

// same fails the test unless got is exactly want.
func same(t *testing.T, what string, got broker.Decimal, want string) {
	t.Helper()
	if !got.Equal(dec(want)) {
		t.Errorf("%s = %s, want %s", what, got, want)
	}
}

func TestPrice(t *testing.T) {
	for _, c := range []struct {
		p    float64
		want string
	}{
		{100, "100"},
		{0.1, "0.1"},
		{379.2799987792969, "379.279999"}, // a float32 price of a FinMem file
		{1.78, "1.78"},
		{0.0000005000000001, "0.000001"},
		{0.0000025, "0.000002"},                 // half goes to even
		{0.0000035, "0.000004"},                 // half goes to even
		{1234567.8901235, "1234567.890124"},     // half, odd before
		{1234567.8901245, "1234567.890124"},     // half, even before
		{0.00000050000000000001, "0.000001"},    // above half only in the twentieth decimal
		{0.00000150000000000000023, "0.000002"}, // likewise in the twenty-second
		{1e12, "1000000000000"},
		{123456789012.34567, "123456789012.34567"},
	} {
		got, err := broker.Price(c.p)
		if err != nil {
			t.Errorf("Price(%v): %v", c.p, err)
			continue
		}
		same(t, "Price("+strconv.FormatFloat(c.p, 'g', -1, 64)+")", got, c.want)
	}
}

func TestPriceRefusesWhatNoPriceCanBe(t *testing.T) {
	for p, want := range map[float64]string{
		0:            "price 0: want a number above 0 and up to 1e+12",
		-1.5:         "price -1.5: want a number above 0 and up to 1e+12",
		math.Inf(1):  "price +Inf: want a number above 0 and up to 1e+12",
		math.Inf(-1): "price -Inf: want a number above 0 and up to 1e+12",
		1e300:        "price 1e+300: want a number above 0 and up to 1e+12",
		0.0000005:    "price 5e-07: below the smallest price, 0.000001",
		5e-324:       "price 5e-324: below the smallest price, 0.000001",
	} {
		if got, err := broker.Price(p); err == nil || err.Error() != want {
			t.Errorf("Price(%v) = %s, %v, want error %q", p, got, err, want)
		}
	}
	if got, err := broker.Price(math.NaN()); err == nil {
		t.Errorf("Price(NaN) = %s, want an error", got)
	}
}

// The rounding of Price agrees with exact arithmetic on the digits that were
// written, whatever their number.
func TestPriceRoundsHalfToEven(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := rapid.Float64Range(1e-6, 1e9).Draw(t, "price")
		got, err := broker.Price(p)
		if err != nil {
			t.Fatal(err)
		}
		exact, _ := new(big.Rat).SetString(strconv.FormatFloat(p, 'f', -1, 64))
		if want := ratRound(exact, 6); rat(got).Cmp(want) != 0 {
			t.Fatalf("Price(%v) = %s, want %s", p, got, want.FloatString(6))
		}
	})
}

// rat is a decimal as a fraction.
func rat(d broker.Decimal) *big.Rat {
	r, ok := new(big.Rat).SetString(d.String())
	if !ok {
		panic(d.String())
	}
	return r
}

// ratRound is x to a number of decimals, half to even.
func ratRound(x *big.Rat, decimals int64) *big.Rat {
	unit := new(big.Int).Exp(big.NewInt(10), big.NewInt(decimals), nil)
	scaled := new(big.Rat).Mul(x, new(big.Rat).SetInt(unit))
	twice := new(big.Int).Mul(scaled.Num(), big.NewInt(2))
	twice.Add(twice, scaled.Denom())
	whole, rest := new(big.Int).DivMod(twice, new(big.Int).Mul(scaled.Denom(), big.NewInt(2)), new(big.Int))
	if rest.Sign() == 0 && whole.Bit(0) == 1 { // a half that went up to odd
		whole.Sub(whole, big.NewInt(1))
	}
	return new(big.Rat).SetFrac(whole, unit)
}
