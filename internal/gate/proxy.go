package gate

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"luoshi.dev"
)

type secureKey struct{}

// Secure reports whether the browser's connection is encrypted: here, or up to a
// reverse proxy that is trusted to say so.
func Secure(r *http.Request) bool {
	said, _ := r.Context().Value(secureKey{}).(bool)
	return said || r.TLS != nil
}

// behind takes the word of trusted reverse proxies, and of nobody else, for who asks
// and over what. What others say of it is taken away.
func behind(h http.Handler, opt Options) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		peer := addressOf(r.RemoteAddr)
		secure := false
		if trusted(opt.Proxies, peer) {
			words := strings.Split(last(r.Header["X-Forwarded-Proto"]), ",")
			secure = strings.TrimSpace(words[len(words)-1]) == "https"
			peer = client(r.Header["X-Forwarded-For"], peer, opt.Proxies)
		}
		r = r.WithContext(context.WithValue(r.Context(), secureKey{}, secure))
		for _, name := range []string{"X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Real-Ip", "Forwarded"} {
			r.Header.Del(name)
		}
		if peer.IsValid() {
			r.RemoteAddr = net.JoinHostPort(peer.String(), "0")
		}
		h.ServeHTTP(w, r)
	})
}

func last(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[len(list)-1]
}

// client walks the addresses that proxies have added, from the nearest, up to the
// first that is no proxy of ours: what stands before it anybody may have written.
func client(headers []string, peer netip.Addr, proxies []netip.Prefix) netip.Addr {
	hops := strings.Split(strings.Join(headers, ","), ",")
	for _, hop := range slices.Backward(hops) {
		address, err := netip.ParseAddr(strings.TrimSpace(hop))
		if err != nil {
			break
		}
		peer = address.Unmap()
		if !trusted(proxies, peer) {
			break
		}
	}
	return peer
}

func trusted(proxies []netip.Prefix, address netip.Addr) bool {
	return address.IsValid() && slices.ContainsFunc(proxies, func(p netip.Prefix) bool { return p.Contains(address) })
}

func addressOf(remote string) netip.Addr {
	at, err := netip.ParseAddrPort(remote)
	if err != nil {
		return netip.Addr{}
	}
	return at.Addr().Unmap()
}

// encrypted refuses what comes from another machine in the clear: passwords and
// sessions are not for whoever listens on the way. It does not lead to the encrypted
// address by itself: what was sent in the clear is lost already, and should show.
func encrypted(h http.Handler, opt Options) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if opt.Encrypted && !Secure(r) && !addressOf(r.RemoteAddr).IsLoopback() && r.URL.Path != "/healthz" {
			opt.Fail(w, r, &luoshi.Error{Code: luoshi.Forbidden, Message: luoshi.Say("gate.plain")})
			return
		}
		h.ServeHTTP(w, r)
	})
}
