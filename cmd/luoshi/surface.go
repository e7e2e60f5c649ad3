package main

import (
	"crypto/tls"
	"net"
	"net/netip"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"luoshi.dev/internal/oidc"
)

// surface is how a server meets the network.
type surface struct {
	listen, url  string
	hosts, proxy []string
	cert, tlsKey string

	issuer, client, secretFile, provider string
}

func (s *surface) add(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&s.listen, "listen", "127.0.0.1:8080", "address to listen on")
	f.StringVar(&s.url, "url", "", "address under which people know the server, https://luoshi.example.gov.cn")
	f.StringSliceVar(&s.hosts, "host", nil, "further names under which the server may be asked")
	f.StringSliceVar(&s.proxy, "proxy", nil, "addresses or networks of reverse proxies that say who asks and whether it is encrypted")
	f.StringVar(&s.cert, "cert", "", "certificate file (PEM); it is read again when it changes")
	f.StringVar(&s.tlsKey, "tls-key", "", "key file of the certificate (PEM)")
	f.StringVar(&s.issuer, "oidc-issuer", "", "sign in through this OpenID Connect provider too")
	f.StringVar(&s.client, "oidc-client", "", "our client number at the provider")
	f.StringVar(&s.secretFile, "oidc-secret-file", "", "file with our secret at the provider")
	f.StringVar(&s.provider, "oidc-name", "", "what people call the provider")
}

// proxies are the trusted reverse proxies. Where the server listens on this machine
// alone and others ask it under a name, one on this machine passes them on.
func (s *surface) proxies() ([]netip.Prefix, error) {
	var list []netip.Prefix
	for _, text := range s.proxy {
		text = strings.TrimSpace(text)
		one, err := netip.ParsePrefix(text)
		if err != nil {
			var address netip.Addr
			if address, err = netip.ParseAddr(text); err == nil {
				one = netip.PrefixFrom(address, address.BitLen())
			}
		}
		if err != nil {
			return nil, refuse("cli.proxy", "text", text)
		}
		list = append(list, one.Masked())
	}
	if len(list) == 0 && loopback(s.listen) && (len(s.hosts) > 0 || s.url != "") {
		list = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}
	}
	return list, nil
}

// base is the address under which people know the server, without an end.
func (s *surface) base(ln net.Listener) (string, error) {
	if s.url == "" {
		scheme := "http://"
		if s.cert != "" {
			scheme = "https://"
		}
		return scheme + ln.Addr().String(), nil
	}
	u, err := url.Parse(s.url)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" {
		return "", refuse("cli.url", "text", s.url)
	}
	return u.Scheme + "://" + u.Host, nil
}

// names are those under which the server may be asked, nil for any.
func (s *surface) names() []string {
	names := append([]string{}, s.hosts...)
	if u, err := url.Parse(s.url); err == nil && u.Hostname() != "" {
		names = append(names, strings.ToLower(u.Hostname()))
	}
	if len(names) == 0 && !loopback(s.listen) {
		return nil
	}
	return append(names, "localhost", "127.0.0.1", "::1")
}

// open listens, encrypted where there is a certificate.
func (s *surface) open(listener net.Listener) (net.Listener, error) {
	if s.cert == "" && s.tlsKey == "" {
		return listener, nil
	}
	pair := &pair{cert: s.cert, key: s.tlsKey}
	if _, err := pair.get(nil); err != nil {
		return nil, refuse("cli.tls_pair", "why", err.Error())
	}
	return tls.NewListener(listener, &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: pair.get, NextProtos: []string{"h2", "http/1.1"}}), nil
}

// pair is a certificate that is read again when its file changes.
type pair struct {
	cert, key string

	mu   sync.Mutex
	at   time.Time // of the file that was read
	held *tls.Certificate
}

func (p *pair) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	info, err := os.Stat(p.cert)
	if err == nil && (p.held == nil || !info.ModTime().Equal(p.at)) {
		var fresh tls.Certificate
		if fresh, err = tls.LoadX509KeyPair(p.cert, p.key); err == nil {
			p.held, p.at = &fresh, info.ModTime()
		}
	}
	if p.held != nil { // half-written files: the one before is good for now
		return p.held, nil
	}
	return nil, err
}

// openID is the provider through which people sign in too, nil without one.
func (s *surface) openID(base string) (*oidc.Provider, error) {
	if s.issuer == "" {
		return nil, nil //nolint:nilnil // there is none, and nothing is wrong
	}
	opt := oidc.Options{Issuer: s.issuer, Client: s.client, Name: s.provider, Back: base + "/signin/oidc/back"}
	if s.secretFile != "" {
		text, err := os.ReadFile(s.secretFile)
		if err != nil {
			return nil, err
		}
		opt.Secret = strings.TrimSpace(string(text))
	}
	return oidc.New(opt)
}

// private refuses to listen where passwords would cross a network in the clear.
func (s *surface) private() error {
	if (s.cert == "") != (s.tlsKey == "") {
		return refuse("cli.tls_pair", "why", "--cert --tls-key")
	}
	if s.cert == "" && len(s.proxy) == 0 && !loopback(s.listen) {
		return refuse("cli.plain", "address", s.listen)
	}
	return nil
}
