package survey

// Preset is a questionnaire to begin with.
type Preset struct {
	Key          string    `json:"key" enum:"satisfaction,loyalty,recommendation,relation,complaint"`
	Audience     string    `json:"audience" enum:"customer,company"`
	Introduction Texts     `json:"introduction"`
	Questions    Questions `json:"questions" nullable:"false"`
}

// in gives a text in all languages of the client, in their order.
func in(texts ...string) Texts {
	t := Texts{}
	for i, language := range languages() {
		t[language] = texts[i]
	}
	return t
}

func asks(key, topic string, weight float64, required bool, text Texts) Question {
	return Question{Key: key, Topic: topic, Weight: weight, Required: required, Text: text}
}

// Presets are satisfaction by category with weights and loyalty intention (P10), recommendation, the five Bs (D3) and
// complaints.
func Presets() []Preset {
	ask := in("We would like to know what you think of us. It takes two minutes.", "Vi vil gerne vide, hvad du synes om os. Det tager to minutter.",
		"Wir möchten wissen, was Sie von uns halten. Es dauert zwei Minuten.", "We willen graag weten wat u van ons vindt. Het kost twee minuten.",
		"Chcielibyśmy wiedzieć, co Państwo o nas sądzą. Zajmie to dwie minuty.", "我們想知道您對我們的看法，只需兩分鐘。")
	return []Preset{
		{Key: "satisfaction", Audience: ForCustomer, Introduction: ask, Questions: append(satisfaction(), remark())},
		{Key: "loyalty", Audience: ForCustomer, Introduction: ask, Questions: loyalty()},
		{Key: "recommendation", Audience: ForCustomer, Introduction: ask, Questions: Questions{recommendation(), remark()}},
		{Key: "relation", Audience: ForCompany, Introduction: Texts{}, Questions: relation()},
		{Key: "complaint", Audience: ForCompany, Introduction: Texts{}, Questions: Questions{
			asks("complaint", "complaint", 1, true, in("Did the customer complain?", "Klagede kunden?", "Hat sich der Kunde beschwert?", "Heeft de klant geklaagd?", "Czy klient złożył skargę?", "客戶是否提出抱怨？")),
			asks("second_chance", "second_chance", 1, false, in("Does the customer give us a second chance?", "Giver kunden os en chance til?", "Gibt uns der Kunde eine zweite Chance?",
				"Geeft de klant ons een tweede kans?", "Czy klient daje nam drugą szansę?", "客戶是否願意再給我們一次機會？")),
			asks("what", Comment, 1, false, in("What was it about?", "Hvad drejede det sig om?", "Worum ging es?", "Waar ging het over?", "Czego dotyczyła?", "抱怨的內容是什麼？")),
		}},
	}
}

func satisfaction() Questions {
	return Questions{
		asks("products", "satisfaction", 3, true, in("How satisfied are you with our products?", "Hvor tilfreds er du med vores produkter?", "Wie zufrieden sind Sie mit unseren Produkten?",
			"Hoe tevreden bent u met onze producten?", "Na ile są Państwo zadowoleni z naszych produktów?", "您對我們的產品滿意嗎？")),
		asks("delivery", "satisfaction", 2, true, in("How satisfied are you with delivery?", "Hvor tilfreds er du med leveringen?", "Wie zufrieden sind Sie mit der Lieferung?",
			"Hoe tevreden bent u met de levering?", "Na ile są Państwo zadowoleni z dostaw?", "您對交貨滿意嗎？")),
		asks("service", "satisfaction", 2, true, in("How satisfied are you with our service?", "Hvor tilfreds er du med vores service?", "Wie zufrieden sind Sie mit unserem Service?",
			"Hoe tevreden bent u met onze service?", "Na ile są Państwo zadowoleni z naszej obsługi?", "您對我們的服務滿意嗎？")),
		asks("price", "satisfaction", 1, true, in("How satisfied are you with what you get for the price?", "Hvor tilfreds er du med det, du får for pengene?", "Wie zufrieden sind Sie mit dem Preis-Leistungs-Verhältnis?",
			"Hoe tevreden bent u met wat u voor de prijs krijgt?", "Na ile są Państwo zadowoleni z relacji jakości do ceny?", "您對價格與所得滿意嗎？")),
	}
}

func loyalty() Questions {
	return Questions{
		asks("intention", "intention", 1, true, in("Will you buy from us again?", "Vil du købe hos os igen?", "Werden Sie wieder bei uns kaufen?", "Koopt u weer bij ons?", "Czy kupią Państwo u nas ponownie?", "您會再向我們購買嗎？")),
		asks("reference", "reference", 1, false, in("May others ask you about us?", "Må andre spørge dig om os?", "Dürfen andere Sie nach uns fragen?", "Mogen anderen u naar ons vragen?", "Czy inni mogą Państwa o nas zapytać?", "其他人可以向您詢問我們嗎？")),
		remark(),
	}
}

func recommendation() Question {
	return asks("recommendation", "recommendation", 1, true, in("How likely are you to recommend us to others?", "Hvor sandsynligt er det, at du vil anbefale os til andre?", "Wie wahrscheinlich ist es, dass Sie uns weiterempfehlen?",
		"Hoe waarschijnlijk is het dat u ons aanbeveelt?", "Jak prawdopodobne jest, że polecą nas Państwo innym?", "您向他人推薦我們的可能性有多大？"))
}

func remark() Question {
	return asks("remark", Comment, 1, false, in("Is there anything you would like to tell us?", "Er der noget, du gerne vil fortælle os?", "Möchten Sie uns noch etwas sagen?", "Wilt u ons nog iets vertellen?", "Czy chcieliby nam Państwo coś jeszcze powiedzieć?", "您還有什麼想告訴我們的嗎？"))
}

func relation() Questions {
	return Questions{
		asks("willingness", "willingness", 1, true, in("Willingness: do both sides want to work together?", "Vilje: vil begge parter samarbejdet?", "Bereitschaft: Wollen beide Seiten zusammenarbeiten?", "Bereidheid: willen beide partijen samenwerken?", "Gotowość: czy obie strony chcą współpracy?", "意願：雙方是否都想合作？")),
		asks("ability", "ability", 1, true, in("Ability: can we do what the customer needs?", "Evne: kan vi det, kunden har brug for?", "Fähigkeit: Können wir, was der Kunde braucht?", "Bekwaamheid: kunnen wij wat de klant nodig heeft?", "Zdolność: czy potrafimy to, czego potrzebuje klient?", "能力：我們能滿足客戶的需求嗎？")),
		asks("reliability", "reliability", 1, true, in("Reliability: are promises kept on both sides?", "Pålidelighed: holdes løfter fra begge sider?", "Zuverlässigkeit: Werden Zusagen auf beiden Seiten gehalten?", "Betrouwbaarheid: worden beloften aan beide kanten nagekomen?", "Rzetelność: czy obie strony dotrzymują obietnic?", "可靠：雙方是否信守承諾？")),
		asks("reachability", "reachability", 1, true, in("Reachability: do we reach each other easily?", "Tilgængelighed: er det let at få fat i hinanden?", "Erreichbarkeit: Erreichen wir einander leicht?", "Bereikbaarheid: bereiken we elkaar gemakkelijk?", "Dostępność: czy łatwo się ze sobą kontaktować?", "可及：雙方容易聯繫嗎？")),
		asks("involvement", "involvement", 1, true, in("Involvement: do people care about each other's business?", "Engagement: interesserer man sig for hinandens forretning?", "Verbundenheit: Interessiert man sich für das Geschäft des anderen?", "Betrokkenheid: leeft men met elkaars zaken mee?", "Zaangażowanie: czy obchodzą nas wzajemnie nasze sprawy?", "投入：雙方是否關心彼此的事業？")),
	}
}
