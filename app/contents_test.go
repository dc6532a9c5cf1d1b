package app

import (
	"net/http"
	"testing"

	"github.com/kvadrant/kvadrant/internal/web"
)

// TestContents holds that each thing is counted with its period, and that salespeople do not learn how many customers
// the others have.
func TestContents(t *testing.T) {
	t.Parallel()
	h := found(t, Config{})
	count := func() map[string]holding {
		var page web.Page[holding]
		h.admin.must(http.MethodGet, "/warehouse/contents", nil, http.StatusOK, &page)
		held := map[string]holding{}
		for _, x := range page.Items {
			held[x.Kind] = x
		}
		return held
	}
	if held := count(); len(held) != 9 || held["customers"].Count != 0 || held["purchases"].From != "" {
		t.Errorf("an empty installation holds %+v", held)
	}
	h.admin.bring("customers", "code,name\nC1,One\nC2,Two\n")
	h.admin.bring("purchases", "date,customer,revenue\n2026-03-05,C1,10\n2026-01-02,C2,20\n2026-10-01,C1,5\n")
	h.eventually("the customers stand in the warehouse", func() bool { return count()["customers"].Count == 2 })
	if got, want := count()["purchases"], (holding{Kind: "purchases", Count: 3, From: "2026-01-02", To: "2026-10-01"}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	h.user("s@example.com", "salesperson", nil).must(http.MethodGet, "/warehouse/contents", nil, http.StatusForbidden, nil)
}
