package api

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"slices"
	"sort"
	"strconv"
	"strings"
	"sync"

	"github.com/danielgtaylor/huma/v2"

	"luoshi.dev"
	"luoshi.dev/internal/gate"
	"luoshi.dev/internal/locale"
)

// Shell puts a page's body into the frame of the product's pages. The same body is
// the same pointer, so that the whole page can be kept.
type Shell func(w http.ResponseWriter, r *http.Request, title string, body *template.HTML) error

//go:embed reference.html
var referenceText string

// refPage is the reference as its template lays it out.
type refPage struct {
	words  *locale.Catalogue
	lang   locale.Lang
	Groups []refGroup
	Common []refField
	Types  []refType
	Errors []refError
	Base   string // scheme and name of this server, for the curl lines
	About  []string
}

type refGroup struct {
	Name string
	Ops  []refOp
}

// refOp is one operation.
type refOp struct {
	ID, Method, Path, Summary, Says string
	Changes                         bool
	Common                          []string   // parameters that mean the same everywhere
	Params, Fields                  []refField // of the address; of the body
	BodyKind, Body                  string     // its media type and its example
	Curl                            string
	Try                             string // the example's address, where a link can ask for it
	Gives                           refLink
	Example                         string
	Statuses                        []refStatus
}

type refField struct {
	Name, In string
	Must     bool
	Type     refLink
	Doc      string
}

// refLink is a type by name, linked where it is a document of its own.
type refLink struct{ Before, Text, Href, After string }

type refStatus struct{ Code, Says, Href string }

type refType struct {
	Name   string
	Fields []refField
}

type refError struct{ Code, Status, Title, Says string }

// W is the word or sentence of a key.
func (p *refPage) W(key string, pairs ...any) string {
	return p.words.Say(p.lang, luoshi.Say(key, pairs...))
}

// reference shows every operation with what it takes and gives. It is written from
// the description itself.
func (a *API) reference(w http.ResponseWriter, r *http.Request) {
	body, err := a.referenceBody(r)
	if err == nil {
		title := a.words.Word(gate.Lang(r), "api.title")
		if a.opt.Shell != nil {
			err = a.opt.Shell(w, r, title, body)
		} else {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			_, err = fmt.Fprintf(w, "<!doctype html><html lang=%q><title>%s</title>%s</html>", gate.Lang(r), template.HTMLEscapeString(title), *body)
		}
	}
	if err != nil {
		slog.ErrorContext(r.Context(), "reference", "id", gate.ID(r.Context()), "err", err)
		a.Fail(w, r, err)
	}
}

// references are the bodies of the reference, written once for each language and
// name of this server.
type references struct {
	mu sync.Mutex
	by map[reference]*template.HTML
}

type reference struct {
	lang locale.Lang
	base string // scheme and name of this server, for the curl lines
}

// manyNames bounds the bodies held: names are the asker's to choose.
const manyNames = 8

func (a *API) referenceBody(r *http.Request) (*template.HTML, error) {
	key := reference{gate.Lang(r), "http://" + r.Host}
	if gate.Secure(r) {
		key.base = "https://" + r.Host
	}
	a.pages.mu.Lock() // however many ask at once, it is written once
	defer a.pages.mu.Unlock()
	if body := a.pages.by[key]; body != nil {
		return body, nil
	}
	t, err := template.New("reference").Funcs(template.FuncMap{
		"split": func(s string) []string { return strings.Split(s, "`") }, "odd": func(i int) bool { return i%2 == 1 },
	}).Parse(referenceText)
	if err != nil {
		return nil, fmt.Errorf("reference: %w", err)
	}
	var b bytes.Buffer
	if err := t.Execute(&b, a.refPage(key)); err != nil {
		return nil, fmt.Errorf("reference: %w", err)
	}
	body := template.HTML(b.String()) //nolint:gosec // the template has escaped it
	if a.pages.by == nil || len(a.pages.by) >= manyNames {
		a.pages.by = map[reference]*template.HTML{}
	}
	a.pages.by[key] = &body
	return &body, nil
}

func (a *API) refPage(of reference) *refPage {
	p := &refPage{words: a.words, lang: of.lang, Base: of.base}
	o := a.huma.OpenAPI()
	for _, op := range a.ops {
		name := p.W("api.group." + op.group)
		if n := len(p.Groups); n == 0 || p.Groups[n-1].Name != name {
			p.Groups = append(p.Groups, refGroup{Name: name})
		}
		g := &p.Groups[len(p.Groups)-1]
		g.Ops = append(g.Ops, p.op(op, operationOf(o, op), o.Components.Schemas))
	}
	types := o.Components.Schemas.Map()
	for name, schema := range types {
		p.Types = append(p.Types, refType{name, fieldsOf(schema)})
	}
	sort.Slice(p.Types, func(i, j int) bool { return p.Types[i].Name < p.Types[j].Name })
	for _, code := range []luoshi.Code{luoshi.Invalid, luoshi.SignIn, luoshi.Forbidden, luoshi.NotFound, luoshi.Conflict, luoshi.TooLarge, luoshi.Internal, luoshi.Unavailable} {
		p.Errors = append(p.Errors, refError{string(code), strconv.Itoa(gate.Status(code)), p.W("page.error." + string(code)), p.W("api.code." + string(code))})
	}
	for _, key := range []string{"stands", "numbers", "sentences", "lists", "caching", "rights"} {
		p.About = append(p.About, p.W("api.about."+key))
	}
	return p
}

// commonParams are explained once.
var commonParams = []string{"asof", "unit", "year", "boundaries", "lang", "limit", "offset"}

func (p *refPage) op(op *operation, o *huma.Operation, schemas huma.Registry) refOp {
	out := refOp{ID: op.id, Method: op.method, Path: op.path, Summary: p.W("api.op." + op.id), Says: op.says, Changes: op.needs.change()}
	for _, param := range o.Parameters {
		field := refField{Name: param.Name, In: param.In, Must: param.Required, Type: typeOf(param.Schema), Doc: param.Description}
		if !slices.Contains(commonParams, param.Name) || param.In != "query" {
			out.Params = append(out.Params, field)
			continue
		}
		out.Common = append(out.Common, param.Name)
		if !slices.ContainsFunc(p.Common, func(f refField) bool { return f.Name == param.Name }) {
			p.Common = append(p.Common, field)
		}
	}
	address := p.Base + op.try
	switch {
	case op.file != "":
		out.BodyKind = "multipart/form-data"
		out.Fields = fieldsOf(o.RequestBody.Content[out.BodyKind].Schema)
		out.Curl = "curl -F file=@" + op.file + " '" + address + "'"
	case op.body != "":
		out.BodyKind, out.Body = "application/json", pretty([]byte(op.body))
		schema := o.RequestBody.Content[out.BodyKind].Schema
		if schema.Ref != "" {
			schema = schemas.SchemaFromRef(schema.Ref)
		}
		out.Fields = fieldsOf(schema)
		out.Curl = "curl -H 'Content-Type: application/json' -d '" + strings.ReplaceAll(op.body, "'", `'\''`) + "' '" + address + "'"
	case op.method == http.MethodPost:
		out.Curl = "curl -X POST '" + address + "'"
	case op.gives != "":
		out.Curl, out.Try = "curl -OJ '"+address+"'", op.try
	default:
		out.Curl, out.Try = "curl '"+address+"'", op.try
	}
	if media := o.Responses["200"].Content["application/json"]; media != nil {
		out.Gives = typeOf(media.Schema)
		if raw, ok := media.Example.(jsonText); ok {
			out.Example = pretty(raw)
		}
	} else {
		out.Gives.Text = op.gives
	}
	for _, status := range slices.Sorted(keysOf(o.Responses)) {
		r := o.Responses[status]
		if code := luoshi.Code(r.Ref[strings.LastIndex(r.Ref, "/")+1:]); code != "" {
			out.Statuses = append(out.Statuses, refStatus{status, codeSays[code], "#error-" + string(code)})
		} else if status != "200" {
			out.Statuses = append(out.Statuses, refStatus{status, r.Description, ""})
		}
	}
	return out
}

// fieldsOf lists what a document or body is made of, what must be there first.
func fieldsOf(s *huma.Schema) []refField {
	var list []refField
	for name, field := range s.Properties {
		list = append(list, refField{Name: name, Must: slices.Contains(s.Required, name), Type: typeOf(field), Doc: field.Description})
	}
	sort.Slice(list, func(i, j int) bool {
		if list[i].Must != list[j].Must {
			return list[i].Must
		}
		return list[i].Name < list[j].Name
	})
	return list
}

// typeOf is a type in a word or two.
func typeOf(s *huma.Schema) refLink {
	switch {
	case s == nil:
		return refLink{Text: "any"}
	case s.Ref != "":
		name := s.Ref[strings.LastIndex(s.Ref, "/")+1:]
		return refLink{Text: name, Href: "#type-" + name}
	case len(s.AnyOf) == 2:
		t := typeOf(s.AnyOf[0])
		t.After += " or null"
		return t
	case s.Type == huma.TypeArray:
		t := typeOf(s.Items)
		t.Before = "list of " + t.Before
		return t
	case s.Type == huma.TypeObject:
		if more, ok := s.AdditionalProperties.(*huma.Schema); ok {
			t := typeOf(more)
			t.Before = "by name: " + t.Before
			return t
		}
		return refLink{Text: "object"}
	}
	t := refLink{Text: s.Type}
	switch {
	case len(s.Enum) > 0:
		words := make([]string, len(s.Enum))
		for i, v := range s.Enum {
			words[i] = fmt.Sprint(v)
		}
		t.Text = strings.Join(words, " | ")
	case s.Format == "decimal":
		t.Text = `exact number "206.11"`
	case s.Format == "civil-date":
		t.Text = `day "2020-07-31"`
	case s.Format == "date-time":
		t.Text = "instant, RFC 3339"
	case s.Type == "":
		t.Text = "any"
	}
	if s.Nullable {
		t.After = " or null"
	}
	return t
}
