// Package grid divides customers by two measures, each cut into classes: the general matrix, of which the customer matrix,
// the value × chance portfolio, the loyalty matrix and the RFM cells are presets (DESIGN.md 3).
//
// A definition says where the cuts lie; a [Placing] is what it means in one version: for every row of score the number of
// its class on each axis, as an SQL expression. Customers without a value stand in the class unknown; none is left out.
package grid

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/learn/measure"
)

// Unknown is the class of customers without the value that an axis asks for, and the cell of those without either.
const Unknown = "unknown"

// Bounds of a definition.
const (
	Most          = 7 // classes of an axis
	mostWords     = 40
	maxName       = 60
	maxText       = 500
	maxCut        = 1 << 53 // where a JSON number and a double are still exact
	maxMatrices   = 100
	customerKey   = "customer"
	maxWordLength = 100
)

// The ways to divide the customers on an axis.
const (
	// ByValue cuts at fixed values.
	ByValue = "value"
	// ByQuantile cuts so that a share of the customers who have a value stand below the cut.
	ByQuantile = "quantile"
	// ByCumulativeShare cuts where the customers, the highest first, have together made a share of the sum of all.
	ByCumulativeShare = "cumulative_share"
	// ByWord lists the words of each class.
	ByWord = "word"
)

// Class is one part of an axis.
type Class struct {
	Key   string   `json:"key" pattern:"^[a-z0-9][a-z0-9-]{0,30}$" doc:"Its name in addresses and in the keys of cells."`
	Name  string   `json:"name" minLength:"1" maxLength:"60"`
	Words []string `json:"words,omitempty" maxItems:"40" doc:"The words that belong to it, on an axis by words."`
}

// Axis is a measure and how it is cut.
type Axis struct {
	Measure string    `json:"measure" maxLength:"41" doc:"The key of any registered measure."`
	By      string    `json:"by" enum:"value,quantile,cumulative_share,word"`
	At      []float64 `json:"at,omitempty" maxItems:"6" doc:"Where the second and each later class begins. By value: rising, as people are shown the measure, money in minor units. By quantile: rising shares of the customers that stand below. By cumulative share: falling shares of the whole that the class and all above it make."`
	Classes []Class   `json:"classes" minItems:"1" maxItems:"7" nullable:"false" doc:"The lowest first; by words in the order in which they are shown."`
}

// Cell is what one field of the matrix is called and how its customers are to be treated.
type Cell struct {
	Row      string `json:"row" maxLength:"31"`
	Column   string `json:"column" maxLength:"31"`
	Name     string `json:"name,omitempty" maxLength:"60" doc:"Empty: the names of row and column."`
	Colour   string `json:"colour,omitempty" enum:"blue,sky,green,yellow,orange,red,purple,grey" doc:"Of a palette that the colour-blind can tell apart."`
	Strategy string `json:"strategy,omitempty" enum:"bind,care,develop,minimal"`
	Advice   string `json:"advice,omitempty" maxLength:"500" doc:"How these customers are to be treated, in words."`
}

// Definition is a matrix: two axes and its cells.
type Definition struct {
	Key         string `json:"key" pattern:"^[a-z][a-z0-9-]{0,30}$" doc:"Its name in addresses."`
	Name        string `json:"name" minLength:"1" maxLength:"60"`
	Description string `json:"description" maxLength:"500"`
	Rows        Axis   `json:"rows"`
	Columns     Axis   `json:"columns"`
	Cells       []Cell `json:"cells" maxItems:"49" nullable:"false" doc:"Those that have a name, colour, strategy or words of their own."`
}

// Strategies are those of the portfolio (FIELD.md Y5).
func Strategies() []string { return []string{"bind", "care", "develop", "minimal"} }

// Colours is the palette of cells; its hues are told apart by all common kinds of sight.
func Colours() []string {
	return []string{"blue", "sky", "green", "yellow", "orange", "red", "purple", "grey"}
}

// CellKey is the name of a cell in addresses, such as gold_bubble; classes have no underscore in their keys.
func CellKey(row, column string) string {
	if row == Unknown && column == Unknown {
		return Unknown
	}
	return row + "_" + column
}

// SplitCell is the inverse of CellKey.
func SplitCell(key string) (row, column string) {
	row, column, found := strings.Cut(key, "_")
	if !found {
		return Unknown, Unknown
	}
	return row, column
}

// Keys returns the classes of the axis in the order of the definition.
func (a Axis) Keys() []string {
	keys := make([]string, len(a.Classes))
	for i, c := range a.Classes {
		keys[i] = c.Key
	}
	return keys
}

// numeric tells whether the axis is cut by numbers.
func (a Axis) numeric() bool { return a.By != ByWord }

// RowKeys returns the rows from the top: the highest class of a number, the first of words.
func (d Definition) RowKeys() []string {
	keys := d.Rows.Keys()
	if d.Rows.numeric() {
		slices.Reverse(keys)
	}
	return keys
}

// ColumnKeys returns the columns from the left: the lowest class of a number, the first of words.
func (d Definition) ColumnKeys() []string { return d.Columns.Keys() }

// Cell returns the cell of a row and a column, which may have nothing of its own.
func (d Definition) Cell(row, column string) Cell {
	for _, c := range d.Cells {
		if c.Row == row && c.Column == column {
			return c
		}
	}
	return Cell{Row: row, Column: column}
}

var (
	plainMatrix = regexp.MustCompile(`^[a-z][a-z0-9-]{0,30}$`)
	plainClass  = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,30}$`)
)

// Validate returns a fault that names every place that cannot stand; measures are those there are.
func (d Definition) Validate(measures measure.Set) error {
	c := fault.Check("matrix.invalid")
	c.That(plainMatrix.MatchString(d.Key), "key", "Use small letters, digits and hyphens, a letter first; at most 31 characters.")
	c.That(words(d.Name, 1, maxName), "name", "Write 1 to %d characters.", maxName)
	c.That(words(d.Description, 0, maxText), "description", "Write at most %d characters.", maxText)
	d.Rows.check(c, "rows.", measures)
	d.Columns.check(c, "columns.", measures)
	if d.Rows.Measure == d.Columns.Measure && d.Rows.Measure != "" {
		c.That(false, "columns.measure", "Choose another measure than that of the rows: a measure set against itself shows nothing.")
	}
	rows, columns := d.Rows.Keys(), d.Columns.Keys()
	for i, cell := range d.Cells {
		path := fmt.Sprintf("cells[%d].", i)
		c.That(slices.Contains(rows, cell.Row), path+"row", "There is no such row.").
			That(slices.Contains(columns, cell.Column), path+"column", "There is no such column.").
			That(!slices.ContainsFunc(d.Cells[:i], func(o Cell) bool { return o.Row == cell.Row && o.Column == cell.Column }), path+"row", "This cell is described twice.").
			That(words(cell.Name, 0, maxName), path+"name", "Write at most %d characters.", maxName).
			That(words(cell.Advice, 0, maxText), path+"advice", "Write at most %d characters.", maxText).
			That(cell.Colour == "" || slices.Contains(Colours(), cell.Colour), path+"colour", "Use one of %s.", strings.Join(Colours(), ", ")).
			That(cell.Strategy == "" || slices.Contains(Strategies(), cell.Strategy), path+"strategy", "Use one of %s.", strings.Join(Strategies(), ", "))
	}
	return c.Err()
}

func words(text string, least, most int) bool {
	n := utf8.RuneCountInString(strings.TrimSpace(text))
	return utf8.ValidString(text) && n >= least && n <= most
}

func (a Axis) check(c *fault.Checks, path string, measures measure.Set) {
	m, known := measures.Find(a.Measure)
	c.That(known, path+"measure", "There is no such measure; choose one of the list.")
	ways := []string{ByWord}
	if m.Numeric() {
		ways = []string{ByValue, ByQuantile}
		if m.Summable() {
			ways = append(ways, ByCumulativeShare)
		}
	}
	if known {
		c.That(slices.Contains(ways, a.By), path+"by", "This measure can be divided by: %s.", strings.Join(ways, ", "))
	}
	c.That(len(a.Classes) >= 1 && len(a.Classes) <= Most, path+"classes", "An axis has 1 to %d classes.", Most)
	taken := map[string]bool{}
	for i, class := range a.Classes {
		at := fmt.Sprintf("%sclasses[%d].", path, i)
		c.That(plainClass.MatchString(class.Key) && class.Key != Unknown, at+"key", "Use small letters, digits and hyphens; %q is taken by customers without a value.", Unknown).
			That(!slices.ContainsFunc(a.Classes[:i], func(o Class) bool { return o.Key == class.Key }), at+"key", "Another class has this key.").
			That(words(class.Name, 1, maxName), at+"name", "Give each class a name of at most %d characters.", maxName)
		if a.By != ByWord {
			c.That(len(class.Words) == 0, at+"words", "Only measures that are words have classes by words.")
			continue
		}
		c.That(len(class.Words) >= 1 && len(class.Words) <= mostWords, at+"words", "Give 1 to %d words.", mostWords)
		for _, word := range class.Words {
			c.That(word != "" && len(word) <= maxWordLength && utf8.ValidString(word), at+"words", "A word has 1 to %d characters.", maxWordLength).
				That(!taken[word], at+"words", "%q stands in two classes.", word)
			taken[word] = true
		}
	}
	a.checkCuts(c, path)
}

func (a Axis) checkCuts(c *fault.Checks, path string) {
	if a.By == ByWord {
		c.That(len(a.At) == 0, path+"at", "Words have no cut points.")
		return
	}
	c.That(len(a.At) == len(a.Classes)-1, path+"at", "Give one cut point fewer than classes.")
	for i, x := range a.At {
		at := fmt.Sprintf("%sat[%d]", path, i)
		switch {
		case math.IsNaN(x) || math.Abs(x) > maxCut:
			c.That(false, at, "Give a number.")
		case a.By == ByValue:
			c.That(i == 0 || x > a.At[i-1], at, "Each class must begin above the one before it.")
		case a.By == ByQuantile:
			c.That(x > 0 && x < 1 && (i == 0 || x > a.At[i-1]), at, "Give rising shares of the customers between 0 and 100 %%.")
		default:
			c.That(x > 0 && x <= 1 && (i == 0 || x < a.At[i-1]), at, "Give falling shares of the whole between 100 %% and 0: the highest class comes last and makes the smallest share.")
		}
	}
}
