package store

import "context"

// BackupTables names the tables of a backup.
func BackupTables() []string {
	var list []string
	for _, t := range backupTables {
		list = append(list, t.name)
	}
	return list
}

// MigrateTo brings the database to an older version.
func (s *Store) MigrateTo(ctx context.Context, version int64) error { return s.migrateTo(ctx, version) }
