package store

import (
	"context"
	"database/sql"
	"errors"
	"sync"
)

const stateNow = `SELECT (SELECT number FROM plan), (SELECT COALESCE(SUM(number), 0) FROM change), (SELECT COALESCE(SUM(number), 0) FROM outlook_mark)`

// state is what tells that something has been written.
type state struct{ plan, figures, outlooks int64 }

// State tells whether anything has changed since it was asked before: `plan` is
// [Store.PlanChange], and `figures` grows with every write of figures.
func (s *Store) State(ctx context.Context) (plan, figures int64, err error) {
	now, err := s.state(ctx)
	return now.plan, now.figures, err
}

// OutlooksNumber grows with every outlook that is kept.
func (s *Store) OutlooksNumber(ctx context.Context) (int64, error) {
	now, err := s.state(ctx)
	return now.outlooks, err
}

func (s *Store) state(ctx context.Context) (now state, err error) {
	if s.d.singleWriter() {
		now, err = s.seen.state(ctx, s)
	} else {
		now, err = s.readState(ctx)
	}
	return now, s.fail(err, "read state")
}

// Stamp is a number that is another one after any write to the database, by
// whomever, and false where the database does not know one that is cheap to ask.
func (s *Store) Stamp(ctx context.Context) (int64, bool, error) {
	if !s.d.singleWriter() {
		return 0, false, nil
	}
	s.seen.mu.Lock()
	defer s.seen.mu.Unlock()
	version, err := s.seen.look(ctx, s.read)
	if err != nil {
		err = s.fail(errors.Join(err, s.seen.drop()), "read version")
	}
	return version, err == nil, err
}

func (s *Store) readState(ctx context.Context) (now state, err error) {
	q, err := s.asking(ctx)
	if err == nil {
		err = q.QueryRowContext(ctx, stateNow).Scan(&now.plan, &now.figures, &now.outlooks)
	}
	return now, err
}

// seen is the state of an SQLite file when it was last looked at. The file's
// data_version, which costs no reading of tables, is another as soon as any other
// connection, of this process or not, has committed; it is one connection's own
// count, and so that one is kept.
type seen struct {
	mu      sync.Mutex
	conn    *sql.Conn
	ask     *sql.Stmt
	known   bool // looked already
	version int64
	now     state
}

func (n *seen) state(ctx context.Context, s *Store) (state, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	version, err := n.look(ctx, s.read)
	if err != nil {
		return state{}, errors.Join(err, n.drop())
	}
	if !n.known || version != n.version {
		n.known = false
		if n.now, err = s.readState(ctx); err != nil { // at least as new as the version
			return state{}, err
		}
		n.known, n.version = true, version
	}
	return n.now, nil
}

func (n *seen) look(ctx context.Context, db *sql.DB) (version int64, err error) {
	if n.conn == nil {
		if n.conn, err = db.Conn(ctx); err != nil {
			return 0, err
		}
	}
	if n.ask == nil {
		if n.ask, err = n.conn.PrepareContext(ctx, `PRAGMA data_version`); err != nil {
			return 0, err
		}
	}
	err = n.ask.QueryRowContext(ctx).Scan(&version)
	return version, err
}

// drop gives the connection back; the next look is from the beginning.
func (n *seen) drop() error {
	var err error
	if n.ask != nil {
		err = n.ask.Close()
	}
	if n.conn != nil {
		err = errors.Join(err, n.conn.Close())
	}
	n.conn, n.ask, n.known = nil, nil, false
	return err
}

// close is drop, for the end of the store.
func (n *seen) close() error {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.drop()
}
