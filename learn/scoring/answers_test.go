package scoring_test

import (
	"context"
	"errors"
	"testing"

	"github.com/kvadrant/kvadrant/internal/engine"
	"github.com/kvadrant/kvadrant/internal/testkit"
	"github.com/kvadrant/kvadrant/learn/scoring"
)

func TestAnswers(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	w := testkit.Warehouse(t, "CREATE TABLE thing (n BIGINT)")
	answers := scoring.NewAnswers[int](w, 3)
	asked := 0
	ask := func() (int, error) { asked++; return asked, nil }
	expect := func(what string, want int, get func() (int, error)) {
		t.Helper()
		if got, err := get(); err != nil || got != want {
			t.Errorf("%s: %d, %v, want %d", what, got, err, want)
		}
	}
	first, second := scoring.Version{Version: 1}, scoring.Version{Version: 2}
	expect("asked", 1, func() (int, error) { return answers.OfVersion(first, ask, "a") })
	expect("remembered", 1, func() (int, error) { return answers.OfVersion(first, ask, "a") })
	expect("of another version", 2, func() (int, error) { return answers.OfVersion(second, ask, "a") })
	expect("of the moment", 3, func() (int, error) { return answers.Of(ctx, first, false, ask, "a") })
	expect("of the same moment", 3, func() (int, error) { return answers.Of(ctx, first, false, ask, "a") })
	err := w.Write(ctx, func(tx *engine.Tx) error {
		_, err := tx.Exec(ctx, "INSERT INTO thing VALUES (1)", nil)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	expect("settled, after a write", 1, func() (int, error) { return answers.Of(ctx, first, true, ask, "a") })
	expect("of a later moment", 4, func() (int, error) { return answers.Of(ctx, first, false, ask, "a") })
	expect("the oldest, forgotten", 5, func() (int, error) { return answers.OfVersion(first, ask, "a") })
	failed := errors.New("not now")
	if _, err := answers.OfVersion(first, func() (int, error) { return 0, failed }, "b"); !errors.Is(err, failed) {
		t.Errorf("failed with %v", err)
	}
	expect("after an error", 6, func() (int, error) { return answers.OfVersion(first, ask, "b") })
}
