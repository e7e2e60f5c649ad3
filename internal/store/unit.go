package store

import (
	"context"
	"slices"
	"strconv"
	"time"

	"luoshi.dev"
)

// unitDay is the key of a fact about a unit.
type unitDay struct {
	unit luoshi.UnitID
	from luoshi.Date
}

func unitFacts() facts[luoshi.Unit, unitDay] {
	return facts[luoshi.Unit, unitDay]{
		table: table[versioned[luoshi.Unit]]{
			name: "unit",
			columns: `id valid_from version code name_hans name_hant name_en short_hans short_hant short_en
				kind parent position ended recorded_at`,
			fields: func(v *versioned[luoshi.Unit]) []any {
				u := &v.noun
				return slices.Concat([]any{&u.ID, &u.From, &v.version, &u.Code}, names(&u.Names), names(&u.Short),
					[]any{&u.Kind, &u.Parent, &u.Order, flag{&u.Ended}, &u.RecordedAt})
			},
		},
		key:      func(u *luoshi.Unit) unitDay { return unitDay{u.ID, u.From} },
		recorded: func(u *luoshi.Unit) *int64 { return &u.RecordedAt },
	}
}

// Units returns all dated facts about units recorded by asOf, in the order of
// recording; of two about one unit and day the later corrects the earlier.
func (s *Store) Units(ctx context.Context, asOf time.Time) ([]luoshi.Unit, error) {
	list, err := unitFacts().read(ctx, s, s.read, `WHERE recorded_at <= $1 ORDER BY recorded_at, id, valid_from, version`, micros(asOf))
	return nouns(list), err
}

// NewUnitIDs gives out n identities that no unit has had.
func (tx *Tx) NewUnitIDs(ctx context.Context, n int) ([]luoshi.UnitID, error) {
	if err := tx.lockPlan(ctx); err != nil {
		return nil, err
	}
	var last int64
	err := tx.sql.QueryRowContext(ctx, `UPDATE plan SET last_unit = last_unit + $1 WHERE id = 1 RETURNING last_unit`, n).Scan(&last)
	if err != nil {
		return nil, tx.s.fail(err, "take unit identities")
	}
	tx.book = nil
	ids := make([]luoshi.UnitID, n)
	for i := range ids {
		ids[i] = luoshi.UnitID(last - int64(n-1-i))
	}
	return ids, nil
}

// AddUnits adds dated facts. One about a unit and a day that is already described
// corrects it from now on.
func (tx *Tx) AddUnits(ctx context.Context, list []luoshi.Unit) error {
	if len(list) == 0 {
		return nil
	}
	b, err := tx.open(ctx)
	if err != nil {
		return err
	}
	first, last := list[0].ID, list[0].ID
	for _, u := range list {
		if u.ID < 1 || u.ID > b.lastUnit {
			return noUnit(u.ID)
		}
		first, last = min(first, u.ID), max(last, u.ID)
	}
	_, err = unitFacts().add(ctx, tx, list, `WHERE id >= $1 AND id <= $2`, int64(first), int64(last))
	return err
}

func noUnit(id luoshi.UnitID) error {
	return &luoshi.Error{Code: luoshi.NotFound, Message: luoshi.Say("store.no_unit", "unit", strconv.FormatInt(int64(id), 10))}
}

// succession is the key of a succession.
type succession struct {
	from, to luoshi.UnitID
	on       luoshi.Date
}

func successionFacts() facts[luoshi.Succession, succession] {
	return facts[luoshi.Succession, succession]{
		table: table[versioned[luoshi.Succession]]{
			name:    "succession",
			columns: `from_unit to_unit valid_on version share source recorded_at`,
			fields: func(v *versioned[luoshi.Succession]) []any {
				c := &v.noun
				return []any{&c.From, &c.To, &c.On, &v.version, &c.Share, &c.Source, &c.RecordedAt}
			},
		},
		key:      func(c *luoshi.Succession) succession { return succession{c.From, c.To, c.On} },
		recorded: func(c *luoshi.Succession) *int64 { return &c.RecordedAt },
	}
}

// Successions returns, as known at asOf, who lives on in whom.
func (s *Store) Successions(ctx context.Context, asOf time.Time) ([]luoshi.Succession, error) {
	list, err := successionFacts().newest(ctx, s, s.read, asOf, "valid_on, from_unit, to_unit")
	return nouns(list), err
}

// AddSuccessions adds successions; one between the same units on the same day
// corrects the share from now on.
func (tx *Tx) AddSuccessions(ctx context.Context, list []luoshi.Succession) error {
	if len(list) == 0 {
		return nil
	}
	_, err := successionFacts().add(ctx, tx, list, "")
	return err
}
