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
	pagesEach    = 80
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
	base, pid, stop, err := r.serve(ctx, dsn)
	if err != nil {
		return err
	}
	dialect := "sqlite"
	if strings.HasPrefix(dsn, "postgres") {
		dialect = "postgres"
	}
	err = r.crowd(ctx, base, url.Values{"asof": {lastDay.String()}}, on("pages", w, dialect))
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

// crowd asks for the pages of a server, and tells of all together and of each kind.
func (r *run) crowd(ctx context.Context, base string, look url.Values, what luoshi.Message) error {
	paths, err := reachable(ctx, base, look)
	if err != nil {
		return err
	}
	took, err := ask(ctx, base, paths, r.progress)
	if err != nil {
		return err
	}
	var all []time.Duration
	kinds := map[string][]time.Duration{}
	for i, path := range paths {
		all = append(all, took[i]...)
		kinds[kindOf(path)] = append(kinds[kindOf(path)], took[i]...)
	}
	r.latency(what, all, true)
	for _, kind := range slices.Sorted(maps.Keys(kinds)) {
		r.latency(luoshi.Say("bench.what.page", "path", kind), kinds[kind], false)
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
// first one, and the same questions put to the API.
func reachable(ctx context.Context, base string, look url.Values) ([]string, error) {
	first := "/"
	if len(look) > 0 {
		first += "?" + look.Encode()
	}
	list, count := []string{first}, map[string]int{"/": 1}
	for i := 0; i < len(list) && len(list) < allPages; i++ {
		body, err := fetch(ctx, base+list[i])
		if err != nil {
			return nil, err
		}
		for _, m := range linked.FindAllStringSubmatch(body, -1) {
			to := html.UnescapeString(m[1])
			if kind := kindOf(to); isPage(to) && count[kind] < eachKind && len(list) < allPages && !slices.Contains(list, to) {
				count[kind]++
				list = append(list, to)
			}
		}
	}
	return list, nil
}

// isPage leaves out files, downloads, and the same page in another look.
func isPage(to string) bool {
	if strings.HasPrefix(to, "/static/") || path.Ext(kindOf(to)) != "" || strings.HasPrefix(to, "//") || strings.HasPrefix(to, "/template") {
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
func fetch(ctx context.Context, address string) (string, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return "", err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return "", err
	}
	body, err := io.ReadAll(response.Body)
	if err = errors.Join(err, response.Body.Close()); err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: status %d", address, response.StatusCode)
	}
	return string(body), err
}

func (r *run) latency(what luoshi.Message, took []time.Duration, barred bool) {
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
		Value: luoshi.Say("bench.value.latency", "p50", short(percentile(took, 50)), "p99", short(p99),
			"rate", int(float64(len(took)*clients)/total.Seconds())),
		Ratio: float64(p99) / float64(latencyBar), Met: p99 < latencyBar || !barred,
	})
}

// serve starts the command on a free port and waits until it answers.
func (r *run) serve(ctx context.Context, dsn string) (base string, pid int, stop func() error, err error) {
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
		response, err := get(ctx, http.DefaultClient, base+"/?asof="+lastDay.String())
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

// ask lets the clients ask, after each path has been asked for once, and returns
// for each path how long its answers took to be there whole.
func ask(ctx context.Context, base string, paths []string, progress func(string, int64, int64)) ([][]time.Duration, error) {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: clients}, Timeout: time.Minute}
	defer client.CloseIdleConnections()
	for i, path := range paths {
		progress("bench_measure", int64(i), int64(len(paths)))
		if status, err := get(ctx, client, base+path); err != nil || status != http.StatusOK {
			return nil, fmt.Errorf("%s: status %d: %w", path, status, err)
		}
	}
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
