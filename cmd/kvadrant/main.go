// Kvadrant shows a company where each of its customers stands and what to do next.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/kvadrant/kvadrant/app"
	measured "github.com/kvadrant/kvadrant/app/bench"
)

// version is set by the build.
var version = "dev" //nolint:gochecknoglobals // the linker sets it

// exitRejected is the exit code of an import that rejected rows.
const exitRejected = 3

// flags is the command line.
type flags struct {
	Data         string `help:"Folder of all data." env:"KVADRANT_DATA" default:"data" type:"path"`
	DatabaseURL  string `help:"URL of a PostgreSQL database; a file in the data folder when empty." env:"KVADRANT_DATABASE_URL"`
	WarehouseURL string `help:"URL of a distributed warehouse." env:"KVADRANT_WAREHOUSE_URL" hidden:""`

	Serve    serve      `cmd:"" help:"Serve the product to browsers."`
	Import   importing  `cmd:"" name:"import" help:"Bring files in."`
	Source   source     `cmd:"" help:"Read the databases of other systems, or list them."`
	Undo     undoing    `cmd:"" help:"Take an import back, exactly."`
	Score    scoring    `cmd:"" help:"Compute where every customer stands."`
	Check    check      `cmd:"" help:"Look through all data and print what is missing, wrong or doubtful. Ends with 0 also when it finds something, with 1 when it could not look."`
	Matrix   matrix     `cmd:"" help:"Print the cells of the customer matrix."`
	Demo     demo       `cmd:"" help:"Load the demo company, write its files, or remove it."`
	Company  company    `cmd:"" help:"Say who uses this installation and the currency it counts in."`
	User     user       `cmd:"" help:"Add users, list them, or give one a new password."`
	Token    token      `cmd:"" help:"Make an API token for a user."`
	OpenAPI  openAPI    `cmd:"" name:"openapi" help:"Print the description of the interface."`
	Measures measures   `cmd:"" help:"Print the manual of the measures."`
	Bench    bench      `cmd:"" help:"Measure the speed budgets on a large demo company."`
	Version  versionCmd `cmd:"" help:"Print the version."`
}

func (f *flags) config() app.Config {
	return app.Config{Data: f.Data, DatabaseURL: f.DatabaseURL, WarehouseURL: f.WarehouseURL, Version: version, Out: os.Stdout, Err: os.Stderr}
}

func main() {
	app.Prepare()
	var f flags
	cli := kong.Parse(&f, kong.Name("kvadrant"), kong.UsageOnError(), kong.Vars{"parts": strings.Join(measured.Parts(), ", ")},
		kong.Description("Kvadrant shows where each customer stands and what to do next."))
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	cli.BindTo(ctx, (*context.Context)(nil))
	if err := cli.Run(&f); err != nil {
		fmt.Fprintln(os.Stderr, "kvadrant:", err)
		stop()
		if errors.Is(err, app.ErrRejected) {
			os.Exit(exitRejected)
		}
		os.Exit(1)
	}
}

type serve struct {
	Addr string `help:"Where to listen." env:"KVADRANT_ADDR" default:"127.0.0.1:8080"`
	TLS  bool   `help:"Browsers reach the server by https, through a proxy: cookies are then sent by https only." env:"KVADRANT_TLS"`
	Demo bool   `help:"Load the demo company when there is no data yet."`
}

// Run serves until the program is told to stop.
func (c serve) Run(ctx context.Context, f *flags) error {
	cfg := f.config()
	cfg.TLS = c.TLS
	return app.Serve(ctx, cfg, app.Serving{Addr: c.Addr, Demo: c.Demo})
}

type importing struct {
	Kind    string   `help:"What the files hold: customers, purchases, products, potentials, budgets, interactions, people, units or rates." required:""`
	Mapping string   `help:"YAML file that says which column is which field; proposed from the file when left out." type:"existingfile"`
	Source  string   `help:"Name of the system the files come from."`
	Lookup  []string `help:"Files that the mapping looks values up in." type:"existingfile"`
	Create  []string `help:"Fields such as customer and product: where a row names one that nobody knows, create it with nothing but its code instead of rejecting the row." placeholder:"FIELD"`
	DryRun  bool     `help:"Find out what the import would do, and keep nothing."`
	JSON    bool     `help:"Print the report as JSON."`
	Files   []string `arg:"" help:"The files." type:"existingfile"`

	Encoding   string `help:"Encoding of the files, such as utf-16le or windows-1252; recognised when left out." group:"How the files are written"`
	Delimiter  string `help:"What parts the columns: a single sign, tab or spaces." group:"How the files are written"`
	Quote      string `help:"Quotation mark around cells, or none." group:"How the files are written"`
	HeaderRows *int   `help:"How many rows stand above the data; 0 when the columns have no names." group:"How the files are written"`
	Decimal    string `help:"Decimal mark: a point or a comma." group:"How the files are written"`
	Dates      string `help:"How dates are written, such as dd.mm.yyyy." group:"How the files are written"`
	Sheet      string `help:"Worksheet of a workbook, or file in an archive." group:"How the files are written"`
}

// Help tells what the exit codes say.
func (importing) Help() string {
	return "Exit codes: 0 when every row was taken, 3 when the import went well but rejected rows, 1 when nothing was imported."
}

// Run imports the files and prints what became of their rows.
func (c importing) Run(ctx context.Context, f *flags) error {
	return app.Import(ctx, f.config(), app.Importing{Kind: c.Kind, Mapping: c.Mapping, Source: c.Source, Lookup: c.Lookup, Create: c.Create, DryRun: c.DryRun, JSON: c.JSON,
		Files: c.Files,
		Dialect: app.Dialect{Encoding: c.Encoding, Delimiter: strings.Replace(c.Delimiter, "tab", "\t", 1), Quote: c.Quote, HeaderRows: c.HeaderRows,
			Decimal: c.Decimal, DateFormat: c.Dates, Sheet: c.Sheet}})
}

type source struct {
	List sourceList `cmd:"" help:"List what is read from where, and how the last run went."`
	Run  sourceRun  `cmd:"" help:"Read a source now and import what is new."`
}

type sourceList struct {
	JSON bool `help:"Print the list as JSON."`
}

// Run lists the sources.
func (c sourceList) Run(ctx context.Context, f *flags) error {
	return app.ListSources(ctx, f.config(), c.JSON)
}

type sourceRun struct {
	Name string `arg:"" help:"The source's name."`
	Feed string `help:"Name of the one feed to read; all that are switched on when left out."`
	JSON bool   `help:"Print the reports as JSON."`
}

// Run reads the source.
func (c sourceRun) Run(ctx context.Context, f *flags) error {
	return app.RunSource(ctx, f.config(), c.Name, c.Feed, c.JSON)
}

type undoing struct {
	No int64 `arg:"" help:"The number of the import."`
}

// Run undoes the import.
func (c undoing) Run(ctx context.Context, f *flags) error { return app.Undo(ctx, f.config(), c.No) }

type scoring struct {
	AsOf string `name:"as-of" aliases:"to" help:"The date as of which to compute, such as 2026-10-31; today when left out."`
	From string `help:"Compute the ends of the months from this date on too, where they were not computed yet."`
}

// Run computes a version.
func (c scoring) Run(ctx context.Context, f *flags) error {
	return app.Score(ctx, f.config(), c.From, c.AsOf)
}

type check struct {
	JSON bool `help:"Print the report as JSON."`
}

// Run checks the data.
func (c check) Run(ctx context.Context, f *flags) error { return app.Check(ctx, f.config(), c.JSON) }

type matrix struct {
	AsOf   string `help:"The date whose matrix to print; the latest when left out."`
	Format string `help:"json or csv." enum:"json,csv" default:"csv"`
}

// Run prints the cells.
func (c matrix) Run(ctx context.Context, f *flags) error {
	return app.Matrix(ctx, f.config(), c.AsOf, c.Format)
}

type demo struct {
	Customers int    `help:"How many customers." default:"3000"`
	Seed      uint64 `help:"The same seed makes the same company." default:"1"`
	Files     string `help:"Only write the files into this folder." type:"path"`
	Remove    bool   `help:"Remove the demo company."`
}

// Run loads, writes or removes the demo company.
func (c demo) Run(ctx context.Context, f *flags) error {
	return app.Demo(ctx, f.config(), app.DemoWish{Customers: c.Customers, Seed: c.Seed, Files: c.Files, Remove: c.Remove})
}

type company struct {
	Name     string `arg:"" help:"The company's name."`
	Currency string `arg:"" help:"ISO code of the base currency; it can be changed until amounts are imported."`
}

// Run writes the settings.
func (c company) Run(ctx context.Context, f *flags) error {
	return app.SetCompany(ctx, f.config(), c.Name, c.Currency)
}

type user struct {
	List     userList     `cmd:"" help:"List the users."`
	Add      userAdd      `cmd:"" help:"Add a user; prints the password once."`
	Password userPassword `cmd:"" help:"Give a user a new password; prints it once."`
}

type userList struct{}

// Run lists the users.
func (userList) Run(ctx context.Context, f *flags) error { return app.Users(ctx, f.config()) }

type userAdd struct {
	Email  string `arg:""`
	Name   string `arg:""`
	Role   string `help:"administrator, director, manager or salesperson." enum:"administrator,director,manager,salesperson" default:"salesperson"`
	Scope  string `help:"own, unit or all; by the role when left out." enum:"own,unit,all," default:""`
	Person string `help:"Code of the person the user is."`
	Unit   string `help:"Code of the unit whose customers the user sees."`
}

// Run adds the user.
func (c userAdd) Run(ctx context.Context, f *flags) error {
	return app.AddUser(ctx, f.config(), app.NewUser{Email: c.Email, Name: c.Name, Role: c.Role, Scope: c.Scope, Person: c.Person, Unit: c.Unit})
}

type userPassword struct {
	Email string `arg:""`
}

// Run gives the user a new password.
func (c userPassword) Run(ctx context.Context, f *flags) error {
	return app.ResetPassword(ctx, f.config(), c.Email)
}

type token struct {
	Email    string `arg:"" help:"The user's e-mail address."`
	Name     string `help:"What the token is for." default:"command line"`
	ReadOnly bool   `help:"The token may only read."`
}

// Run makes the token.
func (c token) Run(ctx context.Context, f *flags) error {
	return app.AddToken(ctx, f.config(), c.Email, c.Name, c.ReadOnly)
}

type openAPI struct{}

// Run prints the description.
func (openAPI) Run(ctx context.Context, f *flags) error { return app.OpenAPI(ctx, f.config()) }

type measures struct{}

// Run prints the manual of the measures.
func (measures) Run(ctx context.Context, f *flags) error { return app.Measures(ctx, f.config()) }

type bench struct {
	Customers int      `help:"How many customers; ten lines each." default:"1000000"`
	Dir       string   `help:"Where to put the data; a temporary folder when left out." type:"path"`
	Only      []string `help:"Measure nothing but these parts (${parts}), on what an earlier run left in the folder."`
}

// Validate refuses parts that there are not, and parts without the folder that they are measured on.
func (c bench) Validate() error {
	for _, part := range c.Only {
		if !slices.Contains(measured.Parts(), part) {
			return fmt.Errorf("there is no part %q; use %s", part, strings.Join(measured.Parts(), ", "))
		}
	}
	if len(c.Only) > 0 && c.Dir == "" {
		return errors.New("name the folder of the earlier run: --dir")
	}
	return nil
}

// Run measures.
func (c bench) Run(ctx context.Context, f *flags) error {
	return measured.Run(ctx, measured.Config{Customers: c.Customers, Dir: c.Dir, Only: c.Only, Out: os.Stdout, Err: os.Stderr})
}

type versionCmd struct{}

// Run prints the version.
func (versionCmd) Run() error {
	fmt.Println(version)
	return nil
}
