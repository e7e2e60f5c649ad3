package account

import (
	"crypto/rand"
	"crypto/subtle"
	_ "embed"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"sync"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"

	"luoshi.dev"
)

// cost is how dear a hash is: argon2id with 19 MiB, two passes, one lane, the least
// that OWASP's password storage cheat sheet (2024) names. It is kept with each hash,
// so that it can grow.
type cost struct {
	memory, passes uint32
	lanes          uint8
}

var dear = cost{memory: 19 << 10, passes: 2, lanes: 1}

const (
	saltBytes = 16
	hashBytes = 32
)

// turns bounds how many hashes are made at once: each takes memory, and whoever
// knocks must not be able to take all of it.
var turns = make(chan struct{}, 4)

// hashed writes a password as argon2id in its usual form,
// $argon2id$v=19$m=19456,t=2,p=1$salt$hash.
func hashed(password string, c cost) string {
	salt := make([]byte, saltBytes)
	_, _ = rand.Read(salt) // never fails
	return written(password, salt, c)
}

func written(password string, salt []byte, c cost) string {
	turns <- struct{}{}
	sum := argon2.IDKey([]byte(password), salt, c.passes, c.memory, c.lanes, hashBytes)
	<-turns
	b := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, c.memory, c.passes, c.lanes, b.EncodeToString(salt), b.EncodeToString(sum))
}

var errHash = errors.New("account: a password hash that is none")

// matches reports whether a password is the one of a hash.
func matches(hash, password string) (bool, error) {
	parts := strings.Split(hash, "$")
	if len(parts) != 6 || parts[1] != "argon2id" {
		return false, errHash
	}
	var c cost
	var version int
	if _, err := fmt.Sscanf(parts[2], "v=%d", &version); err != nil || version != argon2.Version {
		return false, errHash
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &c.memory, &c.passes, &c.lanes); err != nil || c.passes == 0 || c.lanes == 0 || c.memory > 1<<20 {
		return false, errHash
	}
	salt, err := base64.RawStdEncoding.DecodeString(parts[4])
	if err != nil {
		return false, errHash
	}
	return subtle.ConstantTimeCompare([]byte(written(password, salt, c)), []byte(hash)) == 1, nil
}

// The bounds of a password, in characters: long rather than odd (NIST SP 800-63B
// §5.1.1.2). The upper one keeps a hash from becoming a burden.
const (
	PasswordLeast = 12
	PasswordMost  = 128
	PasswordPast  = 5 // the last ones that cannot be used again, with the one in use
)

//go:embed common.txt
var commonText string

// common are passwords that are tried first by whoever guesses.
var common = sync.OnceValue(func() map[string]bool {
	list := map[string]bool{}
	for _, word := range strings.Fields(commonText) {
		list[word] = true
	}
	return list
})

// checkPassword refuses a new password that is easily guessed.
func checkPassword(password string, p luoshi.Person) error {
	if broken := Weak(password, p); len(broken) > 0 {
		return &luoshi.Error{Code: luoshi.Invalid, Message: broken[0]}
	}
	return nil
}

// Weak lists every rule that a new password of the person breaks: it is too short,
// known to everybody, one thing repeated or counted, or made of their own names.
func Weak(password string, p luoshi.Person) []luoshi.Message {
	if !utf8.ValidString(password) {
		return []luoshi.Message{luoshi.Say("password.unreadable")}
	}
	var broken []luoshi.Message
	rule := func(ok bool, key string, pairs ...any) {
		if !ok {
			broken = append(broken, luoshi.Say(key, pairs...))
		}
	}
	n := utf8.RuneCountInString(password)
	folded := strings.ToLower(luoshi.Fold(password))
	rule(n >= PasswordLeast, "password.short", "least", PasswordLeast, "have", n)
	rule(n <= PasswordMost, "password.long", "most", PasswordMost)
	rule(!common()[folded] && !common()[strings.TrimRight(folded, "0123456789!.")] && !common()[strings.TrimLeft(folded, "0123456789")], "password.common")
	rule(kinds(folded) >= 5 && !counted(folded), "password.simple")
	rule(!holds(folded, p.Login) && !holds(folded, p.Name), "password.own")
	return broken
}

// kinds counts the different characters.
func kinds(s string) int {
	seen := map[rune]bool{}
	for _, r := range s {
		seen[r] = true
	}
	return len(seen)
}

// counted reports whether each character follows the one before, as in 123456… or
// zyxwv….
func counted(s string) bool {
	runes := []rune(s)
	for _, step := range []rune{1, -1} {
		run := 0
		for i := 1; i < len(runes); i++ {
			if runes[i]-runes[i-1] == step {
				run++
			}
		}
		if run*4 >= len(runes)*3 {
			return true
		}
	}
	return false
}

// holds reports whether a name of three characters or more makes up a good part of
// the password.
func holds(password, name string) bool {
	name = strings.ToLower(luoshi.Fold(name))
	n := utf8.RuneCountInString(name)
	return n >= 3 && strings.Contains(password, name) && 2*n >= utf8.RuneCountInString(password)-4
}

// firstPassword is one to be changed at the first sign-in: letters and digits that
// cannot be taken for each other, in groups.
func firstPassword() string {
	const letters = "abcdefghjkmnpqrstuvwxyz23456789"
	var b strings.Builder
	for i, n := range randomBelow(len(letters), 16) {
		if i > 0 && i%4 == 0 {
			b.WriteByte('-')
		}
		b.WriteByte(letters[n])
	}
	return b.String()
}

// randomBelow draws numbers below most, each as likely as the other.
func randomBelow(most, count int) []int {
	list := make([]int, 0, count)
	buf := make([]byte, 64)
	for len(list) < count {
		_, _ = rand.Read(buf) // never fails
		for _, c := range buf {
			if int(c) < 256/most*most && len(list) < count {
				list = append(list, int(c)%most)
			}
		}
	}
	return list
}
