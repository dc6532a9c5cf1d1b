package product

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/money"
	"github.com/kvadrant/kvadrant/internal/undo"
	"github.com/kvadrant/kvadrant/know/intake"
)

// chunkRows is how many products are saved in one transaction.
const chunkRows = 1000

// Imports is the import kind of products. base tells the base currency, in which a cost without a currency is.
func (s *Store) Imports(base func(ctx context.Context) (string, error)) intake.Kind {
	return intake.Kind{
		Key: "products", Label: "Products",
		Synonyms: []string{"product", "items", "articles", "catalogue", "price list", "varer", "varekartotek", "produkter", "artikel",
			"artikelstamm", "produkte", "artikelen", "producten", "towary", "produkty", "asortyment", "產品", "商品", "品號"},
		Fields: importFields(),
		Load: func(ctx context.Context, b *intake.Batch) (intake.Counts, error) {
			return s.load(ctx, b, base)
		},
		Remove: func(ctx context.Context, imports []intake.Import) error {
			ids := make([]id.ID, len(imports))
			for i, m := range imports {
				ids[i] = m.ID
			}
			return s.RemoveImported(ctx, ids)
		},
		Records: []undo.Records{records(), categoryRecords()}, Stub: s.stubs,
	}
}

// records is where products stand, and categoryRecords what imports of products make along with them.
func records() undo.Records {
	return undo.Records{Table: undo.Table{Name: "product", Key: "id"}, Facts: []undo.Reference{{Table: "purchase", Column: "product_id", Label: "purchases"}}}
}

func categoryRecords() undo.Records {
	return undo.Records{Table: undo.Table{Name: "product_category", Key: "id"},
		Referred: []undo.Reference{{Table: "product", Column: "category_id", Label: "products"}, {Table: "product_category", Column: "parent_id", Label: "categories below them"}}}
}

func importFields() []intake.Field {
	return []intake.Field{
		{Name: "code", Label: "Code", Type: intake.Code, Required: true,
			Help: "The key of the product in your own systems. Purchase lines refer to it.",
			Synonyms: []string{"product code", "product number", "product no", "product key", "product id", "item", "item number", "item no",
				"item code", "article number", "sku", "part number", "productkey",
				"varenr", "varenummer", "produktnr", "produktnummer", "artikelnr", "artikelnummer", "materialnummer", "material", "matnr",
				"produktcode", "artikelcode", "productcode", "productnummer",
				"kod towaru", "kod produktu", "indeks", "symbol", "nr artykułu", "indeks towaru",
				"品號", "產品編號", "商品編號", "料號", "產品代號", "貨號"}},
		{Name: "name", Label: "Name", Type: intake.Text, Required: true,
			Synonyms: []string{"product name", "item name", "description", "article", "product", "englishproductname", "item description",
				"varenavn", "varetekst", "beskrivelse", "produktnavn", "betegnelse",
				"artikelbezeichnung", "bezeichnung", "produktname", "artikelname", "materialkurztext", "maktx",
				"omschrijving", "artikelomschrijving", "productnaam", "naam",
				"nazwa", "nazwa towaru", "nazwa produktu", "opis",
				"品名", "產品名稱", "商品名稱", "名稱"}},
		{Name: "category", Label: "Category", Type: intake.Text,
			Help: "The name or code of the category, or the whole path: Bikes > Mountain bikes. Missing categories are made.",
			Synonyms: []string{"product category", "product group", "item group", "category path", "category name", "subcategory", "product line", "assortment",
				"varegruppe", "produktgruppe", "kategori", "varekategori",
				"warengruppe", "kategorie", "artikelgruppe", "produktkategorie",
				"artikelgroep", "productgroep", "categorie", "omzetgroep",
				"grupa", "grupa towarowa", "kategoria", "grupa asortymentowa",
				"類別", "產品類別", "商品類別", "產品大類", "分類"}},
		{Name: "category_code", Label: "Category code", Type: intake.Code,
			Help: "The key of the category in your own systems, when it has one beside its name.",
			Synonyms: []string{"category id", "category number", "category key", "group code", "product group code", "productsubcategorykey",
				"varegruppenr", "varegruppekode", "kategorikode",
				"warengruppennummer", "warengruppen nr", "matkl", "kategoriecode",
				"artikelgroepcode", "productgroepcode", "categoriecode",
				"kod grupy", "kod kategorii",
				"類別代號", "分類代碼", "產品類別代號"}},
		{Name: "cost", Label: "Cost", Type: intake.Amount,
			Help: "What one unit costs you, in the currency of the next field.",
			Synonyms: []string{"unit cost", "standard cost", "cost price", "purchase price", "cost per unit", "standardcost",
				"kostpris", "kostpris pr stk", "indkøbspris", "vareforbrug",
				"einstandspreis", "selbstkosten", "einkaufspreis", "herstellkosten", "ek preis", "gestehungskosten",
				"kostprijs", "inkoopprijs", "kost",
				"koszt", "koszt własny", "cena zakupu", "koszt jednostkowy",
				"成本", "單位成本", "標準成本", "進價"}},
		{Name: "currency", Label: "Currency", Type: intake.Code,
			Help: "The ISO code of the currency of the cost. Left out, it is the base currency.",
			Synonyms: []string{"cost currency", "currency code", "iso currency", "curr", "valuta", "valutakode", "valutacode", "møntfod",
				"währung", "waehrung", "waers", "munt", "waluta", "kod waluty", "幣別", "貨幣", "幣種"}},
	}
}

// loading is one import on its way into the store.
type loading struct {
	store *Store
	batch *intake.Batch
	tree  *Tree
	base  string
	keep  Keep
	first map[string]int64 // code → row that had it first
}

func (s *Store) load(ctx context.Context, b *intake.Batch, base func(ctx context.Context) (string, error)) (intake.Counts, error) {
	currency, err := base(ctx)
	if err != nil {
		return intake.Counts{}, err
	}
	tree, err := s.Tree(ctx)
	if err != nil {
		return intake.Counts{}, err
	}
	l := loading{store: s, batch: b, tree: tree, base: currency, first: map[string]int64{},
		keep: Keep{Category: !b.Has("category") && !b.Has("category_code"), Cost: !b.Has("cost")}}
	if b.Trial() {
		l.keep.Changed, tree.tried = l.show, true
	}
	var counts intake.Counts
	err = b.Chunks(ctx, chunkRows, func(rows []intake.Row) error {
		products := l.products(rows)
		saved, err := s.Save(ctx, products, tree, l.keep, b.Import.ID)
		counts.Created += saved.Created
		counts.Updated += saved.Updated
		counts.Unchanged += saved.Unchanged
		return err
	})
	return counts, err
}

// products makes products of the rows and rejects those that cannot be one.
func (l loading) products(rows []intake.Row) []Product {
	products := make([]Product, 0, len(rows))
	for _, row := range rows {
		p := Product{Code: row.Text("code"), Name: row.Text("name")}
		if first, seen := l.first[p.Code]; seen {
			l.batch.Reject(row.No, "code", fault.Why("code_at_row", `The code "{code}" stands in row {row} already; keep one of them.`, "code", p.Code, "row", strconv.FormatInt(first+1, 10)))
			continue
		}
		if fine, ok := row.Amount("cost"); ok {
			p.Currency = strings.ToUpper(row.Text("currency"))
			if p.Currency == "" {
				p.Currency = l.base
			}
			minor := money.Minor(fine, p.Currency)
			p.Cost = &minor
		}
		if err := p.Validate(); err != nil {
			l.batch.Refuse(row.No, err)
			continue
		}
		category, err := l.tree.Place(row.Text("category"), row.Text("category_code"), l.batch.Import.ID)
		if err != nil {
			l.batch.Refuse(row.No, err)
			continue
		}
		p.CategoryID = category
		l.first[p.Code] = row.No
		products = append(products, p)
	}
	return slices.Clip(products)
}

// show tells a trial how a product changes.
func (l loading) show(old, p Product, known bool) {
	var was map[string]any
	if known {
		was = l.fields(old)
	}
	l.batch.Shows(l.first[p.Code], was, l.fields(p))
}

func (l loading) fields(p Product) map[string]any {
	all := map[string]any{"code": p.Code, "name": p.Name, "currency": p.Currency}
	if p.Cost != nil {
		all["cost"] = float64(money.Fine(*p.Cost, p.Currency)) / 10_000
	}
	if c := l.tree.byID[p.CategoryID]; c != nil {
		all["category"], all["category_code"] = c.Name, c.Code
	}
	return all
}
