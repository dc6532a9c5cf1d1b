# make help lists what can be done. Everything below works on a machine with Go, Node, a C compiler, make and git.
SHELL := /bin/bash
TAGS  := sqlite_fts5
GO    := go
export CGO_ENABLED := 1

BIN  := bin/kvadrant
DATA ?= data
ADDR ?= 127.0.0.1:8080

VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)

.DEFAULT_GOAL := help
.PHONY: help build run test test-go test-web test-e2e check generate generated bench clean client binary

help: ## this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: client binary ## the browser client and the program, into bin/kvadrant

client: web/dist/app/index.html

web/node_modules/.installed: web/package-lock.json web/package.json
	cd web && npm ci --no-fund --no-audit
	touch $@

web/dist/app/index.html: web/node_modules/.installed web/index.html web/vite.config.ts $(shell find web/src web/public -type f 2>/dev/null)
	cd web && npm run build

binary: client
	$(GO) build -tags $(TAGS) -ldflags "-s -w -X main.version=$(VERSION)" -o $(BIN) ./cmd/kvadrant

run: build ## build, load the demo company where there is no data yet, and serve it
	$(BIN) serve --data $(DATA) --addr $(ADDR) --demo

test: check test-go test-web test-e2e ## everything: checks, Go tests on all stores, the web's checks, the browser journeys

test-go: ## the Go tests on SQLite, PostgreSQL, DuckDB and MariaDB
	.ci/in-memory .ci/with-postgres .ci/with-mariadb $(GO) test -tags $(TAGS) -parallel 4 -timeout 40m ./...

test-web: web/node_modules/.installed ## the web's types, lint and unit tests
	cd web && npm run check

test-e2e: build ## the browser journeys on the built program
	cd web && KVADRANT_CHROMIUM="$$(../.ci/chromium)" KVADRANT_BINARY="$(CURDIR)/$(BIN)" ../.ci/in-memory npm run e2e

check: generated ## formatting, vet, and that what is generated is up to date
	@test -z "$$(gofmt -l app cmd internal know learn web/*.go *.go)" || { gofmt -l app cmd internal know learn web/*.go *.go; echo "run gofmt -w on these"; exit 1; }
	$(GO) vet -tags $(TAGS) ./...

generate: web/node_modules/.installed ## write the OpenAPI text, the client's types and the manual of the measures anew
	$(GO) run -tags $(TAGS) ./cmd/kvadrant openapi > docs/openapi.json
	$(GO) run -tags $(TAGS) ./cmd/kvadrant measures > docs/measures.md
	cd web && npm run generate

generated: web/node_modules/.installed
	@$(GO) run -tags $(TAGS) ./cmd/kvadrant openapi | diff -q - docs/openapi.json >/dev/null || { echo "docs/openapi.json is stale: run make generate and commit it"; exit 1; }
	@$(GO) run -tags $(TAGS) ./cmd/kvadrant measures | diff -q - docs/measures.md >/dev/null || { echo "docs/measures.md is stale: run make generate and commit it"; exit 1; }
	@cd web && npm run --silent generate:check

bench: binary ## measure the budgets on a million customers and ten million lines
	$(BIN) bench

clean: ## remove what was built; data stays
	rm -rf bin web/dist/app web/node_modules
