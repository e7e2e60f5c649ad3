package office

import (
	"archive/zip"
	"io"
	"path"
	"strings"

	"golang.org/x/text/encoding/simplifiedchinese"
	"luoshi.dev"
)

// maxEntries bounds what an archive may hold; ours have a few dozen.
const maxEntries = 10_000

// addZip lists a workbook, which is a zip archive inside, or an archive of CSVs.
func (r *reader) addZip(name string, src io.ReaderAt, size int64) error {
	archive, err := zip.NewReader(src, size)
	if err != nil {
		return &luoshi.Error{Code: luoshi.Invalid, Message: luoshi.Say("office.file.corrupt", "file", name), Err: err}
	}
	if len(archive.File) > maxEntries {
		return &luoshi.Error{Code: luoshi.TooLarge, Message: luoshi.Say("office.zip.entries", "file", name, "limit", maxEntries)}
	}
	for _, f := range archive.File {
		switch {
		case f.Name == "[Content_Types].xml" || strings.HasSuffix(f.Name, "xl/workbook.xml"):
			return r.addBook(name, archive)
		case f.Name == "mimetype":
			return invalid("office.file.unknown", name)
		}
	}
	found := false
	for _, f := range archive.File {
		member := f.Name
		if f.NonUTF8 {
			if text, err := simplifiedchinese.GB18030.NewDecoder().String(member); err == nil {
				member = text
			}
		}
		if f.FileInfo().IsDir() || !readable(member) {
			continue
		}
		found = true
		member = path.Join(name, member)
		if f.Flags&1 != 0 {
			if err := r.fileProblem(member, invalid("office.file.encrypted", member)); err != nil {
				return err
			}
			continue
		}
		if f.UncompressedSize64 > uint64(r.opt.MaxBytes) {
			return tooLarge(member, r.opt.MaxBytes)
		}
		if err := r.addCSV(member, func() (io.ReadCloser, error) { return f.Open() }, int64(f.CompressedSize64)); err != nil {
			if err := r.fileProblem(member, err); err != nil {
				return err
			}
		}
	}
	if !found {
		return invalid("office.file.unknown", name)
	}
	return nil
}
