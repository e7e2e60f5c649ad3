package web

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
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
		name := entry.Name()
		content, err := fs.ReadFile(files, "static/"+name)
		if err != nil {
			return a, fmt.Errorf("static files: %w", err)
		}
		sum := sha256.Sum256(content)
		ext := path.Ext(name)
		hashed := strings.TrimSuffix(name, ext) + "." + hex.EncodeToString(sum[:5]) + ext
		a.address[name], a.file[hashed], a.content[name] = hashed, name, content
	}
	return a, nil
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
	w.Header().Set("Content-Type", mime.TypeByExtension(path.Ext(name)))
	w.Header().Set("Cache-Control", keep)
	_, err := w.Write(a.content[name])
	return err
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
