package customer

import (
	"github.com/kvadrant/kvadrant/internal/undo"
	"github.com/kvadrant/kvadrant/know/intake"
)

// Intake is how customers come in from files.
func (s *Store) Intake() intake.Kind {
	return intake.Kind{
		Key: "customers", Label: "Customers", Synonyms: []string{"customer", "accounts", "resellers", "debtors", "kunder", "Kunden", "debitorer", "Debitoren", "klanten", "klienci", "客戶"},
		Fields: customerFields(), Load: s.load, Remove: s.remove,
		Records: []undo.Records{records()}, Stub: s.stubs,
	}
}

// records is where customers stand.
func records() undo.Records {
	return undo.Records{
		Table: undo.Table{Name: "customer", Key: "id"}, Sets: []undo.Table{{Name: "ownership", Key: "customer_id", Set: true}},
		Referred: []undo.Reference{{Table: "potential", Column: "customer_id", Label: "potentials"}, {Table: "customer", Column: "parent_id", Label: "customers of their groups"},
			{Table: "response", Column: "customer_id", Label: "answers to questionnaires", Nobody: true}, {Table: "invitation", Column: "customer_id", Label: "invitations to questionnaires", Nobody: true}},
		Facts: []undo.Reference{{Table: "purchase", Column: "customer_id", Label: "purchases"}, {Table: "budget", Column: "customer_id", Label: "budgets"},
			{Table: "interaction", Column: "customer_id", Label: "interactions"}, {Table: "answer", Column: "customer_id", Label: "answers"}},
	}
}

func potentialRecords() undo.Records {
	return undo.Records{Table: undo.Table{Name: "potential", Key: "id"}}
}

func customerFields() []intake.Field {
	return []intake.Field{
		{Name: "code", Label: "Code", Type: intake.Code, Required: true, Help: "The customer's key in your own systems; rows with a known code update that customer.",
			Synonyms: []string{"customer code", "customer id", "customer no", "customer number", "customer key", "reseller key", "account no", "account number", "debtor no", "kundenr", "kundenummer", "debitornr", "Kundennummer", "Kunden-Nr", "Debitor", "klantnummer", "klantcode", "debiteurnummer", "numer klienta", "kod klienta", "客戶編號", "客戶代碼"}},
		{Name: "name", Label: "Name", Type: intake.Text, Required: true,
			Synonyms: []string{"customer name", "company", "company name", "reseller name", "account name", "kundenavn", "navn", "firma", "Firmenname", "Kundenname", "naam", "klantnaam", "bedrijfsnaam", "nazwa", "nazwa klienta", "客戶名稱", "公司名稱", "名稱"}},
		{Name: "kind", Label: "Organisation or person", Type: intake.Choice, Choices: kinds(), Help: "An organisation when left out."},
		{Name: "industry", Label: "Industry", Type: intake.Text,
			Synonyms: []string{"business type", "trade", "sector", "segment", "branche", "Branche", "branża", "bedrijfstak", "行業", "產業"}},
		{Name: "size_employees", Label: "Employees", Type: intake.Integer,
			Synonyms: []string{"number employees", "number of employees", "headcount", "ansatte", "antal ansatte", "Mitarbeiter", "Mitarbeiterzahl", "medewerkers", "aantal medewerkers", "liczba pracowników", "員工人數"}},
		{Name: "street", Label: "Street", Type: intake.Text,
			Synonyms: []string{"address", "address line 1", "address 1", "adresse", "vej", "Straße", "Anschrift", "adres", "straat", "ulica", "地址"}},
		{Name: "postal_code", Label: "Postal code", Type: intake.Text,
			Synonyms: []string{"zip", "zip code", "postcode", "postnr", "postnummer", "PLZ", "Postleitzahl", "kod pocztowy", "郵遞區號"}},
		{Name: "city", Label: "City", Type: intake.Text, Synonyms: []string{"town", "by", "Ort", "Stadt", "plaats", "stad", "woonplaats", "miasto", "miejscowość", "城市"}},
		{Name: "country", Label: "Country", Type: intake.Text, Help: "A two-letter code such as DK, or the country's name.",
			Synonyms: []string{"country code", "country region", "land", "landekode", "Länderkennzeichen", "Ländercode", "landcode", "kraj", "國家"}},
		{Name: "phone", Label: "Phone", Type: intake.Text, Synonyms: []string{"telephone", "phone number", "telefon", "tlf", "Telefonnummer", "telefoon", "電話"}},
		{Name: "email", Label: "E-mail", Type: intake.Text, Synonyms: []string{"e-mail", "mail", "email address", "e-mailadresse", "E-Mail-Adresse", "e-mailadres", "adres e-mail", "電子郵件"}},
		{Name: "website", Label: "Website", Type: intake.Text, Synonyms: []string{"web", "url", "homepage", "hjemmeside", "Webseite", "strona www", "網站"}},
		{Name: "parent", Label: "Group", Type: intake.Code, Help: "The code of the customer whose group it belongs to.",
			Synonyms: []string{"parent code", "group", "parent company", "koncern", "Konzern", "Muttergesellschaft", "moederbedrijf", "spółka matka", "母公司"}},
		{Name: "owner", Label: "Owner", Type: intake.Code, Help: "The code of the person who looks after it.",
			Synonyms: []string{"owner code", "salesperson", "sales rep", "account manager", "employee key", "sælger", "Vertreter", "Verkäufer", "verkoper", "accountmanager", "handlowiec", "opiekun", "業務員"}},
		{Name: "unit", Label: "Unit", Type: intake.Code, Help: "The code of the unit it belongs to.",
			Synonyms: []string{"unit code", "territory", "department", "region", "afdeling", "Abteilung", "Gebiet", "rayon", "oddział", "部門"}},
		{Name: "lifecycle", Label: "Stage", Type: intake.Choice, Choices: lifecycles(), Help: "Customer when left out.", Synonyms: []string{"status", "life cycle", "livscyklus"}},
		{Name: "valid_from", Label: "Owner and unit since", Type: intake.Date,
			Help: "From when owner and unit hold. Left out: since ever for a new customer, from today for a change.", Synonyms: []string{"owner since", "valid from", "gyldig fra", "gültig ab", "geldig vanaf", "ważne od"}},
	}
}
