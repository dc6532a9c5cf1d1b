package app

import (
	"github.com/kvadrant/kvadrant/learn/grid"
	"github.com/kvadrant/kvadrant/learn/matrix"
	"github.com/kvadrant/kvadrant/learn/statistics"
)

// matrixRoutes connects the matrices: their definitions, the lists behind them, and the views on them.
func (a *App) matrixRoutes(definitions *matrix.Definitions) {
	grids, placer := grid.NewStore(a.db, a.cfg.Now, a.measures, a.scorer), grid.NewPlacer(a.warehouse, a.measures, a.settings)
	questions := matrix.NewQuestions(a.warehouse, a.scorer, a.customers, a.org, a.settings, a.measures, grids, placer).Among(a.segments)
	grid.Routes(a.api, grids)
	matrix.Routes(a.api, questions, definitions)
	statistics.Routes(a.api, statistics.NewQuestions(statistics.Config{Warehouse: a.warehouse, Versions: a.scorer, Lists: questions, Matrices: grids,
		Placer: placer, Measures: a.measures, Currency: a.settings, Organisation: a.org}))
}
