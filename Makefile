# The commands of Keyslot's developers. `make` alone lists them.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# What a build may depend on, for go and for everything that calls it (sam build, local).
# -s alone: since Go 1.22 it implies -w, and a flag without a space needs no quotes in GOFLAGS.
export CGO_ENABLED := 0
# The caller's own flags, of the environment or of `go env -w`, come first.
export GOFLAGS := $(strip $(shell go env GOFLAGS 2>/dev/null) -trimpath -buildvcs=false -tags=lambda.norpc -ldflags=-s)
export SAM_CLI_TELEMETRY := 0

# SAM wants a region, though these commands call no cloud. Not for deploy: there the
# variable would win over the region of the caller's profile.
check build: export AWS_DEFAULT_REGION ?= us-east-1
# Nor do they need to know whose account this is.
check build: export AWS_EC2_METADATA_DISABLED := true

GOLANGCI_VERSION := v2.15.0
GOVULNCHECK_VERSION := v1.9.0
GOLANGCI := .tools/golangci-lint-$(GOLANGCI_VERSION)/golangci-lint
GOVULNCHECK := .tools/govulncheck-$(GOVULNCHECK_VERSION)/govulncheck
SAM := .tools/sam/bin/sam

# Stop with one line when a program is missing: $(call need,program,what it is for).
need = @command -v $(1) >/dev/null || { echo "$(1) is missing; it is needed $(2)" >&2; exit 1; }
# Run a command that must print nothing: $(call silent,command).
silent = @echo '$(1)'; out=$$($(1) 2>&1) && test -z "$$out" || { echo "$$out" >&2; exit 1; }

.PHONY: help
help: ## List the commands.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: run
run: ## Serve the API here, seeded with a demo (PORT=3000, DATA_DIR= to keep the data).
	$(call need,go,to build)
	$(call need,npm,to install the table store)
	$(call need,python3,to install the secret store)
	@go build -o .local/bin/local ./local
	@exec .local/bin/local

.PHONY: test
test: ## Run all tests, with the race detector, on the emulators that they start.
	$(call need,go,to build)
	$(call need,npm,to install the table store)
	$(call need,python3,to install the secret store)
	$(call need,$(shell go env CC 2>/dev/null || echo cc),by the race detector)
	CGO_ENABLED=1 go test -race -shuffle=on -timeout=8m ./...

.PHONY: check
check: lint $(SAM) ## Find what is wrong without running it: format, lint, vet, modules, template.
	go vet ./...
	$(call silent,go fix -diff ./...)
	$(call silent,go mod tidy -diff)
	$(SAM) validate --lint
	.tools/sam/bin/cfn-lint template.yaml

.PHONY: fmt
fmt: $(GOLANGCI) ## Format the code, as check wants it.
	$(GOLANGCI) fmt ./...

.PHONY: lint
lint: $(GOLANGCI) ## Lint the code and its format; .golangci.yml has the rules.
	$(GOLANGCI) fmt --diff ./...
	$(GOLANGCI) run ./...

.PHONY: vuln
vuln: $(GOVULNCHECK) ## Look for known vulnerabilities; not in check: its database may be out of reach.
	$(GOVULNCHECK) ./...

.PHONY: build
build: $(SAM) ## Build every function as it deploys (ARCH=arm64 or x86_64; default: the template's).
	$(call need,go,to build)
	@# What the functions share is compiled once, before sam's parallel builds each do it.
	GOOS=linux GOARCH=$(if $(filter x86_64,$(ARCH)),amd64,arm64) go build ./authorizer ./functions/...
	$(SAM) build $(OVERRIDES)

.PHONY: sam
sam: docker $(SAM) ## Serve the API by sam local in Docker, for what make run cannot show (PORT=3000).
	$(call need,go,to build)
	@exec test/sam/sam.sh serve

.PHONY: invoke
invoke: docker $(SAM) ## Invoke one function by sam local (F=BookingsCreate E=events/bookings-create.json).
	$(call need,go,to build)
	@test -n "$(F)" && test -n "$(E)" || { echo 'usage: make invoke F=BookingsCreate E=events/bookings-create.json' >&2; exit 1; }
	@exec test/sam/sam.sh invoke '$(F)' '$(E)'

.PHONY: test-sam
test-sam: docker $(SAM) ## Invoke two functions and book a slot by sam local in Docker.
	$(call need,go,to build)
	@exec test/sam/sam.sh test

.PHONY: docker
docker:
	$(call need,docker,to run the functions in containers)
	@docker info >/dev/null 2>&1 || { echo 'no Docker engine answers (docker info): start one, then try again' >&2; exit 1; }

.PHONY: bench
bench: ## Measure: benchmarks in short, binary sizes, cold starts.
	$(call need,go,to build)
	go test -p=1 -run='^$$' -bench=. -benchmem -benchtime=100ms ./shared/... ./authorizer
	go test -run='^$$' -bench=. -benchtime=80x ./test/bench

.PHONY: fuzz
fuzz: ## Look for inputs that break a parser (T=20s for each of them).
	$(call need,go,to build)
	@grep -rHo --include='*_test.go' '^func Fuzz[A-Za-z0-9]*' authorizer functions local shared test | \
		while IFS=: read -r file f; do \
			go test -run='^$$' -fuzz="^$${f#func }$$" -fuzztime=$(or $(T),20s) "./$$(dirname "$$file")"; \
		done

.PHONY: deploy
deploy: build ## Deploy what build built, after showing the change set (ARCH= as for build).
	$(SAM) deploy $(OVERRIDES)

.PHONY: clean
clean: ## Remove all that these commands made: artifacts, tools, local state.
	rm -rf .aws-sam .local .tools

# An override on the command line replaces those of samconfig.toml, so none without ARCH.
OVERRIDES = $(if $(ARCH),--parameter-overrides Architecture=$(ARCH))

# The version is part of the path: a new one is installed, an old one stays out of use.
$(GOLANGCI):
	$(call need,go,to build)
	GOBIN=$(CURDIR)/$(@D) go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI_VERSION)

$(GOVULNCHECK):
	$(call need,go,to build)
	GOBIN=$(CURDIR)/$(@D) go install golang.org/x/vuln/cmd/govulncheck@$(GOVULNCHECK_VERSION)

$(SAM): test/sam/requirements.txt
	$(call need,python3,to install the SAM CLI)
	@python3 -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 10))' 2>/dev/null || \
		{ echo 'python3 must be 3.10 or later, with its module venv; it is needed to install the SAM CLI' >&2; exit 1; }
	rm -rf .tools/sam
	python3 -m venv .tools/sam
	.tools/sam/bin/pip install --quiet --requirement $< || { rm -rf .tools/sam; exit 1; }
	@touch $@
