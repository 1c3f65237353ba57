# make test   all tests; as root on Debian, installs what the real daemons need
# make lint   gofmt, vet (for OTHERS too), staticcheck, tidy modules
# make fuzz   every fuzz target for FUZZTIME
# make ci     what CI runs: all of these, and a test that is skipped has failed
# make bench  the figures of docs/performance.md
# make man    the manual pages, in out/man
# make har    what cassette export makes of recordings, read by har-validator
# make library  record the shipped cassettes anew from real engines

GO       ?= go
FUZZTIME ?= 3s
# RACE=-race runs the tests under the race detector.
RACE     ?=
# TESTFLAGS are further flags of go test, as -run Pull or -short.
TESTFLAGS ?=

STATICCHECK = $(GO) tool -modfile=$(CURDIR)/tools/go.mod staticcheck
# e2e/outside has the path of a stranger, who can import public packages alone.
MODULES     = . e2e e2e/outside
# OTHERS are platforms that are built from other files than the usual ones.
OTHERS      = darwin/arm64 linux/386 windows/amd64

.PHONY: all build test setup lint fuzz ci bench man har library clean

all: build

build:
	$(GO) build -o bin/ ./cmd/...

# WIRETAPE_REQUIRE=1 makes a skipped test fail. Vet has its place in make lint.
test: setup
	$(GO) run ./internal/testrun $(if $(WIRETAPE_REQUIRE),-require) $(MODULES) -- $(RACE) -vet=off -timeout 40m $(TESTFLAGS)

setup:
	@./e2e/setup

lint:
	@unformatted=$$(gofmt -l .); test -z "$$unformatted" || { echo "not gofmt: $$unformatted"; exit 1; }
	@for m in $(MODULES); do echo "lint $$m"; \
		(cd $$m && $(GO) vet ./... && $(STATICCHECK) ./... && $(GO) mod tidy -diff) || exit 1; done
	@for o in $(OTHERS); do echo "vet for $$o"; \
		GOOS=$${o%/*} GOARCH=$${o#*/} $(GO) vet ./... || exit 1; done

# A run whose time ends while an input is tried may fail with "context deadline
# exceeded" and no input (go.dev/issue/75804, in Go before 1.27): it found nothing.
fuzz:
	@failed=; log=$$(mktemp); trap 'rm -f "$$log"' EXIT; for pkg in $$($(GO) list ./...); do \
		for f in $$($(GO) test -list '^Fuzz' $$pkg | grep '^Fuzz'); do \
			echo "$$f"; \
			{ $(GO) test -run '^$$' -fuzz "^$$f\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 5x $$pkg 2>&1 || echo "ended: $$f"; } | tee "$$log"; \
			if grep -q "^ended: $$f" "$$log" && { ! grep -q '^ *context deadline exceeded$$' "$$log" || grep -q 'Failing input' "$$log"; }; then \
				failed="$$failed $$f"; \
			fi; \
		done; \
	done; test -z "$$failed" || { echo "failed:$$failed"; exit 1; }

ci: export WIRETAPE_REQUIRE = 1
ci: export WIRETAPE_FULL = 1
ci: RACE = -race
ci: lint test fuzz

bench: build
	$(GO) run ./internal/bench

man: build
	@mkdir -p out/man
	@for c in record replay cassette; do bin/$$c --man >out/man/$$c.1 || exit 1; done

# It needs npm.
har: build
	npm install --silent --no-audit --no-fund --prefix out/har har-validator@5
	@for c in $$(find cassettes/library replay/testdata -name '*.yaml'); do \
		bin/cassette export "$$c" >"out/har/$$(echo "$$c" | tr / -).har" || exit 1; done
	NODE_PATH=out/har/node_modules node tools/har.js out/har/*.har

library: setup build
	cd e2e && $(GO) run ./library

clean:
	rm -rf bin out
