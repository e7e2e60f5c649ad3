package gate

import (
	"bytes"
	"compress/gzip"
	"container/list"
	"io"
	"net/http"
	"reflect"
	"sync"
	"weak"
)

// Shelf holds answers as they were last written, compressed. The service hands out
// the same view for as long as nothing has changed, so an answer stays true for as
// long as the view that it was made from is the one handed out. A view is a pointer;
// the shelf does not keep what it points to. The zero value is meant for use.
type Shelf struct {
	mu      sync.Mutex
	by      map[string]*list.Element // of *shelved
	order   list.List                // least recently asked for first
	bytes   int
	writing map[string]*writing
}

type shelved struct {
	key  string
	from origin
	kept *Kept
}

// shelfBytes bounds the answers held, as they lie there: some two thousand pages
// of the size of an overview, a hundred of the largest matrices.
const shelfBytes = 12 << 20

// writing is an answer that somebody writes just now.
type writing struct {
	from origin
	done chan struct{}
	kept *Kept // nil where it failed
}

// origin is the view that an answer was made from: equal for the same one alone, also
// when another has come to lie in its place.
type origin = weak.Pointer[byte]

func originOf(view any) origin {
	return weak.Make((*byte)(reflect.ValueOf(view).UnsafePointer()))
}

// Answer is the answer under a key made from this view: the one that lies there, or
// one that is written now. However many ask at once, it is written once.
func (s *Shelf) Answer(key string, view any, write func() (*Kept, error)) (*Kept, error) {
	from := originOf(view)
	s.mu.Lock()
	if e := s.by[key]; e != nil && e.Value.(*shelved).from == from {
		s.order.MoveToBack(e)
		s.mu.Unlock()
		return e.Value.(*shelved).kept, nil
	}
	if w := s.writing[key]; w != nil && w.from == from {
		s.mu.Unlock()
		if <-w.done; w.kept != nil {
			return w.kept, nil
		}
		return write() // the other may have failed for a reason of its own
	}
	w := &writing{from: from, done: make(chan struct{})}
	if s.writing == nil {
		s.writing = map[string]*writing{}
	}
	s.writing[key] = w
	s.mu.Unlock()
	defer s.written(key, w)
	kept, err := write()
	w.kept = kept
	return kept, err
}

// written puts an answer on the shelf; those asked for least recently make room.
func (s *Shelf) written(key string, w *writing) {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer close(w.done)
	if s.writing[key] == w {
		delete(s.writing, key)
	}
	if w.kept == nil {
		return
	}
	s.drop(s.by[key])
	for s.bytes+w.kept.weight() > shelfBytes && s.order.Len() > 0 {
		s.drop(s.order.Front())
	}
	if s.by == nil {
		s.by = map[string]*list.Element{}
	}
	s.by[key] = s.order.PushBack(&shelved{key, w.from, w.kept})
	s.bytes += w.kept.weight()
}

func (s *Shelf) drop(e *list.Element) {
	if e == nil {
		return
	}
	old := s.order.Remove(e).(*shelved)
	delete(s.by, old.key)
	s.bytes -= old.kept.weight()
}

// Kept is an answer that is sent as it is, again and again.
type Kept struct {
	Tag    string // its ETag
	Link   string // its Link header, for whoever needs one
	plain  []byte // of a small one
	packed []byte // of any other
}

// Keep makes an answer ready to be sent often.
func Keep(body []byte) *Kept {
	k := &Kept{Tag: Tag(body)}
	if len(body) < small {
		k.plain = bytes.Clone(body)
	} else {
		k.packed = compress(body)
	}
	return k
}

func (k *Kept) weight() int { return len(k.plain) + len(k.packed) + 512 }

// Body is the answer in a form that the asker takes, and the name of its encoding.
// It must not be changed.
func (k *Kept) Body(acceptEncoding string) (body []byte, encoding string) {
	if k.packed == nil {
		return k.plain, ""
	}
	if takesGzip(acceptEncoding) {
		return k.packed, "gzip"
	}
	z, err := gzip.NewReader(bytes.NewReader(k.packed))
	if err == nil {
		body, err = io.ReadAll(z)
	}
	if err != nil {
		panic(err) // written by ourselves, into memory
	}
	return body, ""
}

// Send answers with it; the headers that say what it is are the handler's.
func (k *Kept) Send(w http.ResponseWriter, r *http.Request) error {
	body, encoding := k.Body(r.Header.Get("Accept-Encoding"))
	w.Header().Set("Etag", k.Tag)
	if encoding != "" {
		w.Header().Set("Content-Encoding", encoding)
	}
	if held, ok := w.(*reply); ok && held.status == 0 {
		held.status, held.whole = http.StatusOK, body
		return nil
	}
	w.WriteHeader(http.StatusOK)
	_, err := w.Write(body)
	return err
}

var packers = sync.Pool{New: func() any { return gzip.NewWriter(nil) }}

// compress packs what is in memory.
func compress(body []byte) []byte {
	var out bytes.Buffer
	z := packers.Get().(*gzip.Writer)
	defer packers.Put(z)
	z.Reset(&out)
	_, _ = z.Write(body) // into memory: cannot fail
	_ = z.Close()
	z.Reset(nil)
	return bytes.Clone(out.Bytes())
}
