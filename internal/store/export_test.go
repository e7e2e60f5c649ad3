package store

// BackupTables names the tables of a backup.
func BackupTables() []string {
	var list []string
	for _, t := range backupTables {
		list = append(list, t[0])
	}
	return list
}
