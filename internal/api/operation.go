package api

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"luoshi.dev"
	"luoshi.dev/internal/gate"
	"luoshi.dev/internal/locale"
	"luoshi.dev/workflow"
)

// needs are the intents of an operation: one of them lets in, and what is done there
// is asked about once more by the service, at its unit.
type needs []workflow.Intent

// What operations ask for.
var (
	open    = needs{workflow.Open}
	board   = needs{workflow.ReadBoard}
	plan    = needs{workflow.ReadPlan}
	tree    = needs{workflow.ReadUnits}
	search  = needs{workflow.Search}
	sets    = needs{workflow.SetTarget}
	states  = needs{workflow.StateCapacity}
	alters  = needs{workflow.SetTarget, workflow.EditPlan, workflow.EditUnits}
	imports = needs{workflow.ReadImports}
	brings  = needs{workflow.Report, workflow.SetTarget}
	undoes  = needs{workflow.UndoImport}
	folk    = needs{workflow.ReadPeople}
	admits  = needs{workflow.EditPeople}
	posts   = needs{workflow.EditPosts}
	names   = needs{workflow.EditDuties}
	audits  = needs{workflow.ReadHistory}
	reads   = needs{workflow.ReadBoard, workflow.ReadPlan}
)

// change reports whether something is written.
func (n needs) change() bool {
	return slices.ContainsFunc(n, func(i workflow.Intent) bool { rule, _ := workflow.RuleOf(i); return rule.Changes })
}

// personal reports whether the answer tells how somebody's account stands, or a
// password: it is then kept nowhere.
func (n needs) personal() bool {
	return slices.ContainsFunc(n, func(i workflow.Intent) bool {
		return slices.Contains([]workflow.Intent{workflow.ReadPeople, workflow.EditPeople, workflow.EditPosts}, i)
	})
}

// words are the intents as they are written.
func (n needs) words() []string {
	list := make([]string, len(n))
	for i, intent := range n {
		list[i] = string(intent)
	}
	return list
}

// says tells who may use it, in English.
func (n needs) says() string {
	if n[0] == workflow.Open {
		return "Who may use it: anybody (intent `" + string(workflow.Open) + "`)."
	}
	var roles []string
	for _, intent := range n {
		rule, _ := workflow.RuleOf(intent)
		for _, role := range rule.Roles {
			roles = append(roles, string(role))
		}
	}
	slices.Sort(roles)
	return "Who may use it: " + strings.Join(slices.Compact(roles), ", ") + " (intent `" + strings.Join(n.words(), "` or `") + "`), at the units that their posts cover."
}

// operation is one address: what it is for, who may use it, how to try it.
type operation struct {
	id, method, path string
	group            string // under which it stands in the reference
	says             string // English, as in the description; its summary is the word api.op.<id>
	needs            needs
	fails            []luoshi.Code // beside what every operation may answer
	try              string        // path and query of its example
	body             string        // of its example, JSON
	file             string        // of its example, sent as the field "file"
	before           []Prelude     // what the example presupposes
	gives            string        // media type of the answer where it is no document
	long             bool          // many lists in it: examples keep one entry of each
}

// reply is an answer ready to be sent: a document already written.
type reply struct {
	Status   int
	Type     string `header:"Content-Type" hidden:"true"`
	Language string `header:"Content-Language" hidden:"true"`
	Vary     string `header:"Vary" hidden:"true"`
	Encoding string `header:"Content-Encoding" hidden:"true"`
	Etag     string `header:"ETag" hidden:"true"`
	Link     string `header:"Link" hidden:"true"`
	File     string `header:"Content-Disposition" hidden:"true"`
	Location string `header:"Location" hidden:"true"`
	Cache    string `header:"Cache-Control" hidden:"true"`
	Body     []byte
}

// span is a list that is handed out in pages.
type span interface {
	Span() (total, limit, offset int)
}

// view registers a read whose view the service keeps: as long as it hands out the
// same one, the answer written last is sent again.
func view[In, V, Out any](a *API, op operation, ask func(context.Context, *In) (*V, error), show func(*scribe, *In, *V) (Out, error)) {
	register[In, Out](a, op, func(ctx context.Context, in *In) (*reply, error) {
		v, err := ask(ctx, in)
		if err != nil {
			return nil, err
		}
		q := askedOf(ctx)
		key := q.url.Path + "?" + q.url.RawQuery + " " + string(q.lang)
		kept, err := a.shelf.Answer(key, v, func() (*gate.Kept, error) {
			out, err := show(a.scribe(ctx), in, v)
			if err != nil {
				return nil, err
			}
			body, err := encode(out)
			if err != nil {
				return nil, err
			}
			kept := gate.Keep(body)
			kept.Link = links(q.url, out)
			return kept, nil
		})
		if err != nil {
			return nil, err
		}
		body, encoding := kept.Body(q.accept)
		return &reply{Body: body, Encoding: encoding, Etag: kept.Tag, Link: kept.Link}, nil
	})
}

// answer registers an operation whose answer is made anew each time.
func answer[In, Out any](a *API, op operation, do func(*scribe, context.Context, *In) (Out, error)) {
	register[In, Out](a, op, func(ctx context.Context, in *In) (*reply, error) {
		out, err := do(a.scribe(ctx), ctx, in)
		if err != nil {
			return nil, err
		}
		body, err := encode(out)
		if err != nil {
			return nil, err
		}
		return &reply{Body: body, Link: links(askedOf(ctx).url, out)}, nil
	})
}

// download registers a read that answers with a file.
func download[In any](a *API, op operation, do func(ctx context.Context, in *In) (file []byte, name, kind string, err error)) {
	register[In, []byte](a, op, func(ctx context.Context, in *In) (*reply, error) {
		file, name, kind, err := do(ctx, in)
		if err != nil {
			return nil, err
		}
		return &reply{Body: file, Type: kind, File: `attachment; filename="` + name + `"`}, nil
	})
}

// register puts an operation into the description and behind its address.
func register[In, Out any](a *API, op operation, do func(context.Context, *In) (*reply, error)) {
	a.ops = append(a.ops, &op)
	o := huma.Operation{
		OperationID: op.id, Method: op.method, Path: op.path, Summary: a.words.Word(locale.En, "api.op."+op.id), Tags: []string{a.words.Word(locale.En, "api.group."+op.group)}, DefaultStatus: http.StatusOK,
		Description: op.says + "\n\n" + op.needs.says(), Extensions: map[string]any{"x-luoshi-intents": op.needs.words()},
		Responses:       a.responses(&op, reflect.TypeFor[Out]()),
		BodyReadTimeout: time.Minute, // as the server's; an upload has more from the gate
	}
	o.Middlewares = huma.Middlewares{a.barrier(op.needs)}
	if op.file != "" {
		o.MaxBodyBytes = -1 // the gate bounds it
	}
	huma.Register(a.huma, o, func(ctx context.Context, in *In) (*reply, error) {
		out, err := do(ctx, in)
		if err != nil {
			p := a.problemOf(ctx, err)
			head := http.Header{"Content-Language": {string(askedOf(ctx).lang)}, "Vary": {"Accept-Language, Cookie"}}
			return nil, huma.ErrorWithHeaders(p, head)
		}
		out.Status = max(out.Status, http.StatusOK)
		if op.needs.personal() {
			out.Cache = "no-store"
		}
		if out.Type == "" {
			out.Type, out.Language, out.Vary = "application/json", string(askedOf(ctx).lang), "Accept-Language, Cookie"
		}
		return out, nil
	})
}

// barrier refuses whoever has none of the intents anywhere, before anything is read.
func (a *API) barrier(asked needs) func(huma.Context, func(huma.Context)) {
	return func(ctx huma.Context, next func(huma.Context)) {
		err := a.allowed(ctx.Context(), asked)
		if err == nil {
			next(ctx)
			return
		}
		p := a.problemOf(ctx.Context(), err)
		ctx.SetHeader("Content-Type", p.ContentType(""))
		ctx.SetHeader("Content-Language", string(askedOf(ctx.Context()).lang))
		if p.Status == http.StatusUnauthorized {
			ctx.SetHeader("WWW-Authenticate", `Bearer realm="luoshi"`)
		}
		ctx.SetStatus(p.Status)
		_ = json.NewEncoder(ctx.BodyWriter()).Encode(p) // the client has gone: nothing left to tell it
	}
}

func (a *API) allowed(ctx context.Context, asked needs) error {
	var err error
	for _, intent := range asked {
		if err = a.board.May(ctx, intent, "").Err(); err == nil {
			return nil
		}
	}
	return err
}

// responses are the answers of an operation but for their examples.
func (a *API) responses(op *operation, out reflect.Type) map[string]*huma.Response {
	registry := a.huma.OpenAPI().Components.Schemas
	good := &huma.Response{Description: "As asked", Headers: map[string]*huma.Header{}, Content: map[string]*huma.MediaType{}}
	if op.gives != "" {
		good.Content[op.gives] = &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}
	} else {
		good.Content["application/json"] = &huma.MediaType{Schema: registry.Schema(out, true, op.id)}
	}
	text := &huma.Schema{Type: huma.TypeString}
	if kept := op.method == http.MethodGet && !op.needs.personal(); kept {
		good.Headers["ETag"] = &huma.Header{Description: "Hash of the answer; sent back as If-None-Match it saves the body: 304", Schema: text}
	}
	if out.Implements(reflect.TypeFor[span]()) {
		good.Headers["Link"] = &huma.Header{Description: "RFC 8288: first, prev, next, last page of the list", Schema: text}
	}
	all := map[string]*huma.Response{"200": good}
	if op.method == http.MethodGet && !op.needs.personal() {
		all["304"] = &huma.Response{Description: "What If-None-Match names is still the answer"}
	}
	codes := append([]luoshi.Code{luoshi.Invalid, luoshi.Internal, luoshi.Unavailable}, op.fails...)
	if op.needs[0] != workflow.Open {
		codes = append(codes, luoshi.SignIn, luoshi.Forbidden)
	}
	slices.Sort(codes)
	for _, code := range slices.Compact(codes) {
		all[strconv.Itoa(gate.Status(code))] = &huma.Response{Ref: "#/components/responses/" + string(code)}
	}
	return all
}

var codeSays = map[luoshi.Code]string{
	luoshi.Invalid:     "invalid: the request breaks a rule; `errors` says which parameter or field",
	luoshi.NotFound:    "not_found: nothing has that code or address",
	luoshi.Conflict:    "conflict: it collides with what is stored",
	luoshi.SignIn:      "sign_in: nobody is signed in, or the token is not good",
	luoshi.Forbidden:   "forbidden: no post gives the right, the token's scope lacks it, or another site's page sent the request",
	luoshi.TooLarge:    "too_large: more than is accepted in one go",
	luoshi.Unavailable: "unavailable: try again later",
	luoshi.Internal:    "internal: our fault; `instance` finds it in the server's log",
}

// encode writes a document; an answer is read by people too.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, fmt.Errorf("write %T: %w", v, err)
	}
	return b.Bytes(), nil
}

// links are the neighbours of a page of a list, with all else as it was asked.
func links(at *url.URL, out any) string {
	list, ok := out.(span)
	if !ok {
		return ""
	}
	total, limit, offset := list.Span()
	if limit <= 0 || total <= limit && offset == 0 {
		return ""
	}
	var parts []string
	add := func(rel string, to int) {
		q := at.Query()
		q.Set("limit", strconv.Itoa(limit))
		q.Set("offset", strconv.Itoa(to))
		parts = append(parts, "<"+at.EscapedPath()+"?"+q.Encode()+`>; rel="`+rel+`"`)
	}
	add("first", 0)
	if offset > 0 {
		add("prev", max(0, offset-limit))
	}
	if offset+limit < total {
		add("next", offset+limit)
	}
	add("last", max(0, (total-1)/limit*limit))
	return strings.Join(parts, ", ")
}
