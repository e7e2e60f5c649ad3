package api

import (
	"bytes"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"luoshi.dev"
	"luoshi.dev/internal/gate"
	"luoshi.dev/internal/locale"
	"luoshi.dev/wire"
)

// The examples are answers that the demonstration gave, with long lists cut; the
// test that asks it again rewrites them with -update.
//
//go:embed examples
var examples embed.FS

// example is what was asked and answered.
type example struct {
	Status   int             `json:"status"`
	Link     string          `json:"link,omitempty"`
	Response json.RawMessage `json:"response,omitempty"`
}

// exampleOf is the example of an operation. A download has no body to show.
func exampleOf(id string) (example, error) {
	var e example
	text, err := examples.ReadFile("examples/" + id + ".json")
	if errors.Is(err, fs.ErrNotExist) {
		return e, nil // a new operation: the test says so
	}
	if err == nil {
		err = json.Unmarshal(text, &e)
	}
	return e, err
}

const about = `The REST API of luoshi 落实: whatever a page shows, as data.

- **Where an answer stands.** Every read takes ` + "`asof`, `unit`, `year`, `boundaries` and `lang`" + ` where they apply. An answer is a pure function of what was known at
  the instant, by the boundaries of the day: asked again it is the same.
- **Numbers.** An exact number is a string ("206.11") and keeps its published decimals; counts and years are numbers. What is missing is null, never 0.
- **Sentences** come in the language asked for (` + "`lang`" + `, else Accept-Language), with a key and arguments that are the same in every language.
- **Lists** come in pages: ` + "`limit`, `offset`, `total`" + ` and Link headers.
- **Caching.** Every read has an ETag; If-None-Match answers 304.
- **Errors** are RFC 9457 problem details with a ` + "`code`" + `, the sentence a page would show, the way out, and the number of the request.
- **Who asks.** A token of one's own (` + "`Authorization: Bearer luoshi_…`" + `, made on the page of the own account) acts for its person, within its scope. Without one the answer is 401.
- **Rights.** ` + "`x-luoshi-intents`" + ` names the intents of an operation, one of which is needed; doc/RIGHTS.md says which posts give them. A look that names no unit opens at the
  top of what one may see.

In the examples long lists are cut to their first entries.`

func describe(version string) *huma.OpenAPI {
	return &huma.OpenAPI{
		OpenAPI: "3.1.0",
		Info: &huma.Info{Title: "luoshi 落实", Version: version, Description: about,
			License: &huma.License{Name: "Apache 2.0", Identifier: "Apache-2.0"}},
		Servers: []*huma.Server{{URL: "/"}},
	}
}

var ratioType = reflect.TypeFor[shownRatio]()

// shownRatio is a ratio that is there; wire.Ratio itself is described as one that
// may be undefined.
type shownRatio wire.Ratio

// schemas is the register of schemas, which knows the values of package luoshi.
func schemas() huma.Registry {
	r := huma.NewMapRegistry("#/components/schemas/", func(t reflect.Type, hint string) string {
		if t == ratioType {
			return "Ratio"
		}
		return huma.DefaultSchemaNamer(t, hint)
	})
	for t, alias := range map[reflect.Type]reflect.Type{
		reflect.TypeFor[luoshi.Quantity]():     reflect.TypeFor[decimalText](),
		reflect.TypeFor[luoshi.NullQuantity](): reflect.TypeFor[nullDecimal](),
		reflect.TypeFor[luoshi.Light]():        reflect.TypeFor[lightText](),
		reflect.TypeFor[luoshi.Date]():         reflect.TypeFor[dateText](),
		reflect.TypeFor[wire.Ratio]():          reflect.TypeFor[nullRatio](),
	} {
		r.RegisterTypeAlias(t, alias)
	}
	return r
}

// refusals are the answers that are no documents asked for, by code.
func (a *API) refusals(r huma.Registry) map[string]*huma.Response {
	all := map[string]*huma.Response{}
	for code, says := range codeSays {
		all[string(code)] = &huma.Response{Description: says, Content: map[string]*huma.MediaType{
			"application/problem+json": {Schema: r.Schema(reflect.TypeFor[wire.Error](), true, "Error"), Example: a.exampleError(code)},
		}}
	}
	return all
}

// spec is the description, written once.
type spec struct{ json, yaml *gate.Kept }

// finish completes the description and writes it down.
func (a *API) finish() error {
	o := a.huma.OpenAPI()
	o.Components.Responses = a.refusals(o.Components.Schemas)
	for name, schema := range o.Components.Schemas.Map() {
		if name == "ErrorModel" || name == "ErrorDetail" || name == "FormFile" { // huma's own, which no answer has
			delete(o.Components.Schemas.Map(), name)
			continue
		}
		never(schema)
	}
	for _, op := range a.ops {
		if err := a.exemplify(op, operationOf(o, op)); err != nil {
			return fmt.Errorf("%s: %w", op.id, err)
		}
	}
	groups := map[string]bool{}
	for _, op := range a.ops {
		if !groups[op.group] {
			groups[op.group] = true
			o.Tags = append(o.Tags, &huma.Tag{Name: a.words.Word(locale.En, "api.group."+op.group)})
		}
	}
	raw, err := o.MarshalJSON()
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := json.Indent(&b, raw, "", " "); err != nil {
		return err
	}
	b.WriteByte('\n')
	yaml, err := o.YAML()
	if err != nil {
		return err
	}
	a.spec = spec{gate.Keep(b.Bytes()), gate.Keep(yaml)}
	return nil
}

// never says of a schema's lists that they are never null.
func never(s *huma.Schema) {
	if s == nil {
		return
	}
	if s.Type == huma.TypeArray {
		s.Nullable = false
	}
	never(s.Items)
	for _, p := range s.Properties {
		never(p)
	}
	if more, ok := s.AdditionalProperties.(*huma.Schema); ok {
		never(more)
	}
	for _, p := range s.AnyOf {
		never(p)
	}
}

func operationOf(o *huma.OpenAPI, op *operation) *huma.Operation {
	item := o.Paths[op.path]
	if op.method == http.MethodPost {
		return item.Post
	}
	return item.Get
}

// exemplify puts the examples of an operation in place.
func (a *API) exemplify(op *operation, o *huma.Operation) error {
	e, err := exampleOf(op.id)
	if err != nil {
		return err
	}
	good := o.Responses["200"].Content["application/json"]
	if good != nil && len(e.Response) > 0 {
		good.Example = e.Response
	}
	if op.body != "" {
		o.RequestBody.Content["application/json"].Example = json.RawMessage(op.body)
	}
	o.Extensions["x-luoshi-example"] = op.method + " " + op.try
	return nil
}

// exampleError is what an error of a code looks like.
func (a *API) exampleError(code luoshi.Code) any {
	says := map[luoshi.Code]luoshi.Message{
		luoshi.Invalid:     luoshi.Say("asof.unreadable", "text", "yesterday"),
		luoshi.NotFound:    luoshi.Say("import.unit_unknown", "code", "999999"),
		luoshi.SignIn:      luoshi.Say("may.sign_in"),
		luoshi.Forbidden:   luoshi.Say("may.role", "intent", luoshi.Say("intent.target.set"), "roles", []luoshi.Role{luoshi.Planner}),
		luoshi.Conflict:    luoshi.Say("store.undone", "batch", 2, "name", "july.xlsx"),
		luoshi.TooLarge:    luoshi.Say("gate.too_large", "limit", 1024),
		luoshi.Unavailable: luoshi.Say("page.error.unavailable.say"),
		luoshi.Internal:    luoshi.Say("error.internal"),
	}
	p := a.bare(locale.En, code, says[code])
	p.Instance = "K3J7WQ2M"
	return p.details
}

// description serves the description as JSON or YAML.
func (a *API) description(w http.ResponseWriter, r *http.Request) {
	text, kind := a.spec.json, "application/json"
	if strings.HasSuffix(r.URL.Path, ".yaml") {
		text, kind = a.spec.yaml, "application/yaml"
	}
	w.Header().Set("Content-Type", kind)
	_ = text.Send(w, r) // the client has gone: nothing left to tell it
}

// jsonText is JSON that is already written.
type jsonText = json.RawMessage

// pretty sets JSON out over lines.
func pretty(raw []byte) string {
	var b bytes.Buffer
	if json.Indent(&b, bytes.TrimSpace(raw), "", "  ") != nil {
		return string(raw)
	}
	return b.String()
}

// keysOf are the keys of a map.
func keysOf[V any](m map[string]V) func(yield func(string) bool) {
	return maps.Keys(m)
}
