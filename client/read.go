package client

import (
	"context"

	"luoshi.dev/wire"
)

// Health says that the server is there, and which one.
func (c *Client) Health(ctx context.Context) (*wire.Health, error) {
	return read[wire.Health](ctx, c, "/api/health", At{})
}

// Overview answers will we make it, what is off, who answers, is it all in.
func (c *Client) Overview(ctx context.Context, at At) (*wire.Overview, error) {
	return read[wire.Overview](ctx, c, "/api/overview", at)
}

// Instants are the days on which something was recorded or the unit tree changed.
func (c *Client) Instants(ctx context.Context, at At) (*wire.Instants, error) {
	return read[wire.Instants](ctx, c, "/api/instants", at)
}

// read reads a document that stands somewhere.
func read[T any](ctx context.Context, c *Client, path string, at At) (*T, error) {
	var v T
	if err := c.get(ctx, path, at.values(), &v); err != nil {
		return nil, err
	}
	return &v, nil
}
