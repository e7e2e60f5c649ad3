package store

import (
	"context"
	"database/sql"
	"errors"
	"sync"
)

// prepared are the statements of one figure, and the questions that every page
// asks. SQLite compiles a statement whenever it is given the words, which takes
// longer than to run one of these; so they are compiled once. On PostgreSQL the
// driver does so by itself, and none is kept here.
type prepared struct {
	mu     sync.Mutex
	writes map[string]*sql.Stmt
	reads  map[string]*sql.Stmt
}

// prepare compiles the statements of a writer. It must be done while no
// transaction holds the one connection that writes.
func (p *prepared) prepare(ctx context.Context, s *Store) (err error) {
	if !s.d.singleWriter() {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.writes == nil {
		p.writes, err = compile(ctx, s.write, s.d.planNumber(), lockNow, nextSerial, insertWords("figure", figureColumns, 1, s.d.mark),
			packedOf(1, s.d.mark), upsertPacked(1, s.d.mark), readChain, moveChain, moveChainOn, insertWords("event", eventColumns, 1, s.d.mark),
			insertWords(objectTable, objectColumns, 1, s.d.mark))
	}
	return err
}

// asking is the pool of readers with the statements that are compiled once.
func (s *Store) asking(ctx context.Context) (querier, error) {
	if !s.d.singleWriter() {
		return s.read, nil
	}
	p := &s.kept
	p.mu.Lock()
	defer p.mu.Unlock()
	var err error
	if p.reads == nil {
		p.reads, err = compile(ctx, s.read, s.d.planNumber(), stateNow, packedNow)
	}
	return reader{s.read, p.reads}, s.fail(err, "prepare")
}

func (p *prepared) close() error {
	return errors.Join(closeAll(p.writes), closeAll(p.reads))
}

func compile(ctx context.Context, db *sql.DB, list ...string) (map[string]*sql.Stmt, error) {
	made := map[string]*sql.Stmt{}
	for _, words := range list {
		st, err := db.PrepareContext(ctx, words) //nolint:sqlclosecheck // kept until the store closes
		if err != nil {
			return nil, errors.Join(err, closeAll(made))
		}
		made[words] = st
	}
	return made, nil
}

func closeAll(list map[string]*sql.Stmt) error {
	var err error
	for _, st := range list {
		err = errors.Join(err, st.Close())
	}
	return err
}

// reader is a pool that knows compiled statements by their words.
type reader struct {
	*sql.DB
	kept map[string]*sql.Stmt
}

func (r reader) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if st := r.kept[query]; st != nil {
		return st.QueryContext(ctx, args...)
	}
	return r.DB.QueryContext(ctx, query, args...)
}

func (r reader) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	if st := r.kept[query]; st != nil {
		return st.QueryRowContext(ctx, args...)
	}
	return r.DB.QueryRowContext(ctx, query, args...)
}

// writer is a transaction that knows compiled statements by their words.
type writer struct {
	*sql.Tx
	kept map[string]*sql.Stmt
	used map[string]*sql.Stmt // within the transaction, which ends them
}

// statement returns the compiled one, or nil.
func (w writer) statement(ctx context.Context, query string) *sql.Stmt {
	st := w.used[query]
	if kept := w.kept[query]; st == nil && kept != nil {
		st = w.StmtContext(ctx, kept)
		w.used[query] = st
	}
	return st
}

func (w writer) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if st := w.statement(ctx, query); st != nil { //nolint:sqlclosecheck // the transaction ends it
		return st.QueryContext(ctx, args...)
	}
	return w.Tx.QueryContext(ctx, query, args...)
}

func (w writer) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	if st := w.statement(ctx, query); st != nil { //nolint:sqlclosecheck // the transaction ends it
		return st.QueryRowContext(ctx, args...)
	}
	return w.Tx.QueryRowContext(ctx, query, args...)
}

func (w writer) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	if st := w.statement(ctx, query); st != nil { //nolint:sqlclosecheck // the transaction ends it
		return st.ExecContext(ctx, args...)
	}
	return w.Tx.ExecContext(ctx, query, args...)
}
