package interaction

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"

	"github.com/kvadrant/kvadrant/internal/engine"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/merge"
	"github.com/kvadrant/kvadrant/know/intake"
)

// Imports is the import kind of interactions.
func Imports() intake.Kind {
	return intake.Kind{
		Key: "interactions", Label: "Interactions", Fact: true, Table: "interaction", Fields: importFields(), Load: load, Shown: shown,
		Synonyms: []string{"interaction", "activities", "contacts log", "visits", "calls", "contact history", "activity log",
			"besøg", "aktiviteter", "kontakter", "besuche", "besuchsberichte", "aktivitäten", "kontakthistorie",
			"bezoeken", "activiteiten", "contactmomenten", "wizyty", "kontakty", "aktywności", "拜訪紀錄", "互動紀錄", "聯絡紀錄"},
	}
}

func importFields() []intake.Field {
	return []intake.Field{
		{Name: "code", Label: "Code", Type: intake.Code,
			Help: "The key of the interaction in its own system. Without it, equal contents identify an interaction.",
			Synonyms: []string{"activity id", "interaction id", "visit id", "call id", "id", "activity number", "aktivitetsnr", "besøgsnr", "aktivitätsnummer",
				"besuchsnummer", "activiteitnummer", "bezoeknummer", "nr wizyty", "nr aktywności", "紀錄編號", "拜訪編號"}},
		{Name: "customer", Label: "Customer", Type: intake.Code, Required: true, Refers: "customers",
			Help: "The code of the customer.",
			Synonyms: []string{"customer code", "customer number", "customer no", "customer id", "account", "account number", "client", "kunnr",
				"kundenr", "kundenummer", "kunde", "debitornr", "kundennummer", "kundennr", "debitorennummer",
				"klantnummer", "klantnr", "klant", "debiteurnummer", "relatienummer",
				"kod klienta", "nr klienta", "klient", "kontrahent", "kod kontrahenta",
				"客戶編號", "客戶代號", "客戶代碼", "客戶"}},
		{Name: "kind", Label: "Kind", Type: intake.Code, Required: true,
			Help: "What it was, such as visit, call or email. Other words can be translated in the mapping.",
			Synonyms: []string{"type", "activity type", "interaction type", "contact type", "channel", "activity",
				"aktivitetstype", "kontakttype", "art", "besuchsart", "kontaktart", "aktivitätsart",
				"soort", "soort contact", "activiteittype", "contactsoort", "rodzaj", "typ", "rodzaj kontaktu", "typ aktywności",
				"類型", "聯絡方式", "互動類型", "拜訪類型"}},
		{Name: "date", Label: "Date", Type: intake.Date, Required: true,
			Synonyms: []string{"visit date", "activity date", "call date", "contact date", "start date", "start",
				"dato", "besøgsdato", "aktivitetsdato", "datum", "besuchsdatum", "kontaktdatum", "bezoekdatum", "contactdatum",
				"data", "data wizyty", "data kontaktu", "日期", "拜訪日期", "聯絡日期"}},
		{Name: "person", Label: "Person", Type: intake.Code,
			Help: "The code of the person of your company who had it.",
			Synonyms: []string{"employee", "salesperson", "seller", "sales rep", "owner", "user", "agent", "responsible", "person code", "rep",
				"medarbejder", "sælger", "konsulent", "mitarbeiter", "vertreter", "verkäufer", "bearbeiter",
				"medewerker", "vertegenwoordiger", "verkoper", "handlowiec", "pracownik", "przedstawiciel",
				"業務員", "業務", "員工", "負責人"}},
		{Name: "author", Label: "Author", Type: intake.Text,
			Help: "The name of whoever had it, kept as it is written: for history of people who are not in your organisation any more.",
			Synonyms: []string{"author name", "created by", "entered by", "original author", "oprettet af", "forfatter", "erstellt von", "verfasser", "autor",
				"aangemaakt door", "auteur", "utworzył", "建立者", "作者"}},
		{Name: "minutes", Label: "Minutes", Type: intake.Integer,
			Help: "How long it took, in whole minutes.",
			Synonyms: []string{"duration", "duration minutes", "time spent", "length", "varighed", "minutter", "dauer", "minuten", "dauer in minuten",
				"duur", "duur minuten", "czas trwania", "minuty", "czas", "分鐘", "時間", "時長"}},
		{Name: "result", Label: "Result", Type: intake.Text,
			Synonyms: []string{"outcome", "status", "disposition", "resultat", "udfald", "ergebnis", "ausgang", "resultaat", "uitkomst",
				"wynik", "rezultat", "結果", "成果"}},
		{Name: "note", Label: "Note", Type: intake.Text,
			Synonyms: []string{"notes", "comment", "comments", "subject", "description", "remarks", "text", "bemærkning", "kommentar", "emne", "notat",
				"notiz", "bemerkung", "betreff", "opmerking", "notitie", "onderwerp", "uwagi", "notatka", "opis", "temat", "備註", "說明", "主旨"}},
	}
}

// shown gives interactions the names of the fields.
const shown = "SELECT fact.row_no, fact.code, customer.code AS customer, fact.kind, fact.interaction_date AS date, person.code AS person, fact.author, fact.minutes," +
	" fact.result, fact.note FROM fact LEFT JOIN customer ON customer.id = fact.customer_id LEFT JOIN person ON person.id = fact.person_id"

// maxMinutes bounds the length of one interaction: a year. More is another unit or a wrong column.
const maxMinutes = 366 * 24 * 60

// contents are the columns of staged that identify an interaction without a code.
const contents = "customer, lower(kind), date, person, minutes"

// interactions says how interactions are stored and recognised: by source and code where they have one, else by their
// contents and by how often the same contents stood before in the import.
func interactions() merge.Table {
	return merge.Table{
		Name:    "interaction",
		Columns: []string{"source", "code", "occurrence", "customer_id", "kind", "interaction_date", "person_id", "author", "minutes", "result", "note"},
		Key: "CASE WHEN code IS NOT NULL THEN hash(source, code)" +
			" ELSE hash(source, customer_id, kind, interaction_date, person_id, minutes, occurrence) END",
		Same: "fresh.source = stored.source AND fresh.code IS NOT DISTINCT FROM stored.code AND (fresh.code IS NOT NULL" +
			" OR fresh.customer_id = stored.customer_id AND fresh.kind = stored.kind AND fresh.interaction_date = stored.interaction_date" +
			" AND fresh.person_id IS NOT DISTINCT FROM stored.person_id AND fresh.minutes IS NOT DISTINCT FROM stored.minutes" +
			" AND fresh.occurrence = stored.occurrence)",
		Order: "customer_id, interaction_date",
	}
}

func load(ctx context.Context, b *intake.Batch) (intake.Counts, error) {
	if err := rejectUnusable(ctx, b); err != nil {
		return intake.Counts{}, err
	}
	if err := rejectDoubled(ctx, b); err != nil {
		return intake.Counts{}, fmt.Errorf("look for doubled rows: %w", err)
	}
	if err := numberEqual(ctx, b); err != nil {
		return intake.Counts{}, fmt.Errorf("number equal interactions: %w", err)
	}
	const source = "SELECT cast(:import_no AS integer) AS import_no, staged.row_no, cast(:source AS varchar) AS source, staged.code," +
		" cast(coalesce(equal.occurrence, 1) AS integer) AS occurrence, customer.id AS customer_id, lower(staged.kind) AS kind," +
		" staged.date AS interaction_date, person.id AS person_id, staged.author, cast(staged.minutes AS integer) AS minutes, staged.result, staged.note" +
		" FROM staged JOIN customer ON customer.code = staged.customer" +
		" LEFT JOIN person ON person.code = staged.person" +
		" LEFT JOIN equal ON equal.row_no = staged.row_no" +
		" WHERE NOT EXISTS (SELECT 1 FROM doubled WHERE doubled.row_no = staged.row_no)"
	counts, err := interactions().Load(ctx, b.Tx, source, engine.Args{"import_no": b.Import.No, "source": b.Import.Source})
	return intake.Counts{Created: counts.Created, Updated: counts.Updated, Unchanged: counts.Unchanged}, err
}

func rejectUnusable(ctx context.Context, b *intake.Batch) error {
	for _, rule := range []struct {
		field, condition string
		why              fault.Reason
	}{
		{"customer", "NOT EXISTS (SELECT 1 FROM customer AS known WHERE known.code = staged.customer)",
			fault.Why("no_customer", "There is no customer with this code; import the customers first, or correct the code.")},
		{"person", "person IS NOT NULL AND NOT EXISTS (SELECT 1 FROM person AS known WHERE known.code = staged.person)",
			fault.Why("no_person", "There is no person with this code; import the people first, correct the code, or leave the person out of the mapping.")},
		{"minutes", "minutes < 0 OR minutes > :max", fault.Why("minutes", "An interaction lasts between 0 minutes and a year; check the unit of the column.")},
	} {
		if !b.Has(rule.field) {
			continue
		}
		if _, err := b.RejectWhere(ctx, rule.field, rule.why, rule.condition, engine.Args{"max": int64(maxMinutes)}); err != nil {
			return err
		}
	}
	return nil
}

// rejectDoubled refuses the second and later of the rows with the same code, which stand in the temporary table doubled
// then.
func rejectDoubled(ctx context.Context, b *intake.Batch) error {
	found, err := merge.Temp(ctx, b.Tx, "doubled", "SELECT row_no, first_no FROM ("+
		"SELECT row_no, min(row_no) OVER (PARTITION BY code) AS first_no FROM staged WHERE code IN ("+
		"SELECT code FROM staged WHERE code IS NOT NULL GROUP BY code HAVING count(*) > 1)) AS same WHERE row_no > first_no", nil)
	if err != nil || found == 0 {
		return err
	}
	rows, err := b.Tx.Query(ctx, "SELECT row_no, first_no FROM doubled ORDER BY row_no", nil)
	if err != nil {
		return err
	}
	defer rows.Close()
	return eachPair(rows, func(row, first int64) {
		b.Reject(row, "code", fault.Why("code_row", "Data row {row} has the same code; give every one a code of its own.", "row", strconv.FormatInt(first+1, 10)))
	})
}

func eachPair(rows *sql.Rows, fn func(row, first int64)) error {
	for rows.Next() {
		var row, first int64
		if err := rows.Scan(&row, &first); err != nil {
			return err
		}
		fn(row, first)
	}
	return rows.Err()
}

// numberEqual counts interactions without a code and with equal contents, in the temporary table equal. Most are unlike all
// others and are not in it.
func numberEqual(ctx context.Context, b *intake.Batch) error {
	_, err := merge.Temp(ctx, b.Tx, "equal", "SELECT row_no, row_number() OVER (PARTITION BY "+contents+
		" ORDER BY row_no) AS occurrence FROM staged WHERE code IS NULL AND hash("+contents+") IN ("+
		"SELECT hash("+contents+") FROM staged WHERE code IS NULL GROUP BY hash("+contents+") HAVING count(*) > 1)", nil)
	return err
}
