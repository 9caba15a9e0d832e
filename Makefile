# Clockface. Every target installs what it needs by itself (scripts/setup),
# asks nothing, and may be run again at any time.

.PHONY: help run test check build e2e bench doctor screens fmt clean programs models faces
.DEFAULT_GOAL := help

# What CGO_ENABLED=0 builds: no camera, no OpenGL, no system library.
INNER := CGO_ENABLED=0 go
INNER_TAGS := ci,nocamera

# Tests and the demo find programs, models and pictures here. A Fyne program
# without a session bus would start a dbus-daemon and leave it behind; a dead
# address keeps it from that. Fyne cannot read the locale C.
export CLOCKFACE_BIN := $(CURDIR)/bin
export CLOCKFACE_MODELS := $(CURDIR)/.cache/models
export CLOCKFACE_FACES := $(CURDIR)/.cache/faces
WINDOWS := DBUS_SESSION_BUS_ADDRESS=unix:path=/nonexistent LC_ALL= LANG=en_US.UTF-8

help: ## list the targets
	@sed -n 's/^\([a-z0-9]*\):.*## /\1\t/p' Makefile | expand -t 10

run: build models ## start the whole product with a demo company
	@$(WINDOWS) scripts/run

test: ## everything: vet, staticcheck, unit, SQLite and PostgreSQL, end to end
	@scripts/setup go build test check
	@$(MAKE) --no-print-directory programs models faces
	@$(WINDOWS) scripts/test

check: ## the inner loop: vet and tests without any system package
	@scripts/setup go
	$(INNER) vet -tags $(INNER_TAGS) ./...
	$(INNER) test -tags $(INNER_TAGS) ./...

build: ## the programs, into bin/
	@scripts/setup go build
	@$(MAKE) --no-print-directory programs

# Release flags would compile the toolkits a second time, so only the cloud,
# which shares nothing with them, has them. The desktop is built without a
# camera: it must not need OpenCV on a supervisor's PC.
programs:
	@mkdir -p bin
	CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags "-s -w" -o bin/clockface-cloud ./cmd/clockface-cloud
	go build -buildvcs=false -o bin/clockface ./cmd/clockface
	go build -buildvcs=false -tags nocamera -o bin/clockface-desktop ./cmd/clockface-desktop
	go build -buildvcs=false -o bin/clockface-kiosk ./cmd/clockface-kiosk

models:
	@scripts/setup models

faces:
	@scripts/setup faces

e2e: ## the real programs under a display of their own, with real clicks
	@scripts/setup go build test
	@$(MAKE) --no-print-directory programs models faces
	@$(WINDOWS) scripts/e2e

bench: ## the figures, as a table and as build/bench.json
	@scripts/setup go build test
	@$(MAKE) --no-print-directory programs models faces
	@mkdir -p build
	@$(WINDOWS) go test -tags e2e -count=1 -timeout 15m ./e2e -run '^TestBench' -v

doctor: build ## say what is installed, reachable and in order on this machine
	bin/clockface doctor

screens: ## pictures of every screen, into build/screens/
	@scripts/setup go
	@mkdir -p build/screens
	$(WINDOWS) CLOCKFACE_SCREENS=$(CURDIR)/build/screens $(INNER) test -tags $(INNER_TAGS) -count=1 -run '^TestScreenshots$$' ./kiosk/screens ./desktop/screens

fmt: ## gofmt
	gofmt -l -w $$(git ls-files -- '*.go')

clean: ## remove programs and outputs; .cache/ with what was fetched stays
	rm -rf bin build
