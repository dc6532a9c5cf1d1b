// Package app builds the program once from everything below it. The commands and the end-to-end tests both start it here.
package app

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/audit"
	"github.com/kvadrant/kvadrant/internal/db"
	"github.com/kvadrant/kvadrant/internal/engine"
	"github.com/kvadrant/kvadrant/internal/job"
	"github.com/kvadrant/kvadrant/internal/parquet"
	"github.com/kvadrant/kvadrant/internal/projection"
	"github.com/kvadrant/kvadrant/internal/seal"
	"github.com/kvadrant/kvadrant/internal/setting"
	"github.com/kvadrant/kvadrant/internal/web"
	"github.com/kvadrant/kvadrant/know/customer"
	"github.com/kvadrant/kvadrant/know/intake"
	"github.com/kvadrant/kvadrant/know/interaction"
	"github.com/kvadrant/kvadrant/know/org"
	"github.com/kvadrant/kvadrant/know/product"
	"github.com/kvadrant/kvadrant/know/purchase"
	"github.com/kvadrant/kvadrant/know/source"
	"github.com/kvadrant/kvadrant/know/survey"
	"github.com/kvadrant/kvadrant/know/upload"
	"github.com/kvadrant/kvadrant/learn/measure"
	"github.com/kvadrant/kvadrant/learn/migration"
	"github.com/kvadrant/kvadrant/learn/quality"
	"github.com/kvadrant/kvadrant/learn/scoring"
	"github.com/kvadrant/kvadrant/learn/segment"
)

// Config says where the program's data is and how it shows itself.
type Config struct {
	Data         string // folder of all data
	DatabaseURL  string // PostgreSQL; a file in the folder when empty
	WarehouseURL string // a distributed warehouse; none is supported yet
	Version      string // of the program
	TLS          bool   // browsers come by https
	Now          func() time.Time
	Log          *slog.Logger
	Out, Err     io.Writer // for people who use the commands

	scheduled bool              // a server keeps the schedules; a program that is started for one command does not
	reached   func(step string) // told of the steps of imports, in tests that end the program there
	memoryMB  int               // of the warehouse, in tests of too little; 0 is its own choice
	tempMB    int               // that it may spill to disk, likewise
}

func (c Config) withDefaults() Config {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Out == nil {
		c.Out = io.Discard
	}
	if c.Err == nil {
		c.Err = io.Discard
	}
	if c.Log == nil {
		c.Log = slog.New(slog.NewTextHandler(c.Err, &slog.HandlerOptions{Level: slog.LevelInfo}))
	}
	return c
}

// App is the program: every part of it, built and connected.
type App struct {
	cfg        Config
	folder     *folder
	db         *db.DB
	warehouse  *engine.Warehouse
	projection *projection.Projection
	jobs       *job.Runner
	gate       *access.Gate
	settings   *setting.Store
	org        *org.Store
	customers  *customer.Store
	rates      *purchase.Rates
	surveys    *survey.Store
	intake     *intake.Intake
	uploads    *upload.Uploads
	sources    *source.Sources
	scorer     *scoring.Scorer
	schedules  *scoring.Schedules
	tried      time.Time // end of the newest import that was scored by the schedule; only tendScoring knows it
	measures   *measure.Registry
	checker    *quality.Checker
	segments   *segment.Book
	forecasts  *migration.Statements
	api        *web.API
	handler    http.Handler

	rebuildWanted chan struct{} // holds one wish at most; tendWarehouse fulfils it
	upkeep        chan struct{} // holds a token that who replaces or empties the warehouse takes; see withUpkeep
	background    sync.WaitGroup
	stop          context.CancelFunc
}

// Prepare must be the first call of a main function and of tests that open the program: the program checks its warehouse,
// and files that it does not trust, in child processes of its own.
func Prepare() {
	engine.RunCheckIfAsked()
	parquet.ReadIfAsked()
	web.UseProblems()
}

// Open builds the program on the data folder and starts its background work. Close ends it.
func Open(ctx context.Context, cfg Config) (*App, error) {
	cfg = cfg.withDefaults()
	if cfg.WarehouseURL != "" {
		return nil, errors.New("a distributed warehouse is not supported by this version; leave KVADRANT_WAREHOUSE_URL empty")
	}
	dir, err := holdFolder(cfg.Data)
	if err != nil {
		return nil, err
	}
	a := &App{cfg: cfg, folder: dir, rebuildWanted: make(chan struct{}, 1), upkeep: make(chan struct{}, 1)}
	if err := a.open(ctx); err != nil {
		return nil, errors.Join(err, a.Close())
	}
	return a, nil
}

func (a *App) open(ctx context.Context) error {
	var err error
	if a.db, err = db.Open(ctx, db.Config{URL: a.cfg.DatabaseURL, Path: a.folder.file("kvadrant.db")}); err != nil {
		return err
	}
	if err := a.db.Migrate(ctx); err != nil {
		return err
	}
	if err := a.build(ctx); err != nil {
		return err
	}
	var background context.Context
	background, a.stop = context.WithCancel(context.WithoutCancel(ctx))
	if err := a.startJobs(ctx, background); err != nil {
		return err
	}
	a.background.Go(func() { a.tendWarehouse(background) })
	a.background.Go(func() { a.tendFiles(background) })
	a.background.Go(func() { a.tendSources(background) })
	return nil
}

// build makes every word and connects it to what it needs. It follows the house from the bottom up.
func (a *App) build(ctx context.Context) error {
	now := a.cfg.Now
	a.settings = setting.NewStore(a.db, now)
	a.org = org.NewStore(a.db, now)
	a.gate = access.New(access.Config{DB: a.db, Org: a.org, Log: a.cfg.Log, Now: now, TLS: a.cfg.TLS})
	a.jobs = job.New(a.db, a.cfg.Log, job.WithClock(now), job.As(a.asOwner))
	a.customers = customer.NewStore(a.db, now)
	a.rates = purchase.NewRates(a.db, now)
	products := product.NewStore(a.db, now)
	learned := a.learn()
	a.measures = measure.NewRegistry(learned.steps)

	if err := a.openWarehouse(ctx, learned.steps); err != nil {
		return err
	}
	var sources []projection.Source
	sources = append(sources, a.org.Projections()...)
	sources = append(sources, products.Projections()...)
	sources = append(sources, a.customers.Projections(a.converter)...)
	a.surveys = survey.NewStore(a.db, a.customers, now)
	sources = append(sources, a.surveys.Projections()...)
	a.segments = a.newSegments()
	sources = append(sources, a.segments.Projections()...)
	a.forecasts = migration.NewStatements(a.db, a.customers, now)
	sources = append(sources, a.forecasts.Projections()...)
	a.projection = projection.New(a.db, a.warehouse, sources...)

	kinds := append(a.org.Intake(), a.customers.Intake(), a.customers.PotentialIntake(a.settings.Base), products.Imports(a.settings.Base), interaction.Imports(), survey.Imports())
	kinds = append(kinds, purchase.NewLoader(a.rates, a.settings.Base).Imports()...)
	var err error
	a.intake, err = intake.New(intake.Config{DB: a.db, Warehouse: a.warehouse, Jobs: a.jobs, Dir: a.folder.file("files"), Kinds: kinds,
		CatchUp: a.projection.CatchUp, Log: a.cfg.Log, Now: now, Reached: a.cfg.reached})
	if err != nil {
		return err
	}
	a.uploads, err = upload.New(upload.NewStore(a.db), upload.Config{Intake: a.intake, Dir: a.folder.file("files/partial"), Log: a.cfg.Log, Now: now})
	if err != nil {
		return err
	}
	key, err := seal.Open(a.folder.file("secrets.key"))
	if err != nil {
		return err
	}
	a.sources = source.New(source.Config{DB: a.db, Key: key, Jobs: a.jobs, Intake: a.intake, Log: a.cfg.Log, Now: now})
	a.scorer, err = scoring.New(scoring.Config{Warehouse: a.warehouse, Projection: a.projection, Window: learned.matrix, Currency: a.settings, Steps: learned.steps, Clock: now})
	if err != nil {
		return err
	}
	a.schedules = scoring.NewSchedules(a.settings)
	a.scorer.Jobs(a.jobs, a.afterScoring)
	a.segments.Jobs(a.jobs)
	a.checker = quality.New(quality.Config{DB: a.db, Warehouse: a.warehouse, Projection: a.projection, Currency: a.settings, Imports: a.intake,
		Customers: a.customers, Clock: now})
	a.checker.Jobs(a.jobs)
	a.demoJobs()

	a.connect(learned, products)
	return nil
}

// asOwner gives a job the rights that its owner has when it runs: a user who was disabled since no longer imports.
func (a *App) asOwner(ctx context.Context, j job.Job) (context.Context, error) {
	p := access.Operator()
	if j.OwnerID != "" {
		var err error
		if p, err = a.gate.PrincipalOf(ctx, j.OwnerID, access.ViaSession); err != nil {
			return nil, err
		}
	}
	return audit.WithActor(access.With(ctx, p), audit.Actor{ID: p.UserID, Name: p.Name}), nil
}

// converter returns how potentials are turned into the base currency.
func (a *App) converter(ctx context.Context) (customer.Convert, error) {
	base, err := a.settings.Base(ctx)
	if err != nil {
		return nil, err
	}
	book, err := a.rates.Book(ctx, base)
	if err != nil {
		return nil, err
	}
	return book.Convert, nil
}

// Handler answers browsers and programs.
func (a *App) Handler() http.Handler { return a.handler }

// operatorHandler answers the commands, as the operator.
func (a *App) operatorHandler() http.Handler { return access.AsOperator(a.handler) }

// Close ends the background work and closes the stores.
func (a *App) Close() error {
	var errs []error
	if a.stop != nil {
		a.stop()
	}
	if a.jobs != nil {
		ctx, cancel := context.WithTimeout(context.Background(), 15*time.Second)
		defer cancel()
		errs = append(errs, a.jobs.Stop(ctx))
	}
	a.background.Wait()
	if a.gate != nil {
		a.gate.Wait()
	}
	if a.warehouse != nil {
		errs = append(errs, a.warehouse.Close())
	}
	if a.db != nil {
		errs = append(errs, a.db.Close())
	}
	return errors.Join(append(errs, a.folder.release())...)
}
