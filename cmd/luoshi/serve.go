package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"runtime/debug"
	"sync"
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
	var at surface
	var dev bool
	var key string
	cmd := &cobra.Command{
		Use: "serve", Short: "Serve the pages from the database",
		Long: `Serve the pages and the API. Several servers may share one PostgreSQL, with the
same key file; each shows what the others write.

People sign in; what they may read and change follows from their posts. Where
there is no account yet, a link is printed with which the first administrator is
made, once.

Passwords never cross a network in the clear: an address that other machines reach
needs --cert and --tls-key, or --proxy with the addresses of the reverse proxy that
encrypts. A server on this machine's own address, or with --url or --host, answers
to no other names.

The key file seals the shared secrets of second factors. It is made at the first
start, beside the database (luoshi.key); back it up apart from it.

With --oidc-issuer people can also sign in through an OpenID Connect provider. We
are registered there with the address of --url and /signin/oidc/back.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := at.private(); err != nil {
				return err
			}
			svc, st, err := a.open(cmd.Context())
			if err != nil {
				return err
			}
			defer st.Close()
			path := a.keyPath(key)
			_, missing := os.Stat(path)
			sealing, err := a.key(path)
			if err != nil {
				return err
			}
			if missing != nil {
				a.say("cli.key_made", "path", path)
			}
			accounts := account.New(st, time.Now, account.Options{Key: sealing})
			return a.serve(cmd.Context(), svc, &at, web.Options{Dev: dev, Version: version(), Accounts: accounts})
		},
	}
	at.add(cmd)
	cmd.Flags().StringVar(&key, "key", "", "key file that seals shared secrets; default beside the database")
	cmd.Flags().BoolVar(&dev, "dev", false, "read templates and static files from the disk")
	return cmd
}

// loopback reports whether an address can be reached from this machine only.
func loopback(listen string) bool {
	host, _, err := net.SplitHostPort(listen)
	ip := net.ParseIP(host)
	return err == nil && (host == "localhost" || ip != nil && ip.IsLoopback())
}

// sweepEvery is how often ended sessions and tokens are forgotten.
const sweepEvery = 10 * time.Minute

// collectAt is how much of what lives a server lets pile up as garbage, in percent,
// where GOGC does not say. A page from memory leaves next to none, and a province
// fits into less. Making outlooks leaves most: marking is a ninth of that work.
const collectAt = 60

func (a *app) serve(ctx context.Context, svc *service.Service, at *surface, opt web.Options) error {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(collectAt)
	}
	proxies, err := at.proxies()
	if err != nil {
		return err
	}
	ln, err := (&net.ListenConfig{}).Listen(ctx, "tcp", at.listen)
	if err != nil {
		return &luoshi.Error{Code: luoshi.Unavailable, Message: luoshi.Say("cli.cannot_listen", "address", at.listen), Err: err}
	}
	defer func() { _ = ln.Close() }()
	base, err := at.base(ln)
	if err != nil {
		return err
	}
	if opt.OpenID, err = at.openID(base); err != nil {
		return err
	}
	site, err := a.site(svc.Guard(), opt)
	if err != nil {
		return err
	}
	listener, err := at.open(ln)
	if err != nil {
		return err
	}
	key, err := opt.Accounts.SetupLink(ctx)
	if err != nil {
		return err
	}
	a.say("cli.serving", "address", base+"/")
	if key != "" { // to the terminal alone, not into the log
		a.say("cli.setup", "address", base+"/setup?key="+key)
	}
	log := slog.New(slog.NewTextHandler(a.err, nil))
	slog.SetDefault(log)
	go sweep(ctx, opt.Accounts, log)
	background, stop := context.WithCancel(ctx)
	var outlooks sync.WaitGroup
	outlooks.Go(func() { svc.RefreshOutlooksUntil(background, log) })
	defer outlooks.Wait() // before the store closes
	defer stop()
	guard := gate.Options{Log: log, Fail: site.Fail, Bodies: site.Bodies, Accounts: opt.Accounts, Hosts: at.names(), Proxies: proxies, Encrypted: true}
	return gate.Serve(ctx, listener, gate.Wrap(site, guard))
}

// sweep forgets what has ended, now and then.
func sweep(ctx context.Context, accounts *account.Accounts, log *slog.Logger) {
	for tick := time.NewTicker(sweepEvery); ; {
		select {
		case <-ctx.Done():
			tick.Stop()
			return
		case <-tick.C:
			if err := accounts.Sweep(ctx); err != nil && ctx.Err() == nil {
				log.WarnContext(ctx, "sweep", "err", err)
			}
		}
	}
}

func (a *app) demoCmd() *cobra.Command {
	var data string
	var to surface
	var at lookFlags
	cmd := &cobra.Command{
		Use: "demo", Short: "A province's plan year in the browser: Anhui 2020",
		Long: `Build Anhui's plan year 2020 in a database of its own and serve it: the province,
16 cities, 105 counties, published figures with their sources, and generated
monthly figures that are marked as sample data (示例数据).

It prints one sign-in for each role, with passwords that hold for this run and are
kept nowhere; on the sign-in page one can also look around as any of them.

The pages open as of 31 July 2020; any other instant can be chosen on the page.
--data keeps the database in a folder; without it nothing is kept.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			look, err := at.look()
			if err != nil {
				return err
			}
			if !loopback(to.listen) {
				return refuse("cli.demo_loopback", "address", to.listen)
			}
			return a.demo(cmd.Context(), look, &to, data)
		},
	}
	cmd.Flags().StringVar(&at.asof, "asof", demo.AsOf.String(), "as of which instant the pages open")
	cmd.Flags().StringVar(&data, "data", "", "folder in which the demo is kept")
	cmd.Flags().StringVar(&to.listen, "listen", "127.0.0.1:8080", "address to listen on, of this machine alone; port 0 takes any free one")
	return cmd
}

func (a *app) demo(ctx context.Context, look service.Look, to *surface, data string) error {
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
	key, err := a.key(a.keyPath(""))
	if err != nil {
		return err
	}
	accounts := account.New(st, time.Now, account.Options{Key: key})
	a.say("cli.demo", "asof", look.AsOf)
	if err := a.demoPeople(ctx, accounts, st); err != nil {
		return err
	}
	return a.serve(ctx, svc, to, web.Options{Version: version(), Demo: true, AsOf: look.AsOf, Accounts: accounts})
}

// demoPeople prints one sign-in for each role.
func (a *app) demoPeople(ctx context.Context, accounts *account.Accounts, st *store.Store) error {
	units, err := st.Units(ctx, time.Time{})
	if err != nil {
		return err
	}
	list, err := fill.People(ctx, accounts, units)
	if err != nil {
		return err
	}
	lang := a.lang()
	rows := make([][]string, len(list))
	for i, s := range list {
		rows[i] = []string{a.words.Show(lang, s.Role, ""), a.words.Show(lang, s.Unit, ""), s.Name, s.Login, s.Password}
	}
	var heads []string
	for _, key := range []string{"cli.demo_role", "cli.demo_unit", "cli.demo_name", "cli.demo_login", "cli.demo_password"} {
		heads = append(heads, a.words.Word(lang, key))
	}
	fmt.Fprintln(a.out)
	a.say("cli.demo_people")
	a.table(heads, rows, len(heads))
	a.say("cli.demo_as")
	fmt.Fprintln(a.out)
	return nil
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
	return fill.Outlooks(ctx, svc, bar.step)
}
