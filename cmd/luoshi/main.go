// Command luoshi carries a year of targets through to delivery. It wires the
// rooms together and speaks to people at a terminal; it holds no logic.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"luoshi.dev"
	"luoshi.dev/internal/locale"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr, os.Getenv)
	stop()
	os.Exit(code)
}

// Exit codes, said in `luoshi --help`.
const (
	exitOK          = 0
	exitInternal    = 1
	exitUsage       = 2
	exitInvalid     = 3
	exitNotFound    = 4
	exitConflict    = 5
	exitUnavailable = 6
)

// errProblems ends a check that found blocking problems; they are printed already.
var errProblems = errors.New("problems found")

// usageError is a command line that cannot be understood.
type usageError struct{ error }

// run is the whole program as a value: tests start it with their own streams.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer, getenv func(string) string) int {
	words, err := locale.New()
	if err != nil {
		fmt.Fprintln(stderr, "luoshi:", err)
		return exitInternal
	}
	app := &app{words: words, in: stdin, out: stdout, err: stderr, getenv: getenv}
	root := app.root()
	root.SetArgs(args)
	err = root.ExecuteContext(ctx)
	var usage usageError
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, errProblems):
		return exitInvalid
	case errors.Is(err, errBroken):
		return exitInternal
	case errors.As(err, &usage):
		fmt.Fprintf(stderr, "luoshi: %v\n", err)
		return exitUsage
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(stderr, words.Word(app.lang(), "cli.interrupted"))
		return exitInternal
	}
	fmt.Fprintf(stderr, "luoshi: %s\n", words.Error(app.lang(), err))
	if luoshi.CodeOf(err) == luoshi.Internal {
		fmt.Fprintf(stderr, "  %v\n", err)
	}
	return exitCode(luoshi.CodeOf(err))
}

func exitCode(code luoshi.Code) int {
	switch code {
	case luoshi.Invalid, luoshi.TooLarge:
		return exitInvalid
	case luoshi.NotFound:
		return exitNotFound
	case luoshi.Conflict, luoshi.Forbidden, luoshi.SignIn:
		return exitConflict
	case luoshi.Unavailable:
		return exitUnavailable
	}
	return exitInternal
}
