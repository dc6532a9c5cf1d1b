package survey

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/kvadrant/kvadrant/internal/engine"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/merge"
	"github.com/kvadrant/kvadrant/know/intake"
)

// Imports is the import kind of answers.
func Imports() intake.Kind {
	return intake.Kind{
		Key: "answers", Label: "Answers", Fact: true, Table: "answer", Fields: importFields(), Load: load, Shown: shown,
		Synonyms: []string{"survey", "surveys", "survey results", "responses", "satisfaction", "feedback", "nps", "complaints", "references",
			"spørgeskema", "besvarelser", "tilfredshed", "klager", "Umfrage", "Befragung", "Antworten", "Zufriedenheit", "Beschwerden",
			"enquête", "antwoorden", "tevredenheid", "klachten", "ankieta", "odpowiedzi", "satysfakcja", "reklamacje", "問卷", "滿意度", "回答", "客訴"},
	}
}

func topics() []string {
	all := make([]string, len(scales()))
	for i, s := range scales() {
		all[i] = s.topic
	}
	return all
}

func importFields() []intake.Field {
	return []intake.Field{
		{Name: "code", Label: "Code", Type: intake.Code,
			Help:     "The key of the response in its own system: the answers of one person. Without it, equal contents identify an answer.",
			Synonyms: []string{"response id", "response number", "survey response", "id", "besvarelsesnr", "antwortnummer", "antwoordnummer", "nr odpowiedzi", "nr ankiety", "回覆編號"}},
		{Name: "customer", Label: "Customer", Type: intake.Code, Required: true, Refers: "customers", Help: "The code of the customer.",
			Synonyms: []string{"customer code", "customer number", "customer no", "customer id", "account", "account number", "client", "kundenr", "kundenummer", "kunde", "debitornr",
				"kundennummer", "kundennr", "debitorennummer", "klantnummer", "klantnr", "klant", "debiteurnummer", "kod klienta", "nr klienta", "klient", "kontrahent", "客戶編號", "客戶代號", "客戶代碼", "客戶"}},
		{Name: "date", Label: "Date", Type: intake.Date, Required: true, Help: "The day of the answer.",
			Synonyms: []string{"answer date", "response date", "answered on", "survey date", "submitted", "completed", "dato", "besvaret", "svardato", "datum", "antwortdatum", "befragt am",
				"ingevuld op", "antwoorddatum", "data", "data odpowiedzi", "日期", "填答日期"}},
		{Name: "survey", Label: "Questionnaire", Type: intake.Code, Help: "The code of the questionnaire; any name of it when it was held elsewhere.",
			Synonyms: []string{"survey", "survey name", "questionnaire code", "form", "spørgeskema", "undersøgelse", "umfrage", "fragebogen", "befragung", "enquête", "vragenlijst", "ankieta", "問卷", "問卷名稱"}},
		{Name: "question", Label: "Question", Type: intake.Code, Required: true, Help: "Its key in the questionnaire; of satisfaction, the category such as delivery.",
			Synonyms: []string{"question key", "category", "item", "question text", "spørgsmål", "kategori", "frage", "kategorie", "vraag", "categorie", "pytanie", "kategoria", "題目", "類別"}},
		{Name: "topic", Label: "Topic", Type: intake.Choice, Choices: topics(),
			Help:     "What the question asks for. Not needed where the questionnaire is here, or the question is named like its topic.",
			Synonyms: []string{"subject", "question type", "dimension", "emne", "thema", "onderwerp", "temat", "主題"}},
		{Name: "score", Label: "Score", Type: intake.Number, Help: "Satisfaction and the five Bs 1 to 10, recommendation 0 to 10, intention 2, 1 or 0, the others 1 or 0.",
			Synonyms: []string{"rating", "value", "points", "mark", "grade", "nps score", "karakter", "bedømmelse", "bewertung", "punkte", "note", "cijfer", "beoordeling", "ocena", "punkty", "分數", "評分"}},
		{Name: "word", Label: "Answer in words", Type: intake.Text,
			Help:     "In place of a score, such as yes, no, certainly, perhaps. Other words can be translated in the mapping.",
			Synonyms: []string{"answer", "response", "svar", "antwort", "antwoord", "odpowiedź", "回答", "答案"}},
		{Name: "weight", Label: "Weight", Type: intake.Number, Help: "Of the question among those of its topic; that of the questionnaire, or 1, when left out.",
			Synonyms: []string{"importance", "vægt", "vigtighed", "gewicht", "wichtigkeit", "belang", "weging", "waga", "ważność", "權重", "重要性"}},
		{Name: "respondent", Label: "Respondent", Type: intake.Text, Help: "Who answered; of the five Bs, who of your company scored.",
			Synonyms: []string{"contact", "contact person", "answered by", "respondent name", "name", "person", "kontaktperson", "besvaret af", "ansprechpartner", "befragter", "contactpersoon",
				"ingevuld door", "respondent", "osoba kontaktowa", "ankietowany", "聯絡人", "填答人"}},
	}
}

// words are answers that stand for a score, by topic: intention has three, all others yes and no.
func words() (intention, yesNo map[string]float64) {
	sure := []string{"unconditional", "certainly", "definitely", "always", "helt sikkert", "bestemt", "ubetinget", "sicher", "unbedingt", "auf jeden fall", "zeker", "onvoorwaardelijk",
		"na pewno", "zdecydowanie", "bezwarunkowo", "一定會", "一定", "yes", "y", "true", "ja", "j", "tak", "t", "是", "會"}
	maybe := []string{"conditional", "perhaps", "maybe", "måske", "betinget", "vielleicht", "bedingt", "misschien", "voorwaardelijk", "może", "być może", "warunkowo", "可能", "也許"}
	never := []string{"none", "no", "n", "false", "never", "nej", "aldrig", "nein", "nie", "nee", "nooit", "nigdy", "否", "不會"}
	intention, yesNo = map[string]float64{}, map[string]float64{}
	for _, w := range sure {
		intention[w], yesNo[w] = 2, 1
	}
	for _, w := range maybe {
		intention[w] = 1
	}
	for _, w := range never {
		intention[w], yesNo[w] = 0, 0
	}
	return intention, yesNo
}

// shown gives answers the names of the fields.
const shown = "SELECT fact.row_no, fact.code, customer.code AS customer, fact.answer_date AS date, fact.survey, fact.question, fact.topic, fact.score, fact.weight, fact.respondent" +
	" FROM fact LEFT JOIN customer ON customer.id = fact.customer_id"

// answers says how imported answers are stored and recognised: by source, code of the response and question where they have
// a code, else by their contents but the score, and by how often the same contents stood before in the import.
func answers() merge.Table {
	return merge.Table{
		Name: "answer",
		Columns: []string{"id", "response_id", "customer_id", "answer_date", "survey", "question", "topic", "score", "weight", "respondent",
			"source", "code", "occurrence"},
		Key: "CASE WHEN import_no = 0 THEN NULL WHEN code IS NOT NULL THEN hash(source, code, question)" +
			" ELSE hash(source, customer_id, answer_date, survey, question, respondent, occurrence) END",
		Same: "stored.source = fresh.source AND stored.code IS NOT DISTINCT FROM fresh.code AND fresh.question = stored.question AND (fresh.code IS NOT NULL" +
			" OR fresh.customer_id = stored.customer_id AND fresh.answer_date = stored.answer_date AND fresh.survey = stored.survey" +
			" AND fresh.respondent IS NOT DISTINCT FROM stored.respondent AND fresh.occurrence = stored.occurrence)",
		Order: "customer_id, answer_date",
	}
}

func load(ctx context.Context, b *intake.Batch) (intake.Counts, error) {
	if err := understand(ctx, b); err != nil {
		return intake.Counts{}, fmt.Errorf("read what was answered: %w", err)
	}
	if err := rejectUnusable(ctx, b); err != nil {
		return intake.Counts{}, err
	}
	if err := rejectDoubled(ctx, b); err != nil {
		return intake.Counts{}, fmt.Errorf("look for doubled rows: %w", err)
	}
	if err := numberEqual(ctx, b); err != nil {
		return intake.Counts{}, fmt.Errorf("number equal answers: %w", err)
	}
	// Ids follow from what identifies an answer, so that they are the same when the warehouse is built anew.
	const response = "CASE WHEN staged.code IS NOT NULL THEN concat_ws('|', 'code', :source, staged.code)" +
		" ELSE concat_ws('|', 'contents', :source, staged.customer, cast(staged.date AS varchar), coalesce(staged.survey, ''), coalesce(staged.respondent, ''), cast(coalesce(equal.occurrence, 1) AS varchar)) END"
	const source = "SELECT cast(:import_no AS integer) AS import_no, row_no, cast(md5(concat_ws('|', response, question)) AS uuid) AS id, cast(md5(response) AS uuid) AS response_id," +
		" customer_id, answer_date, survey, question, topic, score, weight, respondent, cast(:source AS varchar) AS source, code, occurrence FROM (" +
		"SELECT staged.row_no, " + response + " AS response, customer.id AS customer_id, staged.date AS answer_date, coalesce(staged.survey, '') AS survey," +
		" lower(staged.question) AS question, meant.topic, meant.score, meant.weight, staged.respondent, staged.code, cast(coalesce(equal.occurrence, 1) AS integer) AS occurrence" +
		" FROM staged JOIN customer ON customer.code = staged.customer JOIN meant ON meant.row_no = staged.row_no" +
		" LEFT JOIN equal ON equal.row_no = staged.row_no" +
		" WHERE NOT EXISTS (SELECT 1 FROM doubled WHERE doubled.row_no = staged.row_no)) AS named"
	counts, err := answers().Load(ctx, b.Tx, source, engine.Args{"import_no": b.Import.No, "source": b.Import.Source})
	return intake.Counts{Created: counts.Created, Updated: counts.Updated, Unchanged: counts.Unchanged}, err
}

// understand makes the temporary table meant: topic, score and weight of each row, NULL where they cannot be told.
func understand(ctx context.Context, b *intake.Batch) error {
	if _, err := merge.Temp(ctx, b.Tx, "topic_scale", "SELECT cast(NULL AS varchar) AS topic, cast(NULL AS double) AS low, cast(NULL AS double) AS high WHERE false", nil); err != nil {
		return err
	}
	all, at := scales(), 0
	if _, err := b.Tx.Fill(ctx, "topic_scale", []string{"topic", "low", "high"}, func() ([]any, bool, error) {
		if at++; at > len(all) {
			return nil, false, nil
		}
		return []any{all[at-1].topic, all[at-1].from, all[at-1].to}, true, nil
	}); err != nil {
		return err
	}
	if err := wordTable(ctx, b); err != nil {
		return err
	}
	topic := "coalesce(asked.topic, staged.topic, named.topic)"
	_, err := merge.Temp(ctx, b.Tx, "meant", "SELECT staged.row_no, "+topic+" AS topic,"+
		" CASE WHEN "+topic+" = 'complaint' AND staged.score IS NULL AND staged.word IS NULL THEN 1 ELSE coalesce(staged.score,"+
		" CASE WHEN "+topic+" = 'intention' THEN said.intention WHEN "+topic+" IN ('reference', 'complaint', 'second_chance') THEN said.yes_no END) END AS score,"+
		" coalesce(staged.weight, asked.weight, 1) AS weight"+
		" FROM staged LEFT JOIN survey_question AS asked ON asked.survey = staged.survey AND asked.question = lower(staged.question)"+
		" LEFT JOIN topic_scale AS named ON named.topic = lower(staged.question)"+
		" LEFT JOIN answer_word AS said ON said.word = lower(trim(staged.word))", nil)
	return err
}

func wordTable(ctx context.Context, b *intake.Batch) error {
	if _, err := merge.Temp(ctx, b.Tx, "answer_word", "SELECT cast(NULL AS varchar) AS word, cast(NULL AS double) AS intention, cast(NULL AS double) AS yes_no WHERE false", nil); err != nil {
		return err
	}
	intention, yesNo := words()
	var all []string
	for word := range intention {
		all = append(all, word)
	}
	slices.Sort(all)
	at := 0
	_, err := b.Tx.Fill(ctx, "answer_word", []string{"word", "intention", "yes_no"}, func() ([]any, bool, error) {
		if at++; at > len(all) {
			return nil, false, nil
		}
		var plain any
		if score, ok := yesNo[all[at-1]]; ok {
			plain = score
		}
		return []any{all[at-1], intention[all[at-1]], plain}, true, nil
	})
	return err
}

func rejectUnusable(ctx context.Context, b *intake.Batch) error {
	meant := func(condition string) string {
		return "EXISTS (SELECT 1 FROM meant WHERE meant.row_no = staged.row_no AND (" + condition + "))"
	}
	for _, rule := range []struct {
		field, condition string
		why              fault.Reason
	}{
		{"customer", "NOT EXISTS (SELECT 1 FROM customer AS known WHERE known.code = staged.customer)",
			fault.Why("no_customer", "There is no customer with this code; import the customers first, or correct the code.")},
		{"question", meant("meant.topic IS NULL"), fault.Why("question_unknown", "It is not known what this question asks for; map a column to the topic or fix the topic in the mapping, or make the questionnaire with this question first.")},
		{"score", "score IS NOT NULL AND word IS NOT NULL", fault.Why("answer_twice", "Give the answer as a score or in words, not both.")},
		{"score", "score IS NULL AND word IS NULL AND " + meant("meant.score IS NULL"), fault.Why("answer_missing", "There is no answer; give a score or a word.")},
		{"word", meant("meant.score IS NULL"), fault.Why("answer_word", "This word stands for no score of the topic; translate it in the mapping, or give a score.")},
		{"score", "EXISTS (SELECT 1 FROM meant JOIN topic_scale AS scale ON scale.topic = meant.topic WHERE meant.row_no = staged.row_no AND NOT meant.score BETWEEN scale.low AND scale.high)",
			fault.Why("answer_scale", "The score lies outside the scale of its topic: satisfaction and the five Bs 1 to 10, recommendation 0 to 10, intention 0 to 2, the others 0 or 1.")},
		{"score", meant("meant.topic = 'complaint' AND meant.score = 0"), fault.Why("complaint_none", "This says that there was no complaint; leave such rows out.")},
		{"weight", meant("meant.weight <= 0 OR meant.weight > 1000"), fault.Why("answer_weight", "A weight is above 0 and at most 1,000.")},
	} {
		if _, err := b.RejectWhere(ctx, rule.field, rule.why, rule.condition, nil); err != nil {
			return err
		}
	}
	return nil
}

// rejectDoubled refuses the second and later answers to a question in the response of a code, which stand in the temporary
// table doubled then.
func rejectDoubled(ctx context.Context, b *intake.Batch) error {
	found, err := merge.Temp(ctx, b.Tx, "doubled", "SELECT row_no, first_no FROM ("+
		"SELECT row_no, min(row_no) OVER (PARTITION BY code, lower(question)) AS first_no FROM staged WHERE hash(code, lower(question)) IN ("+
		"SELECT hash(code, lower(question)) FROM staged WHERE code IS NOT NULL GROUP BY 1 HAVING count(*) > 1)) AS same WHERE row_no > first_no", nil)
	if err != nil || found == 0 {
		return err
	}
	rows, err := b.Tx.Query(ctx, "SELECT row_no, first_no FROM doubled ORDER BY row_no", nil)
	if err != nil {
		return err
	}
	defer rows.Close()
	return eachPair(rows, func(row, first int64) {
		b.Reject(row, "question", fault.Why("answer_row", "Data row {row} answers this question of the same response; keep one of them.", "row", strconv.FormatInt(first+1, 10)))
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

// numberEqual counts answers without a code that are of one person or nobody named, in the temporary table equal. Most
// are unlike all others and are not in it.
func numberEqual(ctx context.Context, b *intake.Batch) error {
	contents := strings.Join([]string{"customer", "date", "survey", "lower(question)", "respondent"}, ", ")
	_, err := merge.Temp(ctx, b.Tx, "equal", "SELECT row_no, row_number() OVER (PARTITION BY "+contents+
		" ORDER BY row_no) AS occurrence FROM staged WHERE code IS NULL AND hash("+contents+") IN ("+
		"SELECT hash("+contents+") FROM staged WHERE code IS NULL GROUP BY hash("+contents+") HAVING count(*) > 1)", nil)
	return err
}
