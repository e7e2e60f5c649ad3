package office

import "luoshi.dev"

// Typed is the spot of a row that was not read from a file but filled in
// elsewhere, in a form: its places name the row, and the field by its number.
func Typed(kind Kind, row int) Spot {
	fields := lex().fields[kind]
	columns := &Columns{at: make(map[string]spot, len(fields))}
	for i, f := range fields {
		columns.at[f.key] = spot{col: i + 1}
	}
	return Spot{Place: luoshi.Place{Sheet: string(kind), Row: row}, columns: columns}
}

// FieldAt is the field of a kind that a place of a typed row names, "" for the row.
func FieldAt(kind Kind, col int) string {
	if fields := lex().fields[kind]; col > 0 && col <= len(fields) {
		return fields[col-1].key
	}
	return ""
}

// HasField reports whether rows of the kind have the field.
func HasField(kind Kind, key string) bool { return lex().field(kind, key).key != "" }
