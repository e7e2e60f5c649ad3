package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"luoshi.dev"
	"luoshi.dev/internal/account"
	"luoshi.dev/internal/store"
)

func (a *app) userCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use: "user", Short: "Add people who sign in, reset and unlock them",
		Long: `Whoever may open the database may run its accounts here; each command is recorded in
the history. People are named by their sign-in name, or by number (#12).`,
	}
	for _, sub := range []*cobra.Command{a.userAddCmd(), a.userListCmd(), a.userResetCmd(), a.userUnlockCmd(), a.userLinkCmd(), a.userAnonymiseCmd()} {
		wrapArgs(sub)
		cmd.AddCommand(sub)
	}
	return group(cmd)
}

// group makes a command that only holds others say which there are.
func group(cmd *cobra.Command) *cobra.Command {
	cmd.Args = cobra.ArbitraryArgs
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return cmd.Help()
		}
		return usageError{fmt.Errorf("there is no command %q\nSee: %s --help", cmd.Name()+" "+args[0], cmd.CommandPath())}
	}
	return cmd
}

// accounts opens the accounts of the database.
func (a *app) accounts(ctx context.Context) (*account.Accounts, *store.Store, error) {
	_, st, err := a.open(ctx)
	if err != nil {
		return nil, nil, err
	}
	return account.New(st, time.Now, account.Options{}), st, nil
}

// withPerson runs do on the person that a text names.
func (a *app) withPerson(ctx context.Context, text string, do func(accounts *account.Accounts, p account.Listed) error) error {
	accounts, st, err := a.accounts(ctx)
	if err != nil {
		return err
	}
	defer st.Close()
	list, err := accounts.People(ctx, account.System)
	if err != nil {
		return err
	}
	for _, p := range list {
		if number(p.ID) == text || p.Login != "" && p.Login == luoshi.FoldLogin(text) {
			return do(accounts, p)
		}
	}
	return &luoshi.Error{Code: luoshi.NotFound, Message: luoshi.Say("cli.no_person", "login", text)}
}

func (a *app) userAddCmd() *cobra.Command {
	var name, role, unit, from string
	cmd := &cobra.Command{
		Use: "add LOGIN", Short: "Add somebody, and print their first password once",
		Long: `Add somebody who signs in, with a post if --role is given. The first password is
printed once, kept nowhere, and changed at the first sign-in.`,
		Example: "  luoshi user add chengyuan --name 程予安 --role reporter --unit 340100 --from 2026-01-01",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if role == "" && (cmd.Flags().Changed("unit") || cmd.Flags().Changed("from")) {
				return usageError{errors.New("--unit and --from say where and since when a post is held: give its --role")}
			}
			accounts, st, err := a.accounts(cmd.Context())
			if err != nil {
				return err
			}
			defer st.Close()
			p := luoshi.Person{Login: args[0], Name: cmp.Or(name, args[0])}
			var posts []luoshi.Post
			if role != "" {
				post, err := postOf(cmd.Context(), st, role, unit, from)
				if err != nil {
					return err
				}
				posts = []luoshi.Post{post}
			}
			id, password, err := accounts.AddPerson(cmd.Context(), account.System, p, posts...)
			if err != nil {
				return err
			}
			a.say("cli.user_added", "login", luoshi.FoldLogin(args[0]), "number", number(id), "password", password)
			return nil
		},
	}
	cmd.Flags().StringVar(&name, "name", "", "name as shown; default the sign-in name")
	cmd.Flags().StringVar(&role, "role", "", "a post: administrator, planner, reporter, reviewer, leader, inspector, auditor, viewer")
	cmd.Flags().StringVar(&unit, "unit", "", "code of the unit of the post; default the highest")
	cmd.Flags().StringVar(&from, "from", "", "first day of the post; default today")
	var roles []string
	for _, r := range luoshi.Roles {
		roles = append(roles, string(r))
	}
	complete(cmd, "role", roles...)
	return cmd
}

// postOf is the post that flags name. Before there are units it is at the one that
// will be the first.
func postOf(ctx context.Context, st *store.Store, role, unit, from string) (luoshi.Post, error) {
	today := luoshi.DateOf(time.Now())
	p := luoshi.Post{Role: luoshi.Role(role), Unit: account.TopUnit, From: today}
	if from != "" {
		var err error
		if p.From, err = luoshi.ParseDate(from); err != nil {
			return p, err
		}
	}
	units, err := st.Units(ctx, time.Time{})
	if err != nil {
		return p, err
	}
	tree, _ := luoshi.NewTree(units, today)
	switch at, ok := tree.ByCode(unit); {
	case unit == "" && tree.Len() > 0:
		p.Unit = tree.Nodes[0].ID
	case unit != "" && !ok:
		return p, &luoshi.Error{Code: luoshi.NotFound, Message: luoshi.Say("cli.no_unit", "code", unit)}
	case unit != "":
		p.Unit = tree.Nodes[at].ID
	}
	return p, nil
}

func (a *app) userListCmd() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List the people, their posts and how their accounts stand", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			accounts, st, err := a.accounts(cmd.Context())
			if err != nil {
				return err
			}
			defer st.Close()
			list, err := accounts.People(cmd.Context(), account.System)
			if err != nil {
				return err
			}
			units, err := st.Units(cmd.Context(), time.Time{})
			if err != nil {
				return err
			}
			codes := map[luoshi.UnitID]string{}
			for _, u := range units {
				codes[u.ID] = u.Code
			}
			a.printPeople(list, codes)
			return nil
		},
	}
}

func (a *app) printPeople(list []account.Listed, codes map[luoshi.UnitID]string) {
	word := func(key string) string { return a.words.Word(a.lang(), key) }
	rows := make([][]string, len(list))
	for i, p := range list {
		var posts, state []string
		for _, post := range p.Posts {
			text := word("role."+string(post.Role)) + " " + codes[post.Unit] + " " + post.From.String() + "–"
			if post.Until != 0 {
				text += post.Until.String()
			}
			posts = append(posts, text)
		}
		for _, s := range []struct {
			is  bool
			key string
		}{{p.Anonymous, "cli.user_anonymous"}, {p.Disabled && !p.Anonymous, "cli.user_disabled"}, {p.MustChange, "cli.user_must_change"}, {p.SecondOn, "cli.user_second"}, {!p.Until.IsZero(), "cli.user_locked"}} {
			if s.is {
				state = append(state, word(s.key))
			}
		}
		rows[i] = []string{number(p.ID), p.Login, p.Name, strings.Join(posts, "; "), strings.Join(state, ", ")}
	}
	heads := []string{"#", word("cli.user_login"), word("cli.user_name"), word("cli.user_posts"), word("cli.user_state")}
	a.table(heads, rows, len(heads))
}

func (a *app) userResetCmd() *cobra.Command {
	var second bool
	cmd := &cobra.Command{
		Use: "reset LOGIN", Short: "Give somebody a new first password, printed once, and sign them out",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withPerson(cmd.Context(), args[0], func(accounts *account.Accounts, p account.Listed) error {
				password, err := accounts.Reset(cmd.Context(), account.System, p.ID, second)
				if err == nil {
					a.say("cli.user_reset", "login", p.Login, "number", number(p.ID), "password", password)
				}
				return err
			})
		},
	}
	cmd.Flags().BoolVar(&second, "second-factor", false, "take away the second factor too")
	return cmd
}

func (a *app) userUnlockCmd() *cobra.Command {
	return &cobra.Command{
		Use: "unlock LOGIN", Short: "Let somebody sign in again at once after failed attempts", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withPerson(cmd.Context(), args[0], func(accounts *account.Accounts, p account.Listed) error {
				err := accounts.Unlock(cmd.Context(), account.System, p.ID)
				if err == nil {
					a.say("cli.user_unlocked", "login", p.Login)
				}
				return err
			})
		},
	}
}

func (a *app) userAnonymiseCmd() *cobra.Command {
	var reason string
	cmd := &cobra.Command{
		Use: "anonymise LOGIN", Short: "Take somebody's name away for good; what they did stays on record",
		Long: `Take away for good what tells who somebody is: name and sign-in name, in every version.
They can no longer sign in. What they did stays in the history under a number that
leads back to nobody, and the chain stays intact. It cannot be undone.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withPerson(cmd.Context(), args[0], func(accounts *account.Accounts, p account.Listed) error {
				err := accounts.Anonymise(cmd.Context(), account.System, p.ID, reason)
				if err == nil {
					a.say("cli.user_anonymised", "number", number(p.ID))
				}
				return err
			})
		},
	}
	cmd.Flags().StringVar(&reason, "reason", "", "why; kept in the history (needed)")
	return cmd
}
