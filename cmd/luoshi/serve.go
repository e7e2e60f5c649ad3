package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"luoshi.dev"
	"luoshi.dev/internal/account"
	"luoshi.dev/internal/demo"
	"luoshi.dev/internal/demo/fill"
	"luoshi.dev/internal/gate"
	"luoshi.dev/internal/service"
	"luoshi.dev/internal/store"
	"luoshi.dev/internal/web"
)

func (a *app) serveCmd() *cobra.Command {
	var listen string
	var hosts []string
	var dev bool
	cmd := &cobra.Command{
		Use: "serve", Short: "Serve the pages from the database",
		Long: `Serve the pages and the API. Several servers may share one PostgreSQL; each shows
what the others write.

People sign in; what they may read and change follows from their posts. On this
machine's own addresses a server answers to no name but its own and those of --host.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			svc, st, err := a.open(cmd.Context())
			if err != nil {
				return err
			}
			defer st.Close()
			return a.serve(cmd.Context(), svc, listen, hosts, web.Options{Dev: dev, Version: version(), Accounts: account.New(st, time.Now, account.Options{})})
		},
	}
	cmd.Flags().StringVar(&listen, "listen", "127.0.0.1:8080", "address to listen on")
	cmd.Flags().StringSliceVar(&hosts, "host", nil, "names under which a reverse proxy on this machine passes requests on")
	cmd.Flags().BoolVar(&dev, "dev", false, "read templates and static files from the disk")
	return cmd
}

// loopback reports whether an address can be reached from this machine only.
func loopback(listen string) bool {
	host, _, err := net.SplitHostPort(listen)
	ip := net.ParseIP(host)
	return err == nil && (host == "localhost" || ip != nil && ip.IsLoopback())
}

// collectAt is how much of what lives a server lets pile up as garbage, in percent,
// where GOGC does not say. A page from memory leaves next to none, and a province
// fits into less.
const collectAt = 70

func (a *app) serve(ctx context.Context, svc *service.Service, listen string, hosts []string, opt web.Options) error {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(collectAt)
	}
	site, err := a.site(svc.Guard(), opt)
	if err != nil {
		return err
	}
	ln, err := (&net.ListenConfig{}).Listen(ctx, "tcp", listen)
	if err != nil {
		return &luoshi.Error{Code: luoshi.Unavailable, Message: luoshi.Say("cli.cannot_listen", "address", listen), Err: err}
	}
	address := "http://" + ln.Addr().String() + "/"
	fmt.Fprintln(a.out, a.words.Say(a.lang(), luoshi.Say("cli.serving", "address", address)))
	guard := gate.Options{Fail: site.Fail, Bodies: site.Bodies, Accounts: opt.Accounts}
	if loopback(ln.Addr().String()) {
		guard.Hosts = slices.Concat(hosts, []string{"localhost", "127.0.0.1", "::1"})
	}
	return gate.Serve(ctx, ln, gate.Wrap(site, guard))
}

func (a *app) demoCmd() *cobra.Command {
	var listen, data string
	var at lookFlags
	cmd := &cobra.Command{
		Use: "demo", Short: "A province's plan year in the browser: Anhui 2020",
		Long: `Build Anhui's plan year 2020 in a database of its own and serve it: the province,
16 cities, 105 counties, published figures with their sources, and generated
monthly figures that are marked as sample data (示例数据).

The pages open as of 31 July 2020; any other instant can be chosen on the page.
--data keeps the database in a folder; without it nothing is kept.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			look, err := at.look()
			if err != nil {
				return err
			}
			return a.demo(cmd.Context(), look, listen, data)
		},
	}
	cmd.Flags().StringVar(&at.asof, "asof", demo.AsOf.String(), "as of which instant the pages open")
	cmd.Flags().StringVar(&data, "data", "", "folder in which the demo is kept")
	cmd.Flags().StringVar(&listen, "listen", "127.0.0.1:8080", "address to listen on; port 0 takes any free one")
	return cmd
}

func (a *app) demo(ctx context.Context, look service.Look, listen, data string) error {
	if data == "" {
		dir, err := os.MkdirTemp("", "luoshi-demo-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		data = dir
	} else if err := os.MkdirAll(data, 0o750); err != nil {
		return err
	}
	a.db = filepath.Join(data, "luoshi.db")
	st, err := store.Open(ctx, a.db, store.Options{})
	if err != nil {
		return err
	}
	defer st.Close()
	if err := st.Migrate(ctx); err != nil {
		return err
	}
	svc := service.New(st, time.Now)
	if err := a.fillDemo(ctx, svc, st); err != nil {
		return err
	}
	fmt.Fprintln(a.out, a.words.Say(a.lang(), luoshi.Say("cli.demo", "asof", look.AsOf)))
	return a.serve(ctx, svc, listen, nil, web.Options{Version: version(), Demo: true, AsOf: look.AsOf, Accounts: account.New(st, time.Now, account.Options{})})
}

// fillDemo loads the demo once; a kept one is left as it is.
func (a *app) fillDemo(ctx context.Context, svc *service.Service, st *store.Store) error {
	units, err := st.Units(ctx, time.Time{})
	if err != nil || len(units) > 0 {
		return err
	}
	bar := a.progress()
	defer bar.close()
	report, err := fill.Fill(ctx, svc, bar.step)
	if err != nil {
		return err
	}
	if luoshi.Blocked(report.Problems) {
		a.printReport("demo", report, service.ImportOptions{})
		return errProblems
	}
	return nil
}
