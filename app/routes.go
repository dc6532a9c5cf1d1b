package app

import (
	"github.com/kvadrant/kvadrant/act/goal"
	"github.com/kvadrant/kvadrant/internal/sheet"
	"github.com/kvadrant/kvadrant/internal/web"
	"github.com/kvadrant/kvadrant/know/interaction"
	"github.com/kvadrant/kvadrant/know/product"
	"github.com/kvadrant/kvadrant/know/purchase"
	"github.com/kvadrant/kvadrant/know/survey"
	"github.com/kvadrant/kvadrant/learn/allocation"
	"github.com/kvadrant/kvadrant/learn/clv"
	"github.com/kvadrant/kvadrant/learn/grid"
	"github.com/kvadrant/kvadrant/learn/loyalty"
	"github.com/kvadrant/kvadrant/learn/matrix"
	"github.com/kvadrant/kvadrant/learn/measure"
	"github.com/kvadrant/kvadrant/learn/migration"
	"github.com/kvadrant/kvadrant/learn/profit"
	"github.com/kvadrant/kvadrant/learn/pyramid"
	"github.com/kvadrant/kvadrant/learn/rfm"
	"github.com/kvadrant/kvadrant/learn/rule"
	"github.com/kvadrant/kvadrant/learn/statistics"
	"github.com/kvadrant/kvadrant/learn/survival"
	"github.com/kvadrant/kvadrant/learn/variance"
	"github.com/kvadrant/kvadrant/learn/visit"
	"github.com/kvadrant/kvadrant/learn/wallet"
	"github.com/kvadrant/kvadrant/learn/whatif"
	client "github.com/kvadrant/kvadrant/web"
)

// connect makes the interface: the routes of every word.
func (a *App) connect(l learned, products *product.Store) {
	a.api = web.New(a.gate, a.cfg.Log, a.cfg.Version)
	a.gate.Routes(a.api, a.settings)
	a.settings.Routes(a.api, a.intake.Counted)
	a.org.Routes(a.api)
	a.customers.Routes(a.api)
	products.Routes(a.api)
	purchase.Routes(a.api, purchase.NewLedger(a.warehouse, products, a.org), a.customers, a.settings.Base, a.cfg.Now)
	interaction.Routes(a.api, interaction.NewDiary(a.warehouse), a.customers)
	survey.Routes(a.api, survey.Config{Store: a.surveys, Reports: survey.NewReports(a.warehouse, a.projection.CatchUp), Customers: a.customers, Doors: a.gate, Company: a.settings.Company})
	a.intake.Routes(a.api)
	a.uploads.Routes(a.api)
	a.sources.Routes(a.api)
	a.intake.Rejects.Routes(a.api, a.cfg.Log)
	a.scorer.Routes(a.api, a.jobs, a.schedules)
	measure.NewAnswers(a.measures, a.warehouse, a.scorer, a.customers, a.settings).Routes(a.api)
	a.segments.Routes(a.api, a.jobs)
	a.connectMatrices(l)
	rfm.Routes(a.api, rfm.NewQuestions(a.warehouse, a.scorer, a.settings), l.rfm)
	clv.Routes(a.api, clv.NewQuestions(a.warehouse, a.scorer, a.settings), l.clv)
	survival.Routes(a.api, survival.NewQuestions(a.warehouse, a.scorer, a.settings, l.survival, clv.Interest(l.clv)), l.survival)
	loyalty.Routes(a.api, loyalty.NewQuestions(a.warehouse, a.scorer, a.customers, a.org, a.settings), l.loyalty)
	profit.Routes(a.api, profit.NewQuestions(a.warehouse, a.scorer, a.customers, a.org, a.settings), l.profit)
	wallet.Routes(a.api, wallet.NewQuestions(a.warehouse, a.scorer, a.customers, a.settings), l.wallet)
	pyramid.Routes(a.api, pyramid.NewQuestions(a.warehouse, a.scorer, a.customers, a.org, a.settings, a.measures, l.pyramid), l.pyramid, l.tierable)
	allocation.Routes(a.api, allocation.NewQuestions(a.warehouse, a.scorer, a.settings, a.measures, l.clv), allocation.NewPlans(a.db, a.settings, a.cfg.Now))
	budget := variance.NewQuestions(variance.Config{Warehouse: a.warehouse, Organisation: a.org, Customers: a.customers, Currency: a.settings, Now: a.cfg.Now})
	variance.Routes(a.api, budget, variance.NewCauses(a.db, budget, a.cfg.Now))
	rule.Routes(a.api, l.rules, rule.NewTester(a.warehouse, a.scorer, a.customers, a.settings, l.own))
	a.checker.Routes(a.api, a.jobs)
	a.jobs.Routes(a.api)
	sheet.Routes(a.api)
	a.ownRoutes()
	a.handler = a.api.Handler(a.db, client.Assets())
}

// connectMatrices connects the matrices: their definitions, the lists behind them, the views on them, and the goals on them.
func (a *App) connectMatrices(l learned) {
	grids, placer := grid.NewStore(a.db, a.cfg.Now, a.measures, a.scorer), grid.NewPlacer(a.warehouse, a.measures, a.settings)
	questions := matrix.NewQuestions(a.warehouse, a.scorer, a.customers, a.org, a.settings, a.measures, grids, placer).Among(a.segments)
	grid.Routes(a.api, grids)
	matrix.Routes(a.api, questions, l.matrix)
	goal.Routes(a.api, goal.NewBook(a.db, a.cfg.Now, goal.Config{Warehouse: a.warehouse, Versions: a.scorer, Lists: questions, Measures: a.measures,
		Currency: a.settings, Organisation: a.org, Customers: a.customers}), goal.NewAssessments(a.settings))
	pictures := statistics.NewQuestions(statistics.Config{Warehouse: a.warehouse, Versions: a.scorer, Lists: questions, Matrices: grids,
		Placer: placer, Measures: a.measures, Currency: a.settings, Organisation: a.org})
	statistics.Routes(a.api, pictures)
	statistics.NewReports(statistics.ReportConfig{Questions: pictures, Names: a.org, Segment: a.segments.Name, Company: a.settings.Company, Now: a.cfg.Now}).Routes(a.api)
	migration.Routes(a.api, migration.NewQuestions(migration.Config{Warehouse: a.warehouse, Versions: a.scorer, Lists: questions, Matrices: grids, Placer: placer,
		Measures: a.measures, Currency: a.settings, Customers: a.customers, Ahead: clv.Ahead, CatchUp: a.projection.CatchUp}), a.forecasts)
	visit.Routes(a.api, visit.NewQuestions(visit.Config{Warehouse: a.warehouse, Versions: a.scorer, Lists: questions, Matrices: grids, Placer: placer,
		Customers: a.customers, Currency: a.settings}), l.visit)
	whatif.Routes(a.api, whatif.NewQuestions(whatif.Config{Warehouse: a.warehouse, Versions: a.scorer, Lists: questions, Currency: a.settings}))
}
