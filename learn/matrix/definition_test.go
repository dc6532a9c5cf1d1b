package matrix_test

import (
	"context"
	"math"
	"testing"

	"github.com/kvadrant/kvadrant/internal/db"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/setting"
	"github.com/kvadrant/kvadrant/internal/testkit"
	"github.com/kvadrant/kvadrant/learn/matrix"
)

func TestDefinitions(t *testing.T) {
	t.Parallel()
	value, cumulative := matrix.ByValue, matrix.ByCumulativeShare
	cut := func(by string, at ...float64) matrix.Cut { return matrix.Cut{By: by, At: at} }
	def := matrix.Default()
	for _, test := range []struct {
		name             string
		months           int
		potential, share matrix.Cut
		wrong            []string
	}{
		{"the default", def.WindowMonths, def.Potential, def.Share, nil},
		{"values", 24, cut(value, 200, 100), cut(value, 0.1, 1), nil},
		{"cumulative shares", 1, cut(cumulative, 0.2, 1), cut(cumulative, 0.8, 0.5), nil},
		{"no months", 0, def.Potential, def.Share, []string{"window_months"}},
		{"too many months", 121, def.Potential, def.Share, []string{"window_months"}},
		{"gold below silver", 12, cut(value, 100, 200), def.Share, []string{"potential.at"}},
		{"gold like silver", 12, cut(value, 100, 100), def.Share, []string{"potential.at"}},
		{"silver from nothing", 12, cut(value, 100, 0), def.Share, []string{"potential.at"}},
		{"half cents", 12, cut(value, 100.5, 1), def.Share, []string{"potential.at"}},
		{"endless", 12, cut(value, math.Inf(1), 1), def.Share, []string{"potential.at", "potential.at"}},
		{"not a number", 12, cut(value, math.NaN(), 1), def.Share, []string{"potential.at", "potential.at"}},
		{"falling shares", 12, cut(cumulative, 0.8, 0.5), def.Share, []string{"potential.at"}},
		{"more than all", 12, cut(cumulative, 0.5, 1.1), def.Share, []string{"potential.at"}},
		{"per cent", 12, def.Potential, cut(value, 25, 60), []string{"share.at"}},
		{"rising cumulative share", 12, def.Potential, cut(cumulative, 0.5, 0.8), []string{"share.at"}},
		{"one point", 12, cut(value, 1), def.Share, []string{"potential.at"}},
		{"another way", 12, def.Potential, cut("magic", 0.2, 0.3), []string{"share.by"}},
	} {
		err := matrix.Definition{WindowMonths: test.months, Potential: test.potential, Share: test.share}.Validate()
		var got []string
		if f := fault.Of(err); f != nil {
			for _, field := range f.Fields {
				got = append(got, field.Path)
			}
		}
		if len(got) != len(test.wrong) || (err == nil) != (len(test.wrong) == 0) {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		for i := range got {
			if got[i] != test.wrong[i] {
				t.Errorf("%s: %v", test.name, err)
			}
		}
	}
}

func TestDefinitionIsKeptWithItsVersion(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		ctx, kept := context.Background(), matrix.NewDefinitions(setting.NewStore(d, now))
		def, version, err := kept.Get(ctx)
		if err != nil || version != 0 || def.Potential.By != matrix.ByCumulativeShare {
			t.Fatal(def, version, err)
		}
		def.WindowMonths = 24
		if version, err = kept.Put(ctx, version, def); err != nil || version != 1 {
			t.Fatal(version, err)
		}
		if _, err := kept.Put(ctx, 0, def); !fault.Is(err, fault.Precondition) {
			t.Errorf("an old version is overwritten: %v", err)
		}
		if _, err := kept.Put(ctx, 1, matrix.Definition{}); !fault.Is(err, fault.Invalid) {
			t.Error(err)
		}
		if months, err := kept.WindowMonths(ctx); err != nil || months != 24 {
			t.Error(months, err)
		}
	})
}
