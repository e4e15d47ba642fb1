# `make` lists what there is to make.
SHELL := /bin/bash
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LDFLAGS := -X main.release=$(VERSION)
DEMO ?= data/demo
RUN ?= runs/demo

.PHONY: help setup build demo test race lint format bench golden clean

help: ## list the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

setup: ## install what the build needs, where that is allowed
	@scripts/setup.sh

build: setup ## compile bin/vssl
	go build -ldflags '$(LDFLAGS)' -o bin/vssl ./cmd/vssl

demo: build ## the main job on real video files: make a set, train, evaluate, report (about five minutes)
	@scripts/demo.sh $(DEMO) $(RUN)

# One package at a time: each uses all cores, and two at once hinder each other.
test: setup ## every test
	go vet ./...
	go test -p 1 -timeout 25m ./...

race: setup ## the tests of what runs concurrently, under the race detector
	go test -race -short ./audio/... ./clips/... ./decode/... ./internal/... ./methods/objective ./pipelines/... ./torch/...

lint: setup ## gofmt, go vet and staticcheck
	@out=$$(gofmt -l $$(git ls-files '*.go')); if [ -n "$$out" ]; then echo "gofmt would change: $$out"; exit 1; fi
	go vet ./...
	go run honnef.co/go/tools/cmd/staticcheck@latest ./...

format: ## gofmt the tree
	gofmt -w $$(git ls-files '*.go')

bench: build ## the benchmarks, each beside a peer in the same run (about half an hour)
	@bench/run.sh

golden: setup ## the tests that compare with the authors' numbers, where VSSL_SHARED names the folder that holds them
	go test -count=1 -run Golden ./...

clean: ## remove what was built; data and runs stay
	rm -rf bin
