package store

import (
	"context"
	"database/sql"
	"time"

	"luoshi.dev"
)

// Event returns the event with a number.
func (s *Store) Event(ctx context.Context, seq int64) (luoshi.Event, error) {
	list, err := s.readEvents(ctx, s.read, "WHERE seq = $1", seq)
	if err == nil && len(list) == 0 {
		err = &luoshi.Error{Code: luoshi.NotFound, Message: luoshi.Say("history.no_event", "event", seq)}
	}
	if err != nil {
		return luoshi.Event{}, err
	}
	return list[0], nil
}

// SignedIn tells when each person signed in last, as far as they ever did.
func (s *Store) SignedIn(ctx context.Context) (map[luoshi.PersonID]time.Time, error) {
	at := map[luoshi.PersonID]time.Time{}
	query := `SELECT actor, max(happened_at) FROM event WHERE substr(became, 1, 13) = '{"signed_in":' GROUP BY actor`
	err := s.each(ctx, s.read, "read sign-ins", query, nil, func(rows *sql.Rows) error {
		var id luoshi.PersonID
		var when time.Time
		err := rows.Scan(&id, instant{&when})
		at[id] = when
		return err
	})
	return at, err
}
