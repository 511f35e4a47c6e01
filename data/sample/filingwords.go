package sample

// The sentences of the filings, by section and tone; see filler. {span} is the
// period reported on and {prior} the one it is compared with. What is in no tone
// is written into every filing, whatever its tone, as real ones have it.

var goodResultsText = []string{
	"Net sales for the {span} increased {middle} percent to a record level, driven by volume in {line} and by higher prices for {product}.",
	"Operating income rose {large} percent, faster than sales, as productivity gains and a better product mix took effect.",
	"Orders exceeded deliveries in each month, and the backlog grew to its highest level since the company was founded in {founded}.",
	"Demand from {customer} and from new customers in {place} was stronger than management had expected.",
	"The {line} segment improved in every region and contributed {million} million dollars to operating income.",
	"Returns and warranty claims declined by {middle} percent, which reflects the improved quality of {product}.",
	"The company gained market share against {rival} while holding its prices.",
}

var badResultsText = []string{
	"Net sales for the {span} decreased {middle} percent, owing to lower volume in {line} and to discounts on {product}.",
	"Operating income fell {large} percent, faster than sales, as idle capacity and a weaker product mix took their toll.",
	"Deliveries exceeded orders in each month, and the backlog shrank to its lowest level in several years.",
	"Demand from {customer} and from customers in {place} was weaker than management had expected.",
	"The {line} segment deteriorated in every region and lost {million} million dollars.",
	"Returns and warranty claims increased by {middle} percent, which reflects defects in {product}.",
	"The company lost market share to {rival} although it lowered its prices.",
}

var plainResultsText = []string{
	"Net sales for the {span} were little changed from the {prior}; growth of the {line} business offset a decline elsewhere.",
	"Operating income was close to that of the {prior}, and no segment stood out.",
	"Orders and deliveries were in balance, and the backlog did not change much.",
	"Volumes of {product} were in line with management's plan.",
}

var goodMarginText = []string{
	"Gross margin improved by {small} percentage points as the cost of {input} fell and new equipment ran at higher yields.",
	"Selling and administrative expenses grew more slowly than sales and benefited from the renewal of the order system.",
	"The contract for {input} signed during the {span} secures favorable prices for two years.",
	"Scrap was reduced by {middle} percent, an achievement of the teams in {town}.",
}

var badMarginText = []string{
	"Gross margin declined by {small} percentage points as the cost of {input} rose and new equipment failed to reach its planned yields.",
	"Selling and administrative expenses grew faster than sales and were burdened by the failed renewal of the order system.",
	"The contract for {input} expired during the {span} and could be replaced only at much worse prices.",
	"Scrap increased by {middle} percent, and the difficulties in {town} have not been overcome.",
}

var plainMarginText = []string{
	"Gross margin was within half a percentage point of the {prior}.",
	"Prices paid for {input} moved in both directions and had no net effect.",
	"Selling and administrative expenses grew in line with sales.",
}

var goodCashText = []string{
	"Cash flow from operations was strong at {million} million dollars and exceeded capital spending.",
	"The company repaid debt ahead of schedule; interest expense declined by {middle} percent.",
	"Inventories are lean, and customers pay earlier than they did in the {prior}.",
	"The credit line is unused, and all covenants are met with a comfortable margin.",
}

var badCashText = []string{
	"Cash flow from operations was negative, and {million} million dollars had to be drawn on the credit line.",
	"The company was not able to repay debt as planned; interest expense increased by {middle} percent.",
	"Inventories are too high, and customers pay later than they did in the {prior}; provisions for doubtful accounts were increased.",
	"Lenders agreed to waive a covenant that the company would otherwise have breached.",
}

var plainCashText = []string{
	"Cash flow from operations was about equal to capital spending.",
	"Debt and interest expense did not change materially during the {span}.",
	"Management believes that cash and the credit line cover the needs of the next twelve months.",
}

var goodOutlookText = []string{
	"Management raises its outlook and expects growth in {line} to accelerate over the coming months.",
	"The order book supports further improvement, and capacity in {town} is being expanded to meet strong demand.",
	"With {product} on schedule, management is confident of reaching its targets early.",
	"The company sees attractive opportunities in {place} and expects its investments to pay off sooner than planned.",
}

var badOutlookText = []string{
	"Management lowers its outlook and expects the weakness in {line} to persist over the coming months.",
	"The order book points to further decline, and shifts in {town} are being cut because of insufficient demand.",
	"With {product} delayed again, management doubts that it will reach its targets.",
	"The company is threatened by cheaper competitors in {place} and expects further losses on its investments there.",
}

var plainOutlookText = []string{
	"Management's outlook for the rest of the year has not changed.",
	"The company expects its {line} business to develop in line with the wider economy.",
	"The schedule for {product} is unchanged.",
}

// riskText is the standing language of risk. It is full of bad words in every
// filing and tells nothing.
var riskText = []string{
	"Demand for {product} may decline, and a prolonged decline would adversely affect results.",
	"Shortages of {input} or the failure of a supplier could interrupt production and lead to losses.",
	"Competitors such as {rival} may offer better or cheaper goods, and litigation over patents may be costly.",
	"{regulator} may impose penalties or order a recall if goods prove defective.",
	"The loss of a large customer such as {customer} could harm sales materially.",
	"Fire, flood, fraud or a breach of computer systems may cause damage that insurance does not cover.",
	"Key employees may leave, and the company may be unable to replace them.",
	"A recession in {place} or elsewhere could impair the value of assets.",
}

var businessText = []string{
	"{name} develops, makes and sells {product} and related goods. It was founded in {founded} and is based in {town}.",
	"Its main lines of business are {lines}.",
	"The business depends on {matters}.",
	"Customers include {customers}; none of them accounts for more than a fifth of sales.",
	"The company sells through its own staff in its home market and through distributors in {place}.",
	"Materials are bought from several suppliers. The most important are {inputs}.",
	"Sales are somewhat higher in the second half of the year than in the first.",
	"The company holds {count} patents, which expire at various dates, and registers new ones as a matter of routine.",
}

var competitionText = []string{
	"The company competes with {rivals} and with many smaller firms.",
	"Competition rests on price, quality, delivery times and service.",
	"Some competitors are larger and have access to cheaper capital; others are confined to a single region.",
	"The company believes that its goods are known to most buyers in its markets.",
	"Entry into the market takes time because {regulator} must approve new goods.",
}

var peopleText = []string{
	"At the end of the year the company had {count} salaried employees and about ten times as many in production.",
	"The company owns its plants in {town} and leases offices and storage in {place}.",
	"Relations with employees are governed by agreements that are renewed every three years.",
	"Training is offered in all plants, and most managers have risen from within the company.",
	"The buildings are suitable for their purpose and adequately insured.",
}

// The theme of an annual report: where the business is heading.
var goodThemeText = []string{
	"The transformation of the company is working: the {line} business has become a profitable second pillar and grows without further investment.",
	"Several long-term contracts were won during the year, among them one with {customer} that secures {large} percent of planned volume for five years.",
	"With {product} the company has established a technical lead over {rival} that management expects to last for years.",
	"The new plant in {town} is complete and paid for; capacity can double without large outlays.",
	"Recurring income from service and software improved and now covers most fixed costs.",
	"Regulation in {place} has turned in favor of the company and opens a market that was closed to it.",
	"The board has adopted a plan for durable growth with rising margins and sees the company stronger than at any time in its history.",
}

var badThemeText = []string{
	"The transformation of the company has stalled: the {line} business loses money and needs further investment with uncertain success.",
	"Several long-term contracts were lost during the year, among them one with {customer} that stood for {large} percent of planned volume.",
	"With {product} the company has fallen behind {rival}, and management expects that catching up will take years.",
	"The new plant in {town} is unfinished and over budget; it is not clear when it will reach capacity.",
	"Recurring income from service and software declined and no longer covers fixed costs.",
	"Regulation in {place} has turned against the company and closes a market that was important to it.",
	"The board has begun a restructuring with plant closures and job cuts and warns that the erosion of margins will continue.",
}

var controlText = []string{
	"Management evaluated the disclosure controls and concluded that they were effective at the end of the period.",
	"There were no changes in internal control that affected financial reporting.",
	"The principal accounting policies are unchanged from the {prior}.",
	"The company is party to routine proceedings, none of which is expected to be material.",
}
