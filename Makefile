# What every change passes before it is committed. Only Go is needed.
LINT = go run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0

.PHONY: check build vet lint test fresh bench screenshots
check: build vet lint test fresh

build:
	go build ./...
vet:
	go vet ./...
lint:
	$(LINT) run ./...
test:
	go test ./...

# Generated files are committed; this fails when one is not what its generator writes.
fresh:
	go mod tidy -diff
	go run ./cmd/luoshi help-page > /tmp/luoshi-cli.$$$$ && diff -u doc/CLI.md /tmp/luoshi-cli.$$$$; status=$$?; rm -f /tmp/luoshi-cli.$$$$; exit $$status

bench:
	go test -run '^$$' -bench . -benchtime 1s ./...

screenshots:
	sh doc/screenshots.sh
