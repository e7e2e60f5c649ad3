package service

import (
	"context"

	"luoshi.dev/internal/account"
)

// actorKey is where a context carries who acts.
type actorKey struct{}

// As returns a context in which somebody acts: what is written under it is
// recorded as theirs.
func As(ctx context.Context, by account.By) context.Context {
	return context.WithValue(ctx, actorKey{}, by)
}

// byOf is who acts. A context that says nobody is the program's own, or that of the
// command line.
func byOf(ctx context.Context) account.By {
	if by, ok := ctx.Value(actorKey{}).(account.By); ok {
		return by
	}
	return account.System
}
