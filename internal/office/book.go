package office

import "archive/zip"

type span struct{ top, left, bottom, right int }

func (r *reader) addBook(name string, archive *zip.Reader) error {
	return invalid("office.file.corrupt", name)
}
