package api

import (
	"regexp"
	"strings"

	"github.com/danielgtaylor/huma/v2/validation"

	"luoshi.dev"
)

// fieldRule turns one rule of huma's into a sentence of ours. The library hands
// over finished English, so the table goes by its own templates.
type fieldRule struct {
	form *regexp.Regexp
	key  string
	args []string
}

// fieldRules are the rules that the API's parameters and bodies can break.
var fieldRules = func() []fieldRule {
	var list []fieldRule
	add := func(template, key string, args ...string) {
		form := regexp.QuoteMeta(template)
		for _, verb := range []string{"%v", "%s", "%d"} {
			form = strings.ReplaceAll(form, regexp.QuoteMeta(verb), `(.*)`)
		}
		list = append(list, fieldRule{regexp.MustCompile(`^` + form + `$`), key, args})
	}
	add(validation.MsgUnexpectedProperty, "api.field.unknown")
	add("unknown query parameter", "api.field.unknown")
	add(validation.MsgExpectedRequiredProperty, "api.field.required", "name")
	for _, place := range []string{"path", "query", "form"} {
		add("required "+place+" parameter is missing", "api.field.missing")
	}
	add("File required", "api.field.missing")
	add("invalid integer", "api.field.integer")
	add(validation.MsgExpectedInteger, "api.field.integer")
	add(validation.MsgExpectedNumber, "api.field.integer")
	add("invalid boolean", "api.field.boolean")
	add(validation.MsgExpectedBoolean, "api.field.boolean")
	add(validation.MsgExpectedString, "api.field.string")
	add(validation.MsgExpectedArray, "api.field.array")
	add(validation.MsgExpectedObject, "api.field.object")
	add(validation.MsgExpectedOneOf, "api.field.one_of", "list")
	add(validation.MsgExpectedMinimumNumber, "api.field.at_least", "least")
	add(validation.MsgExpectedMaximumNumber, "api.field.at_most", "most")
	add(validation.MsgExpectedMinLength, "api.field.min_length", "least")
	add(validation.MsgExpectedMaxLength, "api.field.max_length", "most")
	add(validation.MsgExpectedMinItems, "api.field.min_items", "least")
	add(validation.MsgExpectedMaxItems, "api.field.max_items", "most")
	add(validation.MsgExpectedMatchPattern, "api.field.pattern", "pattern")
	add(validation.MsgExpectedBePattern, "api.field.be", "what")
	return list
}()

// fieldMessage is what is wrong with a parameter or field, before it has a language.
func fieldMessage(text string) luoshi.Message {
	for _, rule := range fieldRules {
		if found := rule.form.FindStringSubmatch(text); found != nil {
			m := luoshi.Say(rule.key)
			for i, name := range rule.args {
				if m.Args == nil {
					m.Args = map[string]any{}
				}
				m.Args[name] = found[i+1]
			}
			return m
		}
	}
	return luoshi.Say("api.field.unreadable", "text", text)
}
