package metrics

// A Performance is what one equity curve is worth, figure by figure. Each is the
// function of the same name, over the returns of the curve.
type Performance struct {
	Sessions          int    `json:"sessions"`
	CumulativeReturn  Figure `json:"cumulativeReturn"`
	LogReturn         Figure `json:"logReturn"`
	AnnualReturn      Figure `json:"annualReturn"`
	CAGR              Figure `json:"cagr"`
	Volatility        Figure `json:"volatility"`
	DownsideDeviation Figure `json:"downsideDeviation"`
	Sharpe            Figure `json:"sharpe"`
	Sortino           Figure `json:"sortino"`
	Calmar            Figure `json:"calmar"` // CAGR over MaxDrawdown
	Omega             Figure `json:"omega"`
	MaxDrawdown       Figure `json:"maxDrawdown"`
	Ulcer             Figure `json:"ulcer"`
	ValueAtRisk95     Figure `json:"valueAtRisk95"`
	ConditionalVaR95  Figure `json:"conditionalValueAtRisk95"`
	Skew              Figure `json:"skew"`
	Kurtosis          Figure `json:"kurtosis"`
	// The best and worst are null where no return is defined.
	BestSession  *PeriodReturn  `json:"bestSession"`
	WorstSession *PeriodReturn  `json:"worstSession"`
	BestMonth    *PeriodReturn  `json:"bestMonth"`
	WorstMonth   *PeriodReturn  `json:"worstMonth"`
	Months       []PeriodReturn `json:"months"`
	Years        []PeriodReturn `json:"years"`
	Drawdowns    []Drawdown     `json:"drawdowns"` // in order of time
}

// A Basis is what yearly figures rest on.
type Basis struct {
	RiskFree       float64 // per year, as a fraction
	PeriodsPerYear float64
}

// Measure computes all figures of a curve that starts with the value before the
// first session.
func Measure(curve EquityCurve, b Basis) Performance {
	equity := curve.Values()
	returns := Returns(equity)
	p := Performance{
		Sessions:          len(returns),
		CumulativeReturn:  Figure(CumulativeReturn(equity)),
		LogReturn:         Figure(LogReturn(equity)),
		AnnualReturn:      Figure(AnnualReturn(returns, b.PeriodsPerYear)),
		CAGR:              Figure(CAGR(curve)),
		Volatility:        Figure(Volatility(returns, b.PeriodsPerYear)),
		DownsideDeviation: Figure(DownsideDeviation(returns, b.RiskFree, b.PeriodsPerYear)),
		Sharpe:            Figure(Sharpe(returns, b.RiskFree, b.PeriodsPerYear)),
		Sortino:           Figure(Sortino(returns, b.RiskFree, b.PeriodsPerYear)),
		Omega:             Figure(Omega(returns, b.RiskFree, b.PeriodsPerYear)),
		MaxDrawdown:       Figure(MaxDrawdown(equity)),
		Ulcer:             Figure(Ulcer(equity)),
		ValueAtRisk95:     Figure(ValueAtRisk(returns, 0.05)),
		ConditionalVaR95:  Figure(ConditionalValueAtRisk(returns, 0.05)),
		Skew:              Figure(Skew(returns)),
		Kurtosis:          Figure(Kurtosis(returns)),
		Months:            append([]PeriodReturn{}, Monthly(curve)...),
		Years:             append([]PeriodReturn{}, Yearly(curve)...),
		Drawdowns:         append([]Drawdown{}, Drawdowns(curve)...),
	}
	p.Calmar = Figure(Calmar(float64(p.CAGR), float64(p.MaxDrawdown)))
	days := Daily(curve)
	p.BestSession, p.WorstSession = found(Best(days)), found(Worst(days))
	p.BestMonth, p.WorstMonth = found(Best(p.Months)), found(Worst(p.Months))
	return p
}

func found(p PeriodReturn, ok bool) *PeriodReturn {
	if !ok {
		return nil
	}
	return &p
}

// A Relative is a curve held against its benchmark's on the same sessions.
type Relative struct {
	Alpha            Figure `json:"alpha"` // per year
	AlphaT           Figure `json:"alphaT"`
	AlphaP           Figure `json:"alphaP"`
	Beta             Figure `json:"beta"`
	BetaT            Figure `json:"betaT"`
	BetaP            Figure `json:"betaP"`
	RSquared         Figure `json:"rSquared"`
	TrackingError    Figure `json:"trackingError"`
	InformationRatio Figure `json:"informationRatio"`
	Treynor          Figure `json:"treynor"`
	UpCapture        Figure `json:"upCapture"`
	DownCapture      Figure `json:"downCapture"`
}

// Compare computes all figures of returns against those of a benchmark.
func Compare(returns, benchmark []float64, b Basis) Relative {
	fit := Regress(returns, benchmark, b.RiskFree, b.PeriodsPerYear)
	return Relative{
		Alpha: Figure(fit.Alpha), AlphaT: Figure(fit.AlphaT), AlphaP: Figure(fit.AlphaP),
		Beta: Figure(fit.Beta), BetaT: Figure(fit.BetaT), BetaP: Figure(fit.BetaP), RSquared: Figure(fit.RSquared),
		TrackingError:    Figure(TrackingError(returns, benchmark, b.PeriodsPerYear)),
		InformationRatio: Figure(InformationRatio(returns, benchmark, b.PeriodsPerYear)),
		Treynor:          Figure(Treynor(returns, benchmark, b.RiskFree, b.PeriodsPerYear)),
		UpCapture:        Figure(UpCapture(returns, benchmark)),
		DownCapture:      Figure(DownCapture(returns, benchmark)),
	}
}
