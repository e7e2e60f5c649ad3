package luoshi_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// The law of the house: which room may import which, and which third-party
// modules. The source is read directly: the result of `go list` would be hidden
// by the test cache. doc/ARCHITECTURE.md walks the rooms in this order.
var rooms = map[string]struct {
	pure    bool // no clock, context, file, network, database, log
	rooms   string
	modules string
}{
	".":                      {pure: true, modules: "github.com/govalues/decimal golang.org/x/text/width"},
	"forecast":               {pure: true},
	"internal/locale":        {rooms: ".", modules: "github.com/BurntSushi/toml golang.org/x/text/language"},
	"cascade":                {pure: true, rooms: ".", modules: "github.com/govalues/decimal"},
	"catchup":                {pure: true, rooms: ". cascade"},
	"rollup":                 {pure: true, rooms: ".", modules: "github.com/govalues/decimal github.com/expr-lang/expr"},
	"assess":                 {pure: true, rooms: ".", modules: "github.com/govalues/decimal github.com/expr-lang/expr"},
	"workflow":               {pure: true, rooms: "."},
	"internal/history":       {rooms: ". internal/store"},
	"internal/account":       {rooms: ". workflow internal/store", modules: "golang.org/x/crypto"},
	"internal/oidc":          {rooms: ".", modules: "github.com/coreos/go-oidc/v3 golang.org/x/oauth2"},
	"internal/oidc/oidctest": {modules: "github.com/zitadel/oidc/v3 golang.org/x/text/language"},
	"internal/demo":          {rooms: ". cascade", modules: "github.com/govalues/decimal"},
	"internal/store":         {rooms: ".", modules: "github.com/govalues/decimal modernc.org/sqlite github.com/jackc/pgx/v5 github.com/pressly/goose/v3"},
	"internal/store/pgtest":  {},
	"internal/search":        {pure: true, rooms: ".", modules: "github.com/mozillazg/go-pinyin"},
	"internal/office":        {rooms: ". internal/locale", modules: "github.com/govalues/decimal github.com/xuri/excelize/v2 golang.org/x/text"},
	"internal/service":       {rooms: ". cascade catchup rollup assess forecast workflow internal/store internal/history internal/account internal/office internal/search", modules: "github.com/govalues/decimal golang.org/x/sync"},
	"internal/backtest":      {rooms: ". forecast"},
	"internal/bench":         {rooms: ". rollup cascade internal/store internal/account internal/service", modules: "github.com/govalues/decimal golang.org/x/sync modernc.org/sqlite github.com/jackc/pgx/v5"},
	"internal/demo/fill":     {rooms: ". internal/account internal/demo internal/service"},
	"internal/demo/demotest": {rooms: ". workflow internal/account internal/demo/fill internal/service internal/store"},
	"internal/gate":          {rooms: ". internal/account internal/service internal/locale"},
	"wire":                   {pure: true, rooms: "."},
	"client":                 {rooms: ". wire"},
	"internal/api":           {rooms: ". wire workflow internal/account internal/service internal/gate internal/locale", modules: "github.com/danielgtaylor/huma/v2"},
	"internal/web":           {rooms: ". workflow internal/account internal/service internal/gate internal/locale internal/oidc", modules: "rsc.io/qr"},
	"internal/web/mapgen":    {},
	"internal/web/browser":   {modules: "github.com/chromedp/chromedp github.com/chromedp/cdproto"},
	"cmd/luoshi":             {rooms: "internal/account internal/history internal/oidc internal/service internal/store internal/backtest internal/bench internal/demo internal/demo/fill internal/gate internal/web internal/api internal/locale .", modules: "github.com/spf13/cobra github.com/spf13/pflag golang.org/x/text/width github.com/BurntSushi/toml github.com/schollz/progressbar/v3 golang.org/x/term"},
}

// impure are the doors to the world that a pure room must not have.
var impure = []string{"os", "net", "net/http", "log", "log/slog", "database/sql", "context", "io/fs", "path/filepath", "math/rand", "math/rand/v2", "syscall", "embed"}

// clocks are the calls that read the wall clock; time as a value is fine.
var clocks = []string{"time.Now", "time.Since", "time.Until", "time.After", "time.Tick", "time.Sleep"}

func TestRooms(t *testing.T) {
	const module = "luoshi.dev"
	seen := map[string]bool{}
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if path != "." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata" || path == "bench") {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		dir := filepath.ToSlash(filepath.Dir(path))
		room, listed := rooms[dir]
		if !listed {
			t.Errorf("%s: %s is not a listed room; list it and say why in doc/DECISIONS.md", path, dir)
			return nil
		}
		seen[dir] = true
		fset := token.NewFileSet()
		file, err := parser.ParseFile(fset, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		for _, spec := range file.Imports {
			imported, _ := strconv.Unquote(spec.Path.Value)
			inside, ours := strings.CutPrefix(imported, module)
			switch {
			case ours:
				target := strings.TrimPrefix(inside, "/")
				if target == "" {
					target = "."
				}
				if !slices.Contains(strings.Fields(room.rooms), target) {
					t.Errorf("%s: %s may not import %s", path, dir, target)
				}
			case strings.Contains(strings.Split(imported, "/")[0], "."):
				if !slices.ContainsFunc(strings.Fields(room.modules), func(m string) bool {
					return imported == m || strings.HasPrefix(imported, m+"/")
				}) {
					t.Errorf("%s: %s may not import the module %s", path, dir, imported)
				}
			case room.pure && slices.Contains(impure, imported):
				t.Errorf("%s: %s is pure and may not import %s", path, dir, imported)
			}
		}
		if room.pure {
			for _, call := range clocksIn(file) {
				t.Errorf("%s: %s is pure and may not call %s", path, dir, call)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for dir := range rooms {
		if !seen[dir] {
			t.Errorf("the room %s is listed but empty", dir)
		}
	}
}

// clocksIn lists the calls of a file that read the wall clock.
func clocksIn(file *ast.File) []string {
	var found []string
	ast.Inspect(file, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok {
			if pkg, ok := sel.X.(*ast.Ident); ok {
				if call := pkg.Name + "." + sel.Sel.Name; slices.Contains(clocks, call) {
					found = append(found, call)
				}
			}
		}
		return true
	})
	return found
}
