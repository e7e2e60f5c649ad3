package api_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"luoshi.dev/internal/api"
	"luoshi.dev/workflow"
)

// The description is as it was last agreed on. It is compared at the version
// "test", with the examples as they are.
func TestDescription(t *testing.T) {
	h := behindGate(t, api.Options{})
	w := get(h, "/api/openapi.json")
	if w.Code != http.StatusOK || w.Header().Get("Etag") == "" {
		t.Fatalf("status %d", w.Code)
	}
	golden(t, "testdata/openapi.json", w.Body.Bytes())
	if y := get(h, "/api/openapi.yaml"); y.Code != http.StatusOK || !strings.Contains(y.Body.String(), "openapi: 3.1.0") {
		t.Errorf("yaml: %d %.200s", y.Code, y.Body)
	}
}

type described struct {
	OpenAPI    string
	Paths      map[string]map[string]describedOp
	Components struct {
		Schemas   map[string]any
		Responses map[string]describedResponse
	}
}

type describedResponse struct {
	Ref         string `json:"$ref"`
	Description string
	Content     map[string]struct{ Example, Schema any }
}

type describedOp struct {
	OperationID, Summary, Description string
	Intents                           []string `json:"x-luoshi-intents"`
	Example                           string   `json:"x-luoshi-example"`
	Parameters                        []struct{ Name, In, Description string }
	RequestBody                       *struct {
		Content map[string]struct{ Example, Schema any }
	}
	Responses map[string]describedResponse
}

func description(t *testing.T, h http.Handler) described {
	t.Helper()
	var d described
	if err := json.Unmarshal(get(h, "/api/openapi.json").Body.Bytes(), &d); err != nil {
		t.Fatal(err)
	}
	return d
}

// Every address that answers is described, and every description has what a reader
// needs: a name, words, examples, what can go wrong, who may use it.
func TestEveryRouteIsDescribed(t *testing.T) {
	a := build(t, api.Options{})
	d := description(t, a)
	english := regexp.MustCompile(`^[A-Z][\x20-\x7e–—…“”’→≥≤×]+$`)
	ids := map[string]bool{}
	seen := 0
	for _, op := range a.Routes() {
		if op.Document {
			continue
		}
		seen++
		one, ok := d.Paths[op.Path][strings.ToLower(op.Method)]
		name := op.Method + " " + op.Path
		if !ok {
			t.Errorf("%s answers but is not described", name)
			continue
		}
		if one.OperationID == "" || ids[one.OperationID] {
			t.Errorf("%s: operationId %q is missing or taken", name, one.OperationID)
		}
		ids[one.OperationID] = true
		if !english.MatchString(one.Summary) || len(one.Summary) > 90 || len(one.Description) < 80 {
			t.Errorf("%s: summary %q, description %q", name, one.Summary, one.Description)
		}
		if len(one.Intents) == 0 || len(one.Intents) != len(op.Intents) || !strings.Contains(one.Description, "(intent `"+one.Intents[0]+"`") {
			t.Errorf("%s: who may use it? %q", name, one.Intents)
		}
		if !strings.HasPrefix(one.Example, name[:strings.IndexAny(name+"{", "{")]) {
			t.Errorf("%s: the example is %q", name, one.Example)
		}
		for _, p := range one.Parameters {
			if p.Description == "" {
				t.Errorf("%s: what is %s?", name, p.Name)
			}
		}
		for _, status := range []string{"400", "500", "503"} {
			if _, ok := one.Responses[status]; !ok {
				t.Errorf("%s: does not say what %s means", name, status)
			}
		}
		if _, ok := one.Responses["403"]; ok == slices.Contains(op.Intents, workflow.Open) {
			t.Errorf("%s: 403 is described: %t", name, ok)
		}
		for status, r := range one.Responses {
			if ref, ok := strings.CutPrefix(r.Ref, "#/components/responses/"); ok {
				r = d.Components.Responses[ref]
			}
			if r.Description == "" {
				t.Errorf("%s: what does %s mean?", name, status)
			}
			for kind, media := range r.Content {
				if media.Schema == nil || media.Example == nil && strings.Contains(kind, "json") {
					t.Errorf("%s: %s %s has no schema or no example", name, status, kind)
				}
			}
		}
		if one.RequestBody != nil {
			for kind, media := range one.RequestBody.Content {
				if media.Schema == nil || media.Example == nil && kind == "application/json" {
					t.Errorf("%s: the body %s has no schema or no example", name, kind)
				}
			}
		}
	}
	described := 0
	for _, methods := range d.Paths {
		described += len(methods)
	}
	if described != seen || seen == 0 {
		t.Errorf("%d operations are described, %d answer", described, seen)
	}
}

// The examples are what the demonstration answers to what they ask, long lists
// cut. With -update they are asked again; run it twice to have the description too.
func TestExamplesAreTrue(t *testing.T) {
	a := build(t, api.Options{})
	known := map[string]bool{}
	for _, op := range a.Routes() {
		if op.Document {
			continue
		}
		known[op.ID+".json"] = true
		t.Run(op.ID, func(t *testing.T) {
			h := http.Handler(a)
			if op.Changes || len(op.Before) > 0 {
				h = build(t, api.Options{Change: true})
			}
			kind, body := "application/json", []byte(op.Body)
			if op.File != "" {
				content, err := os.ReadFile(filepath.Join("testdata", op.File))
				if err != nil {
					t.Fatal(err)
				}
				form, multi := upload(t, op.File, content)
				b := new(bytes.Buffer)
				_, _ = b.ReadFrom(form)
				kind, body = multi, b.Bytes()
			}
			for _, before := range op.Before {
				if w := ask(h, http.MethodPost, before.Path, strings.NewReader(before.Body), "Content-Type", "application/json"); w.Code != http.StatusOK {
					t.Fatalf("before it: %d %s", w.Code, w.Body)
				}
			}
			w := ask(h, op.Method, op.Try, bytes.NewReader(body), "Content-Type", kind, "Accept-Language", "en")
			if w.Code != http.StatusOK {
				t.Fatalf("%s %s: %d %s", op.Method, op.Try, w.Code, w.Body)
			}
			got := map[string]any{"status": w.Code}
			if link := w.Header().Get("Link"); link != "" {
				got["link"] = link
			}
			if w.Header().Get("Content-Type") == "application/json" {
				for _, err := range a.Check(op.ID, w.Body.Bytes()) {
					t.Error(err)
				}
				got["response"] = cutLists(json.RawMessage(w.Body.Bytes()), op.Long)
			}
			text, err := json.MarshalIndent(got, "", " ")
			if err != nil {
				t.Fatal(err)
			}
			golden(t, "examples/"+op.ID+".json", append(settle(text), '\n'))
		})
	}
	files, _ := filepath.Glob("examples/*.json")
	for _, file := range files {
		if !known[filepath.Base(file)] {
			t.Errorf("%s is the example of no operation", file)
		}
	}
}

// cutLists keeps the first entries of every list, in the order of the document.
func cutLists(raw json.RawMessage, long bool) json.RawMessage {
	keep := 2
	if long {
		keep = 1
	}
	var list []json.RawMessage
	switch trimmed := bytes.TrimSpace(raw); trimmed[0] {
	case '[':
		_ = json.Unmarshal(raw, &list)
		list = list[:min(keep, len(list))]
		for i := range list {
			list[i] = cutLists(list[i], long)
		}
		out, _ := json.Marshal(list)
		return out
	case '{':
		d := json.NewDecoder(bytes.NewReader(raw))
		_, _ = d.Token()
		var b bytes.Buffer
		b.WriteByte('{')
		for first := true; d.More(); first = false {
			name, _ := d.Token()
			var v json.RawMessage
			_ = d.Decode(&v)
			if !first {
				b.WriteByte(',')
			}
			key, _ := json.Marshal(name)
			b.Write(key)
			b.WriteByte(':')
			b.Write(cutLists(v, long))
		}
		b.WriteByte('}')
		return b.Bytes()
	}
	return raw
}

// settle puts a fixed value in the place of what differs from run to run: when the
// test wrote, and by which Go it was built.
func settle(text []byte) []byte {
	for _, one := range []struct{ form, to string }{
		{`"go": "[^"]*"`, `"go": "go1.25"`},
		{`"first_password": "[^"]*"`, `"first_password": "k3zd-897g-utsn-upsw"`},
		{`"(hash|prev|end)": "[0-9a-f]{64}"`, `"$1": "3a7bd3e2360a3d29eea436fcfb7e44c735d117c42d1c1835420b6b9942dd4f1b"`},
		{`"(before|id)": "(202[5-9]|20[3-9]\d)\d{4}-\d{16}"`, `"$1": "20261123-1795397400000000"`},
		{`"seen": (1[89]|[2-9]\d)\d{14}`, `"seen": 1795397400000000`},
		{`"from": "(202[5-9]|20[3-9]\d)-[^"]*"`, `"from": "2026-11-23"`},
		{`"(asof|recorded_at|at|entered_at)": "(202[1-9]|20[3-9]\d)-[^"]*"`, `"$1": "2026-11-23T09:30:00+08:00"`},
		{`"from": "(202[6-9]|20[3-9]\d)-[^"]*"`, `"from": "2026-11-23"`},
		{`"(before|id)": "(202[6-9]|20[3-9]\d)\d{4}-\d+"`, `"$1": "20261123-1795397400000000"`},
	} {
		text = regexp.MustCompile(one.form).ReplaceAll(text, []byte(one.to))
	}
	return text
}
