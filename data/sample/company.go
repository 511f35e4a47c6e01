package sample

// A company is an invented one and the words its texts are filled with. Its
// symbol has six letters, one more than any symbol of the NYSE or Nasdaq.
type company struct {
	number  int // of its streams
	symbol  string
	name    string
	founded string

	firstClose int64 // in cents, before the first session
	noise      int64 // deviation per session that is its own, in ppm
	beta       int64 // share of the market's move it follows, in percent
	volume     int64 // shares on a quiet session

	town      string
	products  []string
	lines     []string // of business
	inputs    []string
	customers []string
	rivals    []string
	regulator string
	matters   string // what the business depends on
}

func companies() []company {
	return []company{
		{
			number: 1, symbol: "UNOBTA", name: "Unobtainium Batteries", founded: "2009",
			firstClose: 8_450, noise: 16_000, beta: 120, volume: 4_200_000,
			town:      "Nowhere Falls",
			products:  []string{"the Tortoise home battery", "the Mammoth grid pack", "the Sparrow bicycle cell", "the solid-state Heron cell", "the Badger bus battery"},
			lines:     []string{"home storage", "grid storage", "bus batteries", "cell licensing"},
			inputs:    []string{"lithium", "nickel", "graphite", "copper foil", "cell housings"},
			customers: []string{"Hypothetical Power & Light", "Plausible Buses", "the utility of Port Imaginary", "Wishful Homes"},
			rivals:    []string{"Perpetual Motion Cells", "Volta & Nephew", "Everlasting Storage"},
			regulator: "the Office of Invented Safety",
			matters:   "the cost of metals, the yield of new cell lines and the building of wind and solar parks",
		},
		{
			number: 2, symbol: "NOKELP", name: "Nonesuch Kelp Foods", founded: "1987",
			firstClose: 4_120, noise: 11_000, beta: 70, volume: 1_900_000,
			town:      "Seldom-on-Sea",
			products:  []string{"the Tidal Crisp", "the Deep Green noodle", "Mermaid broth", "the Captain's Kelp snack bar", "the Lagoon salad line"},
			lines:     []string{"snacks", "noodles", "restaurant supply", "animal feed"},
			inputs:    []string{"raw kelp", "sea salt", "packaging film", "cold storage", "sunflower oil"},
			customers: []string{"the Fabled Basket chain", "Mirage Airlines catering", "the Storybook canteen", "the Corner Cupboard chain"},
			rivals:    []string{"Atlantis Pantry", "Phantom Fisheries", "Castle in the Air Foods"},
			regulator: "the Board of Imaginary Nutrition",
			matters:   "the kelp harvest, shelf space with the large grocers and the cost of packing and freight",
		},
		{
			number: 3, symbol: "FIGMNT", name: "Figment Robotics", founded: "2004",
			firstClose: 13_780, noise: 19_000, beta: 140, volume: 2_600_000,
			town:      "Thought Harbor",
			products:  []string{"the Porter shelf robot", "the Juggler picking arm", "the Nightwatch cleaning robot", "the Conductor fleet software", "the Daydream vision kit"},
			lines:     []string{"warehouse robots", "picking arms", "fleet software", "service contracts"},
			inputs:    []string{"motors", "depth sensors", "control chips", "gearboxes", "machined frames"},
			customers: []string{"Chimera Parcels", "Make-Believe Mart", "the Lower Elsewhere post", "Castaway Furniture"},
			rivals:    []string{"Clockwork Giants", "Tin Butler Works", "Automatons of Utopia"},
			regulator: "the Bureau of Fictitious Machines",
			matters:   "orders from parcel carriers and retailers, the supply of chips and motors and the share of software in sales",
		},
	}
}
