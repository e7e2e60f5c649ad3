package service

import (
	"testing"
	"time"
)

type heavy struct{ bytes int }

func (h *heavy) weight() int { return h.bytes - lightWeight }

// The views kept never weigh more than the bound, whatever they weigh themselves;
// what was asked for last stays.
func TestViewsMakeRoom(t *testing.T) {
	var v views
	key := func(n int) viewKey { return viewKey{look: Look{AsOf: time.Unix(int64(n), 0)}} }
	for n := range 20 {
		v.put(key(n), &heavy{keptWeight / 4})
		if v.get(key(0)) == nil {
			t.Fatalf("after %d others the one that is asked for again and again is gone", n)
		}
		if v.weight > keptWeight || len(v.by) != v.order.Len() {
			t.Fatalf("%d bytes in %d views of %d", v.weight, len(v.by), v.order.Len())
		}
	}
	if v.get(key(19)) == nil || v.get(key(1)) != nil || len(v.by) != 4 {
		t.Errorf("%d views stay, the newest %v", len(v.by), v.get(key(19)))
	}
	v.put(key(19), &heavy{1})
	if v.weight != 3*(keptWeight/4)+1 {
		t.Errorf("a view put again weighs %d together", v.weight)
	}
	v.put(key(30), &Overview{})
	if v.by[key(30)].Value.(*view).weight != lightWeight {
		t.Error("a view that does not weigh itself counts as light")
	}
}
