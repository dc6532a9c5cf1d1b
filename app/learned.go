package app

import (
	"github.com/kvadrant/kvadrant/learn/clv"
	"github.com/kvadrant/kvadrant/learn/loyalty"
	"github.com/kvadrant/kvadrant/learn/matrix"
	"github.com/kvadrant/kvadrant/learn/profit"
	"github.com/kvadrant/kvadrant/learn/pyramid"
	"github.com/kvadrant/kvadrant/learn/rfm"
	"github.com/kvadrant/kvadrant/learn/rule"
	"github.com/kvadrant/kvadrant/learn/scoring"
	"github.com/kvadrant/kvadrant/learn/survival"
	"github.com/kvadrant/kvadrant/learn/visit"
	"github.com/kvadrant/kvadrant/learn/wallet"
)

// learned is what the company has settled about its measures, and the steps that compute them, in their order: a step may
// use those before it.
type learned struct {
	matrix   *matrix.Definitions
	rfm      *rfm.Definitions
	clv      *clv.Definitions
	survival *survival.Definitions
	profit   *profit.Definitions
	wallet   *wallet.Definitions
	loyalty  *loyalty.Definitions
	pyramid  *pyramid.Definitions
	visit    *visit.Definitions
	rules    *rule.Store
	tierable []scoring.Step // what tiers can be made of
	own      []scoring.Step // what the company's own rules can use
	steps    []scoring.Step
}

func (a *App) learn() learned {
	l := learned{matrix: matrix.NewDefinitions(a.settings), rfm: rfm.NewDefinitions(a.settings), clv: clv.NewDefinitions(a.settings),
		survival: survival.NewDefinitions(a.settings), profit: profit.NewDefinitions(a.settings), wallet: wallet.NewDefinitions(a.settings),
		loyalty: loyalty.NewDefinitions(a.settings), pyramid: pyramid.NewDefinitions(a.settings), visit: visit.NewDefinitions(a.settings),
		rules: rule.NewStore(a.settings)}
	profits := profit.Step(l.profit, clv.AcquisitionCost(l.clv))
	known := []scoring.Step{wallet.Step(l.wallet), profits, matrix.Step(l.matrix), visit.Step(l.visit), rfm.Step(l.rfm), clv.Step(l.clv, profits)}
	l.tierable = append(known, loyalty.Step(l.loyalty, known))
	l.own = append(l.tierable, pyramid.Step(l.pyramid, l.tierable))
	l.steps = append(l.own, rule.Step(l.rules, l.own))
	return l
}
