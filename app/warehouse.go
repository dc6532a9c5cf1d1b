package app

import (
	"context"
	"errors"
	"time"

	"github.com/kvadrant/kvadrant/internal/engine"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/projection"
	"github.com/kvadrant/kvadrant/know/customer"
	"github.com/kvadrant/kvadrant/know/intake"
	"github.com/kvadrant/kvadrant/know/interaction"
	"github.com/kvadrant/kvadrant/know/org"
	"github.com/kvadrant/kvadrant/know/product"
	"github.com/kvadrant/kvadrant/know/purchase"
	"github.com/kvadrant/kvadrant/know/survey"
	"github.com/kvadrant/kvadrant/learn/migration"
	"github.com/kvadrant/kvadrant/learn/scoring"
	"github.com/kvadrant/kvadrant/learn/segment"
)

const (
	// followEvery is how long an edit may take to show in lists of the warehouse.
	followEvery = time.Second
	// archiveEvery is how often the files of accepted imports are compressed.
	archiveEvery = 10 * time.Minute
	// sourcesEvery is how late a scheduled reading may begin, and how long its end takes to show after its import's.
	sourcesEvery = time.Second
	// CheckEvery is how often it is asked whether imports call for a data check.
	CheckEvery = 5 * time.Second
)

// openWarehouse opens the warehouse, or an empty one in its place when the file is damaged; tendWarehouse fills it.
func (a *App) openWarehouse(ctx context.Context, steps []scoring.Step) error {
	schema, err := scoring.Schema(steps)
	if err != nil {
		return err
	}
	schema = append(schema, projection.Schema, org.WarehouseSchema, product.Schema, customer.WarehouseSchema, purchase.Schema, interaction.Schema, survey.Schema, intake.WarehouseSchema, segment.WarehouseSchema, migration.WarehouseSchema)
	a.warehouse, err = engine.OpenOrSetAside(ctx, engine.Config{
		Path: a.folder.file("warehouse.duckdb"), Schema: schema, ImportDir: a.folder.file("files"), Log: a.cfg.Log, Now: a.cfg.Now,
		MemoryMB: a.cfg.memoryMB, TempMB: a.cfg.tempMB,
	})
	if err != nil {
		return err
	}
	if found := a.warehouse.Opening(); found.Why != "" {
		a.cfg.Log.Warn("the warehouse must be built anew; all else works meanwhile", "why", found.Why, "set_aside", found.SetAside)
	}
	return nil
}

// tendWarehouse fills an empty or damaged warehouse and brings edits over as they happen, until ctx ends.
func (a *App) tendWarehouse(ctx context.Context) {
	if a.warehouse.Opening().Empty {
		a.logRebuild(a.rebuild(ctx))
	} else if err := a.intake.Verify(ctx); err != nil && ctx.Err() == nil {
		a.cfg.Log.Error("the warehouse does not hold what was imported; building it anew", "error", err)
		a.logRebuild(a.rebuild(ctx))
	}
	if err := a.intake.Recover(ctx, a.jobAlive); err != nil && ctx.Err() == nil {
		a.cfg.Log.Error("unfinished imports could not be settled", "error", err)
	}
	a.upkeep <- struct{}{} // the warehouse is as it should be; others may have it
	tick := time.NewTicker(followEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case err := <-a.warehouse.Broken():
			a.cfg.Log.Error("the warehouse is damaged; building it anew", "error", err)
			a.logRebuild(a.withUpkeep(ctx, a.rebuild))
		case <-a.rebuildWanted:
			a.logRebuild(a.withUpkeep(ctx, a.rebuild))
		case <-tick.C:
			if err := a.warehouse.Regain(ctx); err != nil && ctx.Err() == nil {
				a.cfg.Log.Error("the warehouse could not be opened for writing again", "error", err)
			}
			if err := a.projection.CatchUp(ctx); err != nil && !fault.Is(err, fault.Unavailable) && !fault.Is(err, fault.Full) && ctx.Err() == nil {
				a.cfg.Log.Error("edits could not be brought into the warehouse", "error", err)
			}
		}
	}
}

// startJobs takes up the jobs. On a full disk the server starts all the same, since there is much to read, and takes them up
// when there is room.
func (a *App) startJobs(ctx, background context.Context) error {
	err := a.jobs.Start(ctx)
	if !fault.Is(err, fault.Full) {
		return err
	}
	a.cfg.Log.Warn("the disk is full: what is known can be read, and nothing can be changed until there is room", "error", err)
	a.background.Go(func() {
		tick := time.NewTicker(followEvery)
		defer tick.Stop()
		for fault.Is(err, fault.Full) {
			select {
			case <-background.Done():
				return
			case <-tick.C:
				err = a.jobs.Start(background)
			}
		}
		if err != nil {
			a.cfg.Log.Error("the jobs could not be taken up; start the server again", "error", err)
		}
	})
	return nil
}

// tendFiles compresses the files of imports and removes uploads that were given up from time to time, until ctx ends.
func (a *App) tendFiles(ctx context.Context) {
	tick := time.NewTicker(archiveEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if _, err := a.intake.Archive(ctx); err != nil && ctx.Err() == nil {
				a.cfg.Log.Error("the files of imports could not be compressed", "error", err)
			}
			if err := a.uploads.Expire(ctx); err != nil && ctx.Err() == nil {
				a.cfg.Log.Error("old uploads could not be removed", "error", err)
			}
		}
	}
}

// withUpkeep waits until nobody else rebuilds or empties the warehouse, and keeps it so until do is done.
func (a *App) withUpkeep(ctx context.Context, do func(context.Context) error) error {
	select {
	case <-a.upkeep:
		defer func() { a.upkeep <- struct{}{} }()
		return do(ctx)
	case <-ctx.Done():
		return ctx.Err()
	}
}

// tendSources settles what was read from the databases of other systems, and in a server reads them when their turn has
// come, until ctx ends.
func (a *App) tendSources(ctx context.Context) {
	tend := a.sources.Settle
	if a.cfg.scheduled {
		tend = a.sources.Tend
	}
	tick := time.NewTicker(sourcesEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if err := tend(ctx); err != nil && !fault.Is(err, fault.Unavailable) && ctx.Err() == nil {
				a.cfg.Log.Error("the sources could not be tended", "error", err)
			}
		}
	}
}

// tendQuality checks the data anew after imports, until ctx ends. Several imports in a row bring about one check.
func (a *App) tendQuality(ctx context.Context) {
	tick := time.NewTicker(CheckEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if a.warehouse.State().Phase != engine.Ready {
				continue
			}
			if err := a.checker.FollowImports(ctx, a.jobs); err != nil && ctx.Err() == nil {
				a.cfg.Log.Error("the data could not be checked after an import", "error", err)
			}
		}
	}
}

// rebuild fills an empty warehouse from the operational store and the kept files, and scores again what was scored last.
func (a *App) rebuild(ctx context.Context) error {
	started := a.cfg.Now()
	err := a.warehouse.Rebuild(ctx, func(ctx context.Context, progress func(done, total int64)) error {
		dates, _, err := a.scored(ctx)
		if err != nil {
			return err
		}
		if err := a.projection.CatchUp(ctx); err != nil {
			return err
		}
		if err := a.intake.Replay(ctx, progress); err != nil {
			return err
		}
		for _, asOf := range dates {
			if _, err := a.scorer.Score(ctx, asOf, func(int64, int64, string) {}); err != nil {
				return err
			}
		}
		return a.segments.Rebuild(ctx, nil)
	})
	if err == nil {
		a.cfg.Log.Info("the warehouse is built", "took", a.cfg.Now().Sub(started).Round(time.Millisecond))
	}
	return err
}

// jobAlive tells whether a job is still to run or running.
func (a *App) jobAlive(ctx context.Context, jobID id.ID) (bool, error) {
	j, err := a.jobs.Get(ctx, jobID)
	if fault.Is(err, fault.NotFound) {
		return false, nil
	}
	return err == nil && !j.State.Ended(), err
}

func (a *App) logRebuild(err error) {
	if err != nil && !errors.Is(err, context.Canceled) {
		a.cfg.Log.Error("the warehouse could not be rebuilt; everything that does not need it works", "error", err)
	}
}
