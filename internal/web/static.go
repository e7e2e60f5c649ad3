package web

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"regexp"
	"slices"
	"strings"

	"luoshi.dev"
)

// assets are the static files by name and by hashed name. A hashed address holds
// the same bytes for ever, so a browser need never ask for it again.
type assets struct {
	address map[string]string // look.css -> look.0a1b2c3d4e.css
	file    map[string]string // look.0a1b2c3d4e.css -> look.css
	content map[string][]byte // by plain name
}

func readAssets(files fs.FS) (assets, error) {
	a := assets{map[string]string{}, map[string]string{}, map[string][]byte{}}
	entries, err := fs.ReadDir(files, "static")
	if err != nil {
		return a, fmt.Errorf("static files: %w", err)
	}
	for _, entry := range entries {
		if entry.IsDir() {
			continue
		}
		content, err := fs.ReadFile(files, "static/"+entry.Name())
		if err != nil {
			return a, fmt.Errorf("static files: %w", err)
		}
		a.content[entry.Name()] = content
	}
	if a.content["look.css"], err = sheet(files); err != nil {
		return a, fmt.Errorf("static files: %w", err)
	}
	for name := range a.content {
		if err := a.give(name, nil); err != nil {
			return a, err
		}
	}
	return a, nil
}

// sheet is the one stylesheet: its parts in the order of their names, and the dark
// tokens once more for a part of a page that is dark by itself.
func sheet(files fs.FS) ([]byte, error) {
	parts, err := fs.Glob(files, "static/look/*.css") // sorted
	if err != nil {
		return nil, err
	}
	dark, err := fs.ReadFile(files, "static/dark.css")
	if err != nil {
		return nil, err
	}
	all := append(bytes.Replace(dark, []byte(":root{"), []byte(".dark{"), 1), '\n')
	for _, name := range parts {
		part, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, err
		}
		all = append(append(all, part...), '\n')
	}
	return all, nil
}

var importing = regexp.MustCompile(`((?:from|import)\s*\(?\s*")\./([A-Za-z0-9._-]+)(")`)

// give names a file by the hash of its content. What a script imports is named
// before it, so that the addresses in it are the hashed ones; way is the path of
// imports that led here.
func (a assets) give(name string, way []string) error {
	if a.address[name] != "" {
		return nil
	}
	content, known := a.content[name]
	if !known || slices.Contains(way, name) {
		return fmt.Errorf("static file %s is imported by %v: missing, or in a circle", name, way)
	}
	ext := path.Ext(name)
	if ext == ".js" {
		for _, m := range importing.FindAllSubmatch(content, -1) {
			if err := a.give(string(m[2]), append(way, name)); err != nil {
				return err
			}
		}
		content = importing.ReplaceAllFunc(content, func(found []byte) []byte {
			m := importing.FindSubmatch(found)
			return []byte(string(m[1]) + "./" + a.address[string(m[2])] + string(m[3]))
		})
		a.content[name] = content
	}
	sum := sha256.Sum256(content)
	hashed := strings.TrimSuffix(name, ext) + "." + hex.EncodeToString(sum[:5]) + ext
	a.address[name], a.file[hashed] = hashed, name
	return nil
}

func (s *Site) static(w http.ResponseWriter, r *http.Request) error {
	a, keep := s.assets, "public, max-age=31536000, immutable"
	if s.opt.Dev {
		var err error
		if a, err = readAssets(s.files); err != nil {
			return err
		}
		keep = "no-cache"
	}
	name, ok := a.file[r.PathValue("name")]
	if !ok {
		return &luoshi.Error{Code: luoshi.NotFound, Message: luoshi.Say("page.not_found")}
	}
	w.Header().Set("Content-Type", mediaType(name))
	w.Header().Set("Cache-Control", keep)
	_, err := w.Write(a.content[name])
	return err
}

// mediaType tells a browser what a file is, whatever the machine's own table says.
func mediaType(name string) string {
	switch path.Ext(name) {
	case ".js", ".mjs":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	}
	return mime.TypeByExtension(path.Ext(name))
}

// Asset is the address of a static file.
func (p *page) Asset(name string) (string, error) {
	a := p.site.assets
	if p.site.opt.Dev {
		var err error
		if a, err = readAssets(p.site.files); err != nil {
			return "", err
		}
	}
	hashed, ok := a.address[name]
	if !ok {
		return "", fmt.Errorf("there is no static file %s", name)
	}
	return "/static/" + hashed, nil
}
