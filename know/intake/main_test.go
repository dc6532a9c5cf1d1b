package intake

import (
	"os"
	"testing"

	"github.com/kvadrant/kvadrant/internal/parquet"
)

func TestMain(m *testing.M) {
	parquet.ReadIfAsked()
	os.Exit(m.Run())
}
