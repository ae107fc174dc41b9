# `make help` lists the targets.
MODULE    ?=
FUZZTIME  ?= 5s
EXPLORER_SEED  := $(or $(EXPLORER_SEED),$(shell od -An -N6 -tu8 /dev/urandom | tr -d ' '))
EXPLORER_STEPS ?= 20000
SEEDS     ?= 20000
ROUNDS    ?= 50
MAIL_SEED ?= 1
VERSION   ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LDFLAGS   := -s -w -X main.version=$(VERSION)
TOOL      := CGO_ENABLED=0 go tool -modfile=tools.mod
# The last released contract, how oasdiff compares with it, and the program that checks and explains what it finds.
RELEASED  = $(shell ls api/released/v*.yaml | sort -V | tail -n 1)
OASDIFF   := --deprecation-days-stable 180 --severity-levels api/released/severity.txt
CHANGES   = $(TOOL) oasdiff changelog --format json $(OASDIFF) $(RELEASED) openapi.yaml | go run ./api/internal/changes -base $(RELEASED)
POSTGRES_VERSIONS := 15 16 17 18
# The files that are the same in both stores. They are written for PostgreSQL and copied.
SHARED    := actions email_tokens epoch idempotency index outbox posts query repositories sessions snapshot throttles users
GENERATED := api adapters/sqlite/internal adapters/postgres/internal $(SHARED:%=adapters/sqlite/%.go)
# The race detector needs a C compiler. SQLite and its C library, which are C translated to Go, are left out, because they would be
# many times slower.
# The race detector turns on checkptr, which checks the use of package unsafe. Only one test here uses that package, but SQLite uses it
# for each piece of memory, so checkptr is off.
RACE      := $(if $(shell command -v "$$(go env CC)" 2>/dev/null),-race -gcflags=all=-d=checkptr=0 $(foreach c,sqlite/lib libc memory,-gcflags=modernc.org/$c=-race=false))
# These packages are tested first, so that both cores have work until the end. While tests run, memory is cheaper than collecting
# garbage, and the race detector need not wait a second at the end of each process.
LONGEST   := ./app ./adapters/postgres ./adapters/sqlite

.DEFAULT_GOAL := help
.PHONY: help run build test test-timing test-races test-mail simulate explore test-pooler test-postgres-versions test-ha test-sdk test-clients test-docs test-workflow test-deploy verify verify-generated lint compat changes release-contract vet-sql docs generate fuzz bench bench-http bench-overload sbom rename clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-23s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: build ## build the service and run it on http://127.0.0.1:8080, with the data in ./data
	@exec bin/postern

build: ## build bin/postern
	CGO_ENABLED=0 go build -trimpath -ldflags '$(LDFLAGS)' -o bin/postern ./app

test: ## run all tests
	@echo "race detector: $(if $(RACE),on,off (no C compiler found))"
	@GOGC=400 GORACE=atexit_sleep_ms=0 test/run go test -shuffle=on -timeout 10m $(RACE) $(LONGEST) ./...

test-timing: ## measure whether response times show who has an account, and how soon other instances know that a session has ended
	go test -tags timing -v -count=1 -run '^Test(TimeDoesNotTellWhoHasAnAccount|TimeDoesNotTellWhoGetsAMail|RevocationDelay)$$' ./app

test-mail: ## kill the service ROUNDS times on each store, and count lost and repeated mails
	go test -tags mail -v -count=1 -timeout 30m -run '^TestMailsSurviveKills$$' ./app -rounds=$(ROUNDS) -seed=$(MAIL_SEED)

test-races: ## repeat the tests of processes and stores that open one database at once
	go test -count=4 -run '^Test(ProcessesThatStart|Opens|Migrations)AtOnce$$' ./adapters/sqlite ./adapters/postgres

simulate: ## run the services on a store that fails, with SEEDS seeds
	go test -count=1 -timeout 30m ./domain/simulation -seeds=$(SEEDS)

explore: ## send EXPLORER_STEPS random requests generated from the contract, with a new EXPLORER_SEED each time
	@echo "EXPLORER_SEED=$(EXPLORER_SEED)"
	POSTERN_EXPLORER_SEED=$(EXPLORER_SEED) POSTERN_EXPLORER_STEPS=$(EXPLORER_STEPS) go test -count=1 -run '^TestExplorer$$' ./adapters/rest

test-pooler: ## run all tests of the PostgreSQL store through PgBouncer (make test: only those of transactions and connections)
	go test -tags pooler -count=1 -shuffle=on -timeout 10m -run '^TestStoreThroughPgBouncer$$' ./adapters/postgres

test-postgres-versions: ## run the tests of the PostgreSQL store on each supported version, from npm packages
	@for version in $(POSTGRES_VERSIONS); do echo "PostgreSQL $$version" && \
	  TEST_POSTGRES_VERSION=$$version go test -shuffle=on -timeout 10m -run '^Test(Store|TheSchemaCanBeDistributed|ConstraintsAreNamed|MigrationsAtOnce)$$' ./adapters/postgres || exit 1; done

test-ha: ## start three PostgreSQL nodes, kill the primary, and count lost writes
	go test -v -tags ha -count=1 -timeout 5m ./adapters/postgres/hatest

test-deploy: ## test the files in deploy, and each query of rules and dashboard over real scrapes (needs Debian's prometheus)
	promtool check config deploy/prometheus/prometheus.yml && promtool test rules deploy/prometheus/alerts_test.yml
	go test -tags deploy -count=1 -run '^TestPrometheusEvaluatesEveryQuery$$' ./app
	cd test && go test -count=1 ./deploy

test-workflow: build ## lint the contract, and run arazzo.yaml and the commands of README and docs against the service (needs Node 20)
	npm ci --prefix test/contract --ignore-scripts --no-audit --no-fund
	REDOCLY_TELEMETRY=off npm run --prefix test/contract --silent lint
	npm test --prefix test/contract --silent

test-docs: build ## test the documentation page in Chromium (needs Node 20, curl and Chromium)
	npm ci --prefix test/docs --no-audit --no-fund
	node --test --test-concurrency=1 test/docs/*.test.mjs

test-sdk: build ## check, test and pack the TypeScript SDK, and generate clients with other tools (needs Node 20)
	@command -v node >/dev/null && command -v npm >/dev/null || { echo "no node and npm: install Node 20 or later"; exit 1; }
	cd sdk/typescript && npm ci && npm run check && npm test && npm run check:generators && npm pack --dry-run

test-clients: build ## generate clients with other tools, and run them against the service (needs Node 20)
	npm ci --prefix test/clients --ignore-scripts --no-audit --no-fund
	cd test/clients && node --import tsx --test clients.test.mjs

verify: verify-generated lint compat vet-sql ## check generated code, style and known vulnerabilities
	@unformatted=$$(gofmt -l .); test -z "$$unformatted" || { echo "gofmt: $$unformatted"; exit 1; }
	go mod tidy -diff && go mod verify && cd test && go mod tidy -diff && go vet ./...
	go vet ./... && $(TOOL) staticcheck ./...
	@.ci/govulncheck

verify-generated: ## fail if generated code is out of date
	@copy=$$(mktemp -d) && trap 'rm -rf "$$copy"' EXIT && cp -R go.mod go.sum tools.mod tools.sum Makefile openapi.yaml sqlc.yaml api sql adapters "$$copy" && \
	  mkdir -p "$$copy/sdk/typescript" && cp -R sdk/typescript/test "$$copy/sdk/typescript" && $(MAKE) -s -C "$$copy" generate && for d in $(GENERATED); do diff -r "$$d" "$$copy/$$d" || { echo "run make generate"; exit 1; }; done

lint: ## check openapi.yaml against the rules of this project
	go test -count=1 .

compat: ## fail if openapi.yaml breaks clients of the last release, or if api/released/changes.md is out of date
	@echo "against $(RELEASED):" && $(CHANGES)
	@$(TOOL) oasdiff breaking --fail-on WARN $(OASDIFF) --err-ignore api/released/accepted.txt --warn-ignore api/released/accepted.txt $(RELEASED) openapi.yaml

changes: ## write api/released/changes.md, the differences between openapi.yaml and the last release
	@$(CHANGES) -write

release-contract: ## release the contract: make release-contract VERSION=0.2.0 (see docs/contract.md)
	@api/released/release '$(VERSION)'

vet-sql: ## prepare every query on both engines, and check it against the rules of sqlc.yaml
	go test -tags sqlcvet -count=1 -run '^Test(QueriesAreVetted|EveryPostQueryIsPrepared)$$' ./adapters/postgres

docs: ## write the tables of docs/configuration.md
	CGO_ENABLED=0 go test -run TestConfigurationPage ./app -update

generate: ## regenerate all generated code from openapi.yaml, sql and the PostgreSQL store
	CGO_ENABLED=0 go generate ./api/...
	$(TOOL) sqlc generate
	@for name in $(SHARED); do { \
	  printf '// Code generated from adapters/postgres/%s.go by make generate. DO NOT EDIT.\n\n' $$name && \
	  sed -e 's|^package postgres|package sqlite|' -e 's|adapters/postgres/internal/pgdb|adapters/sqlite/internal/litedb|' \
	    adapters/postgres/$$name.go; } > adapters/sqlite/$$name.go || exit 1; done

fuzz: ## run each fuzz target for FUZZTIME
	@for target in $$(grep -rho --include='*_test.go' 'Fuzz[A-Za-z]*(f \*testing.F)' . | sed 's/(.*//' | sort -u); do \
	  go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) "./$$(dirname "$$(grep -rl --include='*_test.go' "func $$target(" .)")" || exit 1; done

bench: ## run the benchmarks
	go test -run '^$$' -bench . -benchmem ./...

bench-http: ## compare the CPU per request with a bare server's, on both stores (see docs/benchmarks.md)
	cd test && go test -tags bench -run '^$$' -bench HTTP -benchtime 1x -timeout 30m ./bench

bench-overload: ## send five times the load that an instance can serve, on both stores (see docs/benchmarks.md)
	cd test && go test -tags bench -run '^$$' -bench Overload -benchtime 1x -timeout 30m ./bench

sbom: build ## list every module in bin/postern (CycloneDX)
	$(TOOL) cyclonedx-gomod bin -json -output bin/postern.cdx.json bin/postern

rename: ## change the module path: make rename MODULE=your.host/postern
	@test -n "$(MODULE)" || { echo "usage: make rename MODULE=your.host/postern"; exit 2; }
	@old=$$(go list -m) && grep -rlF --exclude-dir=.git --exclude-dir=bin --exclude-dir=data "$$old" . | xargs sed -i.bak "s|$$old|$(MODULE)|g" && find . -name '*.bak' -delete
	go build ./...

clean: ## remove built files
	rm -rf bin test-artifacts test/*/node_modules test/clients/generated test/clients/go/generated
