// Package web carries the built browser client inside the program, so that
// one binary is the whole product.
package web

import (
	"embed"
	"io/fs"
)

// dist holds the client as `npm run build` leaves it. The folder always
// contains .gitkeep, so the program also builds where the client was not
// built yet; Assets then answers an empty tree.
//
//go:embed all:dist
var dist embed.FS

// Assets is the built client: index.html at the root, everything else under
// assets/ with a content hash in its name (safe to cache for ever). Opening
// index.html fails with fs.ErrNotExist when the client has not been built.
func Assets() fs.FS {
	app, err := fs.Sub(dist, "dist/app")
	if err != nil { // only an invalid path can fail, and this one is fixed
		return dist
	}
	return app
}
