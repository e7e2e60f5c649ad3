package demo

import ("testing";"time")

func TestRough(t *testing.T){
	s:=time.Now(); n:=0
	by:=map[string]int{}
	for r:=range Sample(){ n++; by[r.Indicator]++ }
	t.Log(n,time.Since(s),by)
}
