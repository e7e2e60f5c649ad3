package bench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"html"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"luoshi.dev"
)

// Fifty people, each asking for one page after another.
const (
	clients      = 50
	pagesEach    = 200
	memoryBar    = 300 << 20
	latencyBar   = 50 * time.Millisecond
	awaitsServer = 30 * time.Second
)

// pages asks a server of its own, a process apart, for what can be reached from
// its first page.
func (r *run) pages(ctx context.Context, w *World, dsn string) error {
	if len(r.Command) == 0 {
		return nil
	}
	who, err := r.enrol(ctx, dsn)
	if err != nil {
		return err
	}
	base, pid, stop, err := r.serve(ctx, dsn, who)
	if err != nil {
		return err
	}
	dialect := "sqlite"
	if strings.HasPrefix(dsn, "postgres") {
		dialect = "postgres"
	}
	err = r.crowd(ctx, who, base, url.Values{"asof": {lastDay.String()}}, on("pages", w, dialect), on("processor", w, dialect), pid)
	peak, merr := resident(pid)
	if err = errors.Join(err, merr, stop()); err != nil {
		return err
	}
	if peak > 0 {
		r.report(Row{
			What: on("memory", w, dialect), Bar: luoshi.Say("bench.bar.memory", "size", memoryBar>>20),
			Value: luoshi.Say("bench.value.memory", "size", int(peak>>20)), Ratio: float64(peak) / memoryBar, Met: peak < memoryBar,
		})
	}
	return nil
}

// crowd asks for the pages of a server, and tells of all together and of each kind;
// where the process is known also how much of the processor's time it took.
func (r *run) crowd(ctx context.Context, who visitor, base string, look url.Values, what, processor luoshi.Message, pid int) error {
	client := who.client()
	defer transport.CloseIdleConnections()
	paths, first, err := reachable(ctx, client, base, look)
	if err != nil {
		return err
	}
	if err := warm(ctx, client, base, paths, first, r.progress); err != nil {
		return err
	}
	server, ours := spent(pid), spent(os.Getpid())
	took, err := ask(ctx, client, base, paths)
	if err != nil {
		return err
	}
	server, ours = spent(pid)-server, spent(os.Getpid())-ours
	var all []time.Duration
	kinds, misses := map[string][]time.Duration{}, map[string]time.Duration{}
	for i, path := range paths {
		kind := kindOf(path)
		all = append(all, took[i]...)
		kinds[kind] = append(kinds[kind], took[i]...)
		misses[kind] = max(misses[kind], first[path])
	}
	r.latency(what, "bench.value.latency", all, 0, true)
	for _, kind := range slices.Sorted(maps.Keys(kinds)) {
		r.latency(luoshi.Say("bench.what.page", "path", kind), "bench.value.kind", kinds[kind], misses[kind], false)
	}
	if pid > 0 && server > 0 {
		r.report(Row{What: processor, Met: true, Value: luoshi.Say("bench.value.processor",
			"server", short(server/time.Duration(len(all))), "clients", short(ours/time.Duration(len(all))), "share", int(100*server/(server+ours)))})
	}
	return nil
}

// kindOf is the address of a page without what it is asked for.
func kindOf(path string) string {
	kind, _, _ := strings.Cut(path, "?")
	return kind
}

// eachKind and allPages bound how many pages are asked for, so that no kind that
// has thousands crowds out the others.
const (
	eachKind = 12
	allPages = 80
)

var linked = regexp.MustCompile(`href="(/[^"#]*)"`)

// reachable lists the pages that a reader comes to by following links from the
// first one, and how long the first answer took of those that were read for it.
func reachable(ctx context.Context, client *http.Client, base string, look url.Values) ([]string, map[string]time.Duration, error) {
	to := "/"
	if len(look) > 0 {
		to += "?" + look.Encode()
	}
	list, count, first := []string{to}, map[string]int{"/": 1}, map[string]time.Duration{}
	for i := 0; i < len(list) && len(list) < allPages; i++ {
		began := time.Now()
		body, err := fetch(ctx, client, base+list[i])
		if err != nil {
			return nil, nil, err
		}
		first[list[i]] = time.Since(began)
		for _, m := range linked.FindAllStringSubmatch(body, -1) {
			to := html.UnescapeString(m[1])
			if kind := kindOf(to); isPage(to) && count[kind] < eachKind && len(list) < allPages && !slices.Contains(list, to) {
				count[kind]++
				list = append(list, to)
			}
		}
	}
	return list, first, nil
}

// isPage leaves out files, downloads, and the same page in another look.
func isPage(to string) bool {
	if strings.HasPrefix(to, "/static/") || path.Ext(kindOf(to)) != "" || strings.HasPrefix(to, "//") || strings.HasPrefix(to, "/template") || strings.HasPrefix(to, "/signin") {
		return false
	}
	u, err := url.Parse(to)
	if err != nil {
		return false
	}
	q := u.Query()
	return q.Get("lang") == "" && q.Get("theme") == ""
}

// fetch reads a page.
func fetch(ctx context.Context, client *http.Client, address string) (string, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return "", err
	}
	response, err := client.Do(request)
	if err != nil {
		return "", err
	}
	body, err := io.ReadAll(response.Body)
	if err = errors.Join(err, response.Body.Close()); err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: status %d", address, response.StatusCode)
	}
	return string(body), err
}

func (r *run) latency(what luoshi.Message, says string, took []time.Duration, first time.Duration, barred bool) {
	p99 := percentile(took, 99)
	total := time.Duration(0)
	for _, t := range took {
		total += t
	}
	bar := luoshi.Message{}
	if barred {
		bar = luoshi.Say("bench.bar.p99", "time", short(latencyBar))
	}
	r.report(Row{
		What: what, Bar: bar,
		Value: luoshi.Say(says, "p50", short(percentile(took, 50)), "p99", short(p99), "first", short(first),
			"rate", int(float64(len(took)*clients)/total.Seconds())),
		Ratio: float64(p99) / float64(latencyBar), Met: p99 < latencyBar || !barred,
	})
}

// serve starts the command on a free port and waits until it answers.
func (r *run) serve(ctx context.Context, dsn string, who visitor) (base string, pid int, stop func() error, err error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", 0, nil, fmt.Errorf("find a port: %w", err)
	}
	listen := l.Addr().String()
	if err := l.Close(); err != nil {
		return "", 0, nil, fmt.Errorf("find a port: %w", err)
	}
	args := make([]string, len(r.Command))
	for i, arg := range r.Command {
		args[i] = strings.NewReplacer("{db}", dsn, "{listen}", listen).Replace(arg)
	}
	var said bytes.Buffer
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.Stderr, cmd.WaitDelay = &said, 10*time.Second
	if err := cmd.Start(); err != nil {
		return "", 0, nil, fmt.Errorf("start %s: %w", args[0], err)
	}
	var why error
	ended := make(chan struct{})
	go func() { why = cmd.Wait(); close(ended) }()
	stop = func() error {
		_ = cmd.Process.Signal(os.Interrupt) // it may be gone already
		<-ended                              // interrupted, which Wait calls an error
		return nil
	}
	base = "http://" + listen
	deadline := time.Now().Add(awaitsServer)
	for {
		response, err := get(ctx, who.client(), base+"/?asof="+lastDay.String())
		if err == nil && response == http.StatusOK {
			return base, cmd.Process.Pid, stop, nil
		}
		select {
		case <-ended:
			return "", 0, nil, fmt.Errorf("the server ended: %w: %s", errors.Join(why, err), tail(said.String()))
		case <-time.After(50 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			return "", 0, nil, errors.Join(fmt.Errorf("the server answers %d: %w", response, err), stop())
		}
	}
}

func tail(s string) string { return s[max(0, len(s)-500):] }

func get(ctx context.Context, client *http.Client, address string) (status int, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return 0, err
	}
	request.Header.Set("Accept-Encoding", "gzip") // as a browser asks; unpacking is the browser's own work
	response, err := client.Do(request)
	if err != nil {
		return 0, err
	}
	_, err = io.Copy(io.Discard, response.Body)
	return response.StatusCode, errors.Join(err, response.Body.Close())
}

// warm asks for each path once, alone, and notes how long the first answer took.
func warm(ctx context.Context, client *http.Client, base string, paths []string, first map[string]time.Duration, progress func(string, int64, int64)) error {
	for i, path := range paths {
		progress("bench_measure", int64(i), int64(len(paths)))
		began := time.Now()
		if status, err := get(ctx, client, base+path); err != nil || status != http.StatusOK {
			return fmt.Errorf("%s: status %d: %w", path, status, err)
		}
		if first[path] == 0 {
			first[path] = time.Since(began)
		}
	}
	return nil
}

// ask lets the clients ask, each for one page after another without a pause, and
// returns for each path how long its answers took to be there whole.
func ask(ctx context.Context, client *http.Client, base string, paths []string) ([][]time.Duration, error) {
	took := make([]time.Duration, clients*pagesEach)
	nth := func(client, turn int) int { return (client*7 + turn) % len(paths) }
	g, ctx := errgroup.WithContext(ctx)
	for c := range clients {
		g.Go(func() error {
			for i := range pagesEach {
				path := paths[nth(c, i)]
				start := time.Now()
				status, err := get(ctx, client, base+path)
				if err != nil || status != http.StatusOK {
					return fmt.Errorf("%s: status %d: %w", path, status, err)
				}
				took[c*pagesEach+i] = time.Since(start)
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	by := make([][]time.Duration, len(paths))
	for i, t := range took {
		at := nth(i/pagesEach, i%pagesEach)
		by[at] = append(by[at], t)
	}
	return by, nil
}

// resident is the largest memory that the process has had, or 0 on a system that
// does not say.
func resident(pid int) (int64, error) {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
	if errors.Is(err, os.ErrNotExist) {
		return 0, nil
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kb, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64)
			return kb << 10, err
		}
	}
	return 0, err
}

// ticksPerSecond is the unit of processor time in /proc, the same on every Linux.
const ticksPerSecond = 100

// spent is the processor time that a process has taken, or 0 where the system does
// not say.
func spent(pid int) time.Duration {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return 0
	}
	fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:])) // after the name, which may hold anything
	if len(fields) < 13 {
		return 0
	}
	user, uerr := strconv.Atoi(fields[11])
	system, serr := strconv.Atoi(fields[12])
	if uerr != nil || serr != nil {
		return 0
	}
	return time.Duration(user+system) * time.Second / ticksPerSecond
}
