package bench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"luoshi.dev"
)

// Fifty people, each asking for one page after another.
const (
	clients      = 50
	pagesEach    = 40
	memoryBar    = 300 << 20
	latencyBar   = 50 * time.Millisecond
	awaitsServer = 30 * time.Second
)

// pages asks a server of its own, a process apart, for the overviews of the top
// unit and of each unit below it.
func (r *run) pages(ctx context.Context, w *World, dsn string) error {
	var paths []string
	for _, i := range append([]int{0}, w.Tree.Children(0)...) {
		paths = append(paths, "/?"+url.Values{"asof": {lastDay.String()}, "unit": {w.Tree.Nodes[i].Code}}.Encode())
	}
	switch {
	case r.Serve != "":
		took, err := ask(ctx, strings.TrimSuffix(r.Serve, "/"), []string{"/"}, r.progress)
		if err == nil {
			r.latency(luoshi.Say("bench.what.pages_at", "address", r.Serve), took)
		}
		return err
	case len(r.Command) == 0:
		return nil
	}
	base, pid, stop, err := r.serve(ctx, dsn)
	if err != nil {
		return err
	}
	took, err := ask(ctx, base, paths, r.progress)
	peak, merr := resident(pid)
	if err = errors.Join(err, merr, stop()); err != nil {
		return err
	}
	dialect := "sqlite"
	if strings.HasPrefix(dsn, "postgres") {
		dialect = "postgres"
	}
	r.latency(on("pages", w, dialect), took)
	if peak > 0 {
		r.report(Row{
			What: on("memory", w, dialect), Bar: luoshi.Say("bench.bar.memory", "size", memoryBar>>20),
			Value: luoshi.Say("bench.value.memory", "size", int(peak>>20)), Ratio: float64(peak) / memoryBar, Met: peak < memoryBar,
		})
	}
	return nil
}

func (r *run) latency(what luoshi.Message, took []time.Duration) {
	p99 := percentile(took, 99)
	total := time.Duration(0)
	for _, t := range took {
		total += t
	}
	r.report(Row{
		What: what, Bar: luoshi.Say("bench.bar.p99", "time", short(latencyBar)),
		Value: luoshi.Say("bench.value.latency", "p50", short(percentile(took, 50)), "p99", short(p99),
			"rate", int(float64(len(took)*clients)/total.Seconds())),
		Ratio: float64(p99) / float64(latencyBar), Met: p99 < latencyBar,
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
// how long each answer took to be there whole.
func ask(ctx context.Context, base string, paths []string, progress func(string, int64, int64)) ([]time.Duration, error) {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: clients}, Timeout: time.Minute}
	defer client.CloseIdleConnections()
	for i, path := range paths {
		progress("bench_measure", int64(i), int64(len(paths)))
		if status, err := get(ctx, client, base+path); err != nil || status != http.StatusOK {
			return nil, fmt.Errorf("%s: status %d: %w", path, status, err)
		}
	}
	took := make([]time.Duration, clients*pagesEach)
	g, ctx := errgroup.WithContext(ctx)
	for c := range clients {
		g.Go(func() error {
			for i := range pagesEach {
				path := paths[(c*7+i)%len(paths)]
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
	return took, g.Wait()
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
