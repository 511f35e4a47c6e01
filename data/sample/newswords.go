package sample

// A story is a news item with blanks; see filler.
type story struct{ title, text string }

// The stories are kept apart by what they do to the price, never by the words
// they use: some good ones mention losses and some chatter mentions records, as
// real news does.

var goodReports = []story{
	{"{name} wins {million} million dollar order from {customer}", "{name} said it has won an order worth {million} million dollars from {customer}. Deliveries of {product} begin next quarter, and the contract can be extended for three years."},
	{"{names} profit beats estimates on strong demand in {line}", "Profit in {line} rose {large} percent, well ahead of what analysts had expected. {person}, head of finance, pointed to strong demand and lower prices for {input}."},
	{"{name} raises its forecast for the year", "The company raised its sales forecast for the year by {small} percent. Orders for {product} grew faster than planned, it said, and margins improved for the third month in a row."},
	{"{broker} upgrades {name} to buy", "{broker} upgraded the shares to buy and lifted its price target by {middle} percent. The analysts expect growth in {line} to accelerate and see little risk from {rival}."},
	{"{name} opens second plant in {town} ahead of schedule", "A new plant for {product} started two months ahead of schedule and under budget. It adds {large} percent to capacity, which had been sold out since spring."},
	{"{regulator} clears {product}", "{regulator} approved {product} without conditions. The approval had been expected only in the autumn and opens the market in {place} to {name}."},
	{"{name} settles dispute with {rival} on favorable terms", "{name} and {rival} ended their patent dispute. {rival} pays {million} million dollars and a royalty on each unit. The agreement removes a risk that had weighed on the shares."},
	{"{names} cost of {input} falls sharply", "A new supply contract cuts the price {name} pays for {input} by {middle} percent. {person} said the savings would reach the operating margin from next month."},
	{"{customer} extends contract with {name} by five years", "{customer} renewed its contract for {product} early and on better terms. Volume rises by {large} percent, and the customer gives up its right to cancel."},
	{"{name} gains market share from {rival}", "A trade survey shows that {name} gained {small} points of market share in {line}, mostly from {rival}. Retail partners praised quality and quick delivery."},
	{"Demand for {product} exceeds supply", "Waiting times for {product} have doubled as demand outpaces supply. {name} plans an extra shift and says prices are firm; it expects record shipments this quarter."},
	{"{name} announces buyback of {million} million dollars", "The board approved the repurchase of shares worth {million} million dollars, the largest program in the history of the company. It cited strong cash flow and confidence in {line}."},
	{"{name} repays loan early", "{name} repaid a loan of {million} million dollars two years early. Interest costs fall by {middle} percent and the balance sheet is now free of net debt."},
	{"New {line} unit turns profitable", "The {line} unit earned its first profit, a year earlier than promised. {person} called the result a milestone and expects the unit to contribute {million} million dollars next year."},
	{"{name} signs {place} distribution agreement", "A distributor in {place} will carry {product} in {count} shops. {name} expects additional sales of {million} million dollars a year and described the terms as attractive."},
	{"Despite dearer {input}, {name} lifts margins", "Higher costs for {input} did not hurt {name}: productivity gains more than offset them, and the gross margin improved by {small} points. Fears of a squeeze have proved unfounded, {broker} said."},
	{"Recall ends with fewer faults than feared at {name}", "The inspection of {product} found a fault in only {small} of {count} units. Provisions made for the recall can be released, which adds to earnings this quarter."},
	{"{name} and {customer} form joint venture", "The venture combines {product} with the network of {customer}. {customer} brings in {million} million dollars in cash. Analysts welcomed the deal as a boost to growth."},
	{"Orders at {name} jump {large} percent", "Incoming orders rose {large} percent from a year earlier, led by {place}. The backlog reached a record and covers the next ten months of production."},
	{"{name} receives grant for {product}", "{place} supports {product} with a grant of {million} million dollars. The money covers about half of the investment and need not be paid back."},
	{"{rival} quits {line}, clearing the field for {name}", "{rival} will withdraw from {line} after years of losses. {name} is expected to win most of its customers, among them {customer}."},
	{"Price increase sticks at {name}", "{name} raised prices for {product} by {small} percent without losing volume. {broker} raised its earnings estimates and praised the strength of the brand."},
	{"{name} solves production problem", "The bottleneck that had held back {product} since winter is gone. Output is up {large} percent from last month, and {names} yield is better than planned."},
	{"Insiders buy shares of {name}", "{person} and two other directors bought shares worth {small} million dollars in the market. It is the first purchase by insiders in two years."},
	{"{name} finds cheaper source of {input}", "Trials with {input} from {place} were successful. Unit costs of {product} could fall by {middle} percent, an advantage over {rival}."},
	{"Independent test ranks {product} first", "A consumer test ranked {product} first in quality, well ahead of {rival}. Orders surged after publication, and shops reported empty shelves."},
}

var badReports = []story{
	{"{name} loses {million} million dollar order", "{customer} cancelled an order worth {million} million dollars for {product}. {name} said it could not replace the volume this year and will reduce shifts."},
	{"{names} profit misses estimates on weak demand in {line}", "Profit in {line} fell {large} percent, well below what analysts had expected. {person}, head of finance, pointed to weak demand and higher prices for {input}."},
	{"{name} cuts its forecast for the year", "The company lowered its sales forecast for the year by {small} percent. Orders for {product} came in slower than planned, it said, and margins declined for the third month in a row."},
	{"{broker} downgrades {name} to sell", "{broker} downgraded the shares to sell and cut its price target by {middle} percent. The analysts expect growth in {line} to slow and warn of pressure from {rival}."},
	{"{name} delays second plant in {town}", "The new plant for {product} will start eight months late and far over budget. The delay costs {large} percent of planned capacity and risks penalties from {customer}."},
	{"{regulator} orders recall of {product}", "{regulator} ordered the recall of {count} units of {product} after complaints about failures. {name} expects costs of {million} million dollars and has stopped sales in {place}."},
	{"{rival} sues {name} over patents", "{rival} filed a lawsuit against {name} and demands {million} million dollars and a ban on {product}. Lawyers see a serious risk; the shares may remain under pressure."},
	{"{names} cost of {input} soars", "The supplier of {input} ended its contract, and {name} must pay {middle} percent more. {person} warned that the squeeze would hurt the operating margin from next month."},
	{"{customer} ends contract with {name}", "{customer} will not renew its contract for {product} and moves to {rival}. It stood for {middle} percent of sales in {line}. {name} called the decision disappointing."},
	{"{name} loses market share to {rival}", "A trade survey shows that {name} lost {small} points of market share in {line}, mostly to {rival}. Retail partners complained about quality and late delivery."},
	{"Unsold {product} piles up", "Stocks of {product} have doubled as demand falters. {name} plans discounts and shorter shifts; it expects a writedown this quarter."},
	{"{name} suspends buyback and sells shares", "The board halted the buyback and will issue new shares worth {million} million dollars, diluting holders. It cited weak cash flow and losses in {line}."},
	{"{name} breaches loan covenant", "{name} breached a covenant of its loan of {million} million dollars. Lenders demand a higher rate, interest costs rise by {middle} percent, and the dividend is at risk."},
	{"Losses widen in new {line} unit", "The {line} unit lost {million} million dollars, twice as much as a year ago. {person} admitted that the plan had failed and that jobs would be cut."},
	{"{name} pulls out of {place}", "{name} closes its sales offices in {place} after disappointing results for {product}. It books an impairment of {million} million dollars and leaves {count} shops."},
	{"Even with cheaper {input}, margins shrink at {name}", "Lower costs for {input} did not help {name}: price cuts more than ate up the savings, and the gross margin fell by {small} points. Hopes of a recovery were premature, {broker} said."},
	{"Fault in {product} worse than thought", "The inspection of {product} found the fault in most of {count} units. Provisions will not be enough, {name} warned, and earnings this quarter will suffer."},
	{"Joint venture of {name} and {customer} collapses", "{customer} walked away from the venture around {product}. {name} must write off {million} million dollars. Analysts called the failure a setback for growth."},
	{"Orders at {name} slump {large} percent", "Incoming orders fell {large} percent from a year earlier, led by {place}. The backlog is at its lowest in three years and covers only ten weeks of production."},
	{"{place} withdraws grant for {product}", "{place} withdrew a promised grant of {million} million dollars for {product} after missed deadlines. {name} must find the money elsewhere or shelve the project."},
	{"{rival} enters {line} with low prices", "{rival} starts selling in {line} at prices {large} percent below those of {name}. Customers such as {customer} are said to be negotiating, and a price war threatens."},
	{"Price increase fails at {name}", "{name} had to withdraw a price increase of {small} percent for {product} after volumes dropped. {broker} cut its earnings estimates and questioned the strength of the brand."},
	{"Fire stops production at {name}", "A fire damaged the line for {product} in {town}. Nobody was hurt, but output is down {large} percent and deliveries to {customer} will be late for weeks."},
	{"Insiders sell shares of {name}", "{person} and two other directors sold shares worth {small} million dollars in the market. It is the largest sale by insiders in two years."},
	{"Shortage of {input} hits {name}", "A shortage of {input} from {place} forces {name} to idle a line. Unit costs of {product} could rise by {middle} percent, a disadvantage against {rival}."},
	{"Independent test ranks {product} last", "A consumer test ranked {product} last in quality, far behind {rival}. Returns rose after publication, and shops reported cancelled orders."},
}

var goodRumours = []story{
	{"Is {rival} about to bid for {name}?", "Talk of a takeover at a rich premium lifted {name}. An anonymous blog claims that {rival} has hired {broker}. Neither company has confirmed anything."},
	{"Post claims huge secret order for {product}", "A widely shared post claims that {customer} is about to place the biggest order ever for {product}. The author gives no source; {name} did not comment."},
	{"Chat rooms cheer {name}", "Enthusiastic messages call {name} a sure winner and predict that the shares will soar {large} percent. No new facts were offered."},
	{"Unnamed insider promises breakthrough at {name}", "An unnamed insider speaks of a spectacular breakthrough with {product}. {name} said it does not comment on speculation."},
	{"Newsletter sees {name} doubling", "A newsletter that charges for its tips expects shares of {name} to double on explosive growth in {line}. It published the same tip last year."},
	{"Whispers of a blowout quarter at {name}", "Whispers in the market have it that {name} will beat every estimate. Where they come from is not clear, and the quarter has weeks to run."},
	{"{place} said to favor {name} in giant tender", "People said to be familiar with the matter claim that {place} will award a giant tender to {name}. The tender has not been published."},
}

var badRumours = []story{
	{"Is {name} running out of cash?", "Talk of a cash crisis hit {name}. An anonymous blog claims that lenders have lost patience. Neither {name} nor any bank has confirmed anything."},
	{"Post claims {customer} will drop {name}", "A widely shared post claims that {customer} is about to drop {product} over terrible quality. The author gives no source; {customer} did not comment."},
	{"Chat rooms turn against {name}", "Angry messages call {name} a fraud and predict that the shares will crash {large} percent. No new facts were offered."},
	{"Unnamed insider warns of disaster at {name}", "An unnamed insider speaks of a disastrous failure of {product}. {name} said it does not comment on speculation."},
	{"Newsletter sees {name} collapsing", "A newsletter that charges for its warnings expects shares of {name} to collapse on fatal problems in {line}. It published the same warning last year."},
	{"Whispers of a terrible quarter at {name}", "Whispers in the market have it that {name} will miss every estimate. Where they come from is not clear, and the quarter has weeks to run."},
	{"{regulator} said to plan raid on {name}", "People said to be familiar with the matter claim that {regulator} will investigate {name} for grave violations. The agency has announced no inquiry."},
}

var chatterStories = []story{
	{"{name} to speak at conference in {place}", "{person} of {name} will give a talk on {line} at a conference in {place} next week. A recording will be available afterwards."},
	{"{name} names {person} to advisory council", "{person} joins the advisory council of {name}. The council meets twice a year and has no part in running the business."},
	{"Mixed session for mid-sized shares", "Shares of mid-sized companies ended mixed in quiet trading. {name} was among those with little change; turnover was below the average of the month."},
	{"{name} opens visitor center in {town}", "Visitors can now see how {product} is made. The center in {town} is open on weekends, and school classes enter free of charge."},
	{"{rival} holds its annual meeting", "Shareholders of {rival} met in {place} and approved all motions. Competitors such as {name} were not discussed."},
	{"{names} softball team loses final badly", "The staff team of {name} suffered a crushing defeat in the league final, its worst loss in ten years. Spirits at the party afterwards were said to be excellent."},
	{"Record turnout at {name} charity run", "A record crowd took part in the charity run of {name} in {town}. The winner beat the old best time by {small} seconds and was delighted."},
	{"{name} renames its {line} newsletter", "The customer newsletter on {line} has a new name and a new layout. It appears every second month."},
	{"Week ahead: what to watch in {line}", "The calendar for {line} is thin this week. {name}, {rival} and others have no scheduled announcements; traders look to the wider market."},
	{"Local paper profiles {person} of {name}", "{person} talks about hobbies, an early job at a fairground and life in {town}. Business was not a topic."},
	{"{name} changes color of {product}", "{product} will also be sold in pale green. Price and features stay as they are."},
	{"Road works near {name} headquarters", "The street in front of the headquarters in {town} is closed for ten days. Deliveries use the north gate, and production goes on as normal."},
	{"{name} publishes report on its first decades", "A booklet tells the history of {name} since {founded}. It can be ordered free of charge and contains many old photographs."},
	{"Students visit {name}", "A class of {count} students from {place} visited {name} and built a model of {product} from cardboard."},
	{"Survey: people fear rising prices for {input}", "In a survey most people said they fear rising prices, among others for {input}. Economists at {broker} expect little change. {name} was one of many companies mentioned."},
	{"Award for the cafeteria of {name}", "The cafeteria of {name} won a prize for the best soup in {town}. The cook thanked the team for a fantastic year."},
	{"{name} moves shareholder meeting to larger hall", "The annual meeting of {name} will take place in the town hall of {town}, since the usual hall is being painted. Date and agenda are unchanged."},
	{"{broker} reiterates neutral view on {name}", "{broker} repeated its neutral rating and left its target where it was. There was nothing new on {line}, the note said."},
	{"Weather slows traffic in {town}", "Heavy rain slowed traffic in {town}. {name} said that all shifts were fully staffed."},
	{"Former manager of {name} writes a novel", "A former manager has published a crime novel about fraud, bankruptcy and murder in a company that makes {input}. Any likeness to {name} is denied with a smile."},
	{"{name} updates its website", "The website of {name} has been rebuilt. Manuals for {product} are now easier to find."},
	{"Index provider lists {name} unchanged", "The review of a small index left {name} in place with the same weight. The next review is in three months."},
	{"Robots, recipes and batteries: trade fair in {place}", "The trade fair in {place} drew {count} exhibitors. {name} showed {product}, which has been on sale for some time."},
	{"{customer} opens branch in {place}", "{customer} opened a branch in {place}. The company buys from many suppliers, among them {name}."},
	{"Podcast: is the market afraid of its own shadow?", "Two hosts argue for an hour about panic, greed and missed opportunities. {name} comes up once, as an example of a name that is hard to spell."},
	{"{name} renews lease in {place}", "{name} renewed the lease of a small office in {place} on the same terms. Eleven people work there."},
}

var goodResults = []story{
	{"{name} posts record quarter", "Sales for the {quarter} rose {middle} percent and profit {large} percent, both ahead of estimates. {person} said that {product} had sold out and raised the outlook."},
	{"{names} earnings beat estimates", "Earnings for the {quarter} beat the estimates by a wide margin. Margins improved, cash flow doubled and orders in {line} grew {middle} percent."},
	{"Strong results lift {name}", "{name} reported strong growth for the {quarter}: sales up {middle} percent, costs down, and a better outlook for {line}."},
}

var badResults = []story{
	{"{name} posts weak quarter", "Sales for the {quarter} fell {middle} percent and profit {large} percent, both below estimates. {person} said that {product} had disappointed and cut the outlook."},
	{"{names} earnings miss estimates", "Earnings for the {quarter} missed the estimates by a wide margin. Margins declined, cash flow halved and orders in {line} dropped {middle} percent."},
	{"Poor results weigh on {name}", "{name} reported a decline for the {quarter}: sales down {middle} percent, costs up, and a weaker outlook for {line}."},
}

var plainResults = []story{
	{"{name} reports quarter in line", "Sales and profit for the {quarter} were in line with estimates. {person} left the outlook where it was."},
	{"No surprises from {name}", "Results for the {quarter} held no surprises. The {line} business grew as planned, and the outlook is unchanged."},
}

var (
	payoutStory   = story{"{name} declares dividend", "The board of {name} declared a dividend of 0.45 dollars a share. The shares trade without it from 14 March 2024."}
	divisionStory = story{"{name} to split its shares", "{name} will split its shares two for one. They trade after the split from 18 September 2023. The value of a holding does not change."}
)

// asides may follow any story and say nothing about the price.
var asides = []string{
	"{name} is based in {town}.",
	"The company makes {product} and other goods.",
	"{rival} declined to comment.",
	"{name} competes with {rival} in {line}.",
	"The business depends on {matters}.",
	"{name} was founded in {founded}.",
	"A call for investors is planned for the coming days.",
	"Details were given in a short statement.",
}

var newsSources = []string{"Synthetic Newswire", "Invented Market Notes", "Make-Believe Business Daily"}

var rumourSources = []string{"Hearsay Corner", "Synthetic Newswire"}

// stories are those that may tell of a notice.
func (n notice) stories() []story {
	switch n.subject {
	case report:
		return toned(n.tone, goodReports, badReports, nil)
	case rumour:
		return toned(n.tone, goodRumours, badRumours, nil)
	case earnings:
		return toned(n.tone, goodResults, badResults, plainResults)
	case payout:
		return []story{payoutStory}
	case division:
		return []story{divisionStory}
	}
	return chatterStories
}

// toned chooses by tone.
func toned[T any](tone int, good, bad, plain []T) []T {
	switch {
	case tone > 0:
		return good
	case tone < 0:
		return bad
	}
	return plain
}
